"""The examples of README.md and of the pages run as they stand, in a project made as the quick start makes it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from conftest import REPOSITORY, Run


def blocks(language: str, page: str, section: str | None = None) -> list[str]:
    """The blocks of a page in a language, in their order; of one section, or of all."""
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    found = []
    for part in re.split(r"^## ", text, flags=re.MULTILINE):
        if section is None or section == part.split("\n", 1)[0]:
            all_blocks = re.findall(r"^```(\w*)\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
            found += [block for name, block in all_blocks if name == language]
    return found


def shell(commands: str, folder: Path) -> None:
    """Run the commands of an example, with this Python as python3, and the program that was built."""
    path = f"{REPOSITORY / 'build' / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    subprocess.run(["bash", "-euc", commands], cwd=folder, env=environment, check=True, capture_output=True, timeout=60)


@pytest.fixture
def quick_start(tmp_path: Path, clean: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder made by the commands of the quick start."""
    (commands,) = [block for block in blocks("sh", "README.md") if block.startswith("kstack init")]
    folder = tmp_path / "readme"
    folder.mkdir()
    shell(commands, folder)
    monkeypatch.chdir(folder)
    return folder


def test_the_python_examples(quick_start: Path, run: Run) -> None:
    # Those for a pod are run in one, by the tests of pods; other sections have tests of their own.
    pages = (("README.md", "Quick start"), ("docs/vault.md", None), ("docs/pod.md", "Where the program runs"))
    found = [block for page, section in pages for block in blocks("python", page, section)]
    printed = []
    for number, block in enumerate(found):
        done = run("-W", "error", "-c", block)
        assert (done.returncode, done.stderr) == (0, ""), f"example {number}:\n{block}\n{done.stderr}"
        printed.append(done.stdout)
    credentials, vault, guard = printed
    assert credentials == "AKIAEXAMPLE\n"
    assert vault.splitlines() == [
        "b'made up'",
        "layer3/cloud-credentials.yaml WRITTEN ",
        "layer3/tls.pem UNCHANGED plaintext removed",
        "layer3/cloud-credentials.yaml UNCHANGED ",
        "layer3/tls.pem UNCHANGED ",
        "layer3/cloud-credentials.yaml ENCRYPTED True True",
        "layer3/tls.pem ENCRYPTED True True",
    ]
    assert re.fullmatch(r"In cluster: False\nGuard works: .+\n", guard)
    assert run("-c", found[0]).stdout == credentials
    plaintexts = [path.name for path in (quick_start / "vault").rglob("*") if path.is_file()]
    assert sorted(plaintexts) == [".kstack-state", "dev.txt", "secret.cloud-credentials.yaml", "secret.tls.pem"]


def example(page: str, section: str | None, folder: Path, run: Run, *options: str) -> str:
    """Run the commands of a page, or of one section of it, then its Python, and give what that printed."""
    (commands,) = blocks("sh", page, section)
    (code,) = blocks("python", page, section)
    shell(commands, folder)
    done = run(*options, "-c", code)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def test_layer_secrets(quick_start: Path, run: Run) -> None:
    assert example("docs/layer-secrets.md", None, quick_start, run, "-W", "error") == "made-up made-up-too\n" * 2


def test_recipes(quick_start: Path, run: Run) -> None:
    (code,) = blocks("python", "docs/recipes.md")
    assert run("-W", "error", "-c", code).stdout == "['access_key_id', 'secret_access_key']\n"


def test_providers(quick_start: Path, run: Run) -> None:
    output, _ = blocks("", "docs/providers.md", "Providers")
    assert example("docs/providers.md", "Providers", quick_start, run, "-W", "error") == output


def test_aws_credential_process(quick_start: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    assert example("docs/providers.md", "AWS credential process", quick_start, run) == "custom-process AKIAEXAMPLE\n"


def test_cloud_clients(quick_start: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    (commands,) = blocks("sh", "docs/providers.md", "Cloud clients")
    (code,) = blocks("python", "docs/providers.md", "Cloud clients")
    shell(commands, quick_start)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        # The port of the example may be in use here.
        file = quick_start / "config/providers/localstack.yaml"
        file.write_text(file.read_text().replace(":4566", f":{server.get_host_and_port()[1]}"))
        done = run("-W", "error", "-c", code)
    finally:
        server.stop()
    assert (done.returncode, done.stdout, done.stderr) == (0, "b'hello'\n200\n", "")


def test_own_provider(clean: Path, run: Run, tmp_path: Path) -> None:
    (code,) = blocks("python", "docs/own-provider.md")
    for pod in (None, ()):
        done = run("-W", "error", "-c", code, pod=pod)
        expected = "['access_key_id', 'pin']\nthere is no service smtp in layer3\n"
        assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")
    (program,) = blocks("c", "docs/own-provider.md")
    source, library = tmp_path / "own.c", os.environ["KSTACK_LIBRARY"]
    source.write_text(program)
    flags = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{REPOSITORY / 'Include'}"]
    subprocess.run(["cc", *flags, str(source), library, "-o", str(tmp_path / "own")], check=True)
    environment = {**os.environ, "LD_LIBRARY_PATH": str(Path(library).parent)}
    done = subprocess.run([tmp_path / "own"], env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("AKIATEST\n", "")


def test_own_provider_in_go() -> None:
    """What the page shows is what the example of the package runs."""
    examples = (REPOSITORY / "bindings" / "go" / "example_test.go").read_text(encoding="utf-8")
    found = blocks("go", "docs/own-provider.md")
    assert len(found) == 2
    for block in found:
        assert block in examples.replace("\n\t", "\n") or block in examples


def test_logging(quick_start: Path, run: Run) -> None:
    (code,) = blocks("python", "docs/errors.md", "Logging")
    done = run("-W", "error", "-c", code)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")


def test_the_gitignore_of_the_project_is_that_of_the_examples(quick_start: Path) -> None:
    """What the pages say is never committed is ignored, and what it says is committed is not."""
    lines = next(block for block in blocks("", "docs/vault.md") if block.startswith("vault/"))
    assert (quick_start / ".gitignore").read_text() == lines
    subprocess.run(["git", "init", "-q"], check=True)
    ignored = ["vault/dev/.kstack-state", "vault/dev/layer3/.kstack-tmp-0", "vault/dev/layer3/cloud-credentials.yaml"]
    kept = ["vault/.recipients/dev.txt", "vault/dev/.recipients/dev.txt", "vault/dev/layer3/secret.tls.pem"]
    done = subprocess.run(["git", "check-ignore", *ignored, *kept], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.split() == ignored
