"""The examples of the pages on providers, of the cloud and of one's own, run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from compiled import build_c
from conftest import REPOSITORY, Run, shell
from kstack_lib.any import KStackConfigurationError
from kstack_lib.any.config import resolve_service
from pages import block, blocks


@pytest.fixture
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of AWS of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)


def test_providers(quick_start: Path, run: Run) -> None:
    shell(block("docs/providers.md", "Providers", "sh"), quick_start)
    shown, refused = blocks("docs/providers.md", "Providers", "", 2)
    done = run("-W", "error", "-c", block("docs/providers.md", "Providers", "python"))
    assert (done.returncode, done.stdout, done.stderr) == (0, shown, "")

    # The error that the page shows is that of its own file, with two mistakes in it.
    file = quick_start / "config/providers/localstack.yaml"
    text = file.read_text().replace("provider_family: aws ", "provider_family: AWS ")
    file.write_text(re.sub(r"endpoint_url: http://localstack\.\S+", "endpoint_url: [a]", text))
    with pytest.raises(KStackConfigurationError) as caught:
        resolve_service("s3", layer="layer3")
    assert str(caught.value) == " ".join(refused.split()).replace("…", str(quick_start))


def test_aws_credential_process(quick_start: Path, run: Run, no_aws: None) -> None:
    shell(block("docs/providers.md", "AWS credential process", "sh"), quick_start)
    done = run("-c", block("docs/providers.md", "AWS credential process", "python"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "custom-process AKIAEXAMPLE\n", "")


def test_cloud_clients(quick_start: Path, run: Run, no_aws: None) -> None:
    shell(block("docs/providers.md", "Cloud clients", "sh"), quick_start)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        # The port of the example may be in use here.
        file = quick_start / "config/providers/localstack.yaml"
        file.write_text(file.read_text().replace(":4566", f":{server.get_host_and_port()[1]}"))
        done = run("-W", "error", "-c", block("docs/providers.md", "Cloud clients", "python"))
    finally:
        server.stop()
    assert (done.returncode, done.stdout, done.stderr) == (0, "b'hello'\n200\n", "")


def test_own_provider(run: Run) -> None:
    code = block("docs/own-provider.md", "Your own provider", "python")
    for pod in (None, ()):
        done = run("-W", "error", "-c", code, pod=pod)
        expected = "['access_key_id', 'pin']\nthere is no service smtp in layer3\n"
        assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")


def test_handlers_are_wired(quick_start: Path, run: Run) -> None:
    code = block("docs/own-provider.md", "Your own provider", "py")
    handler = code.replace("        ...\n", '        return credentials["access_key_id"]\n')
    assert handler != code
    lines = ["from flask import Flask", "app = Flask(__name__)", handler, 'print(app.test_client().get("/").text)']
    done = run("-c", "\n".join(lines))
    assert (done.returncode, done.stdout, done.stderr) == (0, "AKIAEXAMPLE\n", "")


def test_own_provider_in_c(tmp_path: Path) -> None:
    program = build_c(block("docs/own-provider.md", "Your own provider", "c"), tmp_path / "own")
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("AKIATEST\n", "")


def test_own_provider_in_go() -> None:
    """What the page shows is what the example of the package runs."""
    examples = (REPOSITORY / "bindings" / "go" / "example_test.go").read_text(encoding="utf-8")
    for code in blocks("docs/own-provider.md", "Your own provider", "go", 2):
        assert code in examples.replace("\n\t", "\n") or code in examples
