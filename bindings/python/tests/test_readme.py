"""The examples of README.md run as they stand, one after another, in a project made as the quick start makes it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from conftest import REPOSITORY, Run


def blocks(language: str) -> list[str]:
    """The blocks of README.md in a language, in their order."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def quick_start(tmp_path: Path, clean: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder made by the commands of the quick start."""
    (commands,) = [block for block in blocks("sh") if "> .kstack.yaml" in block]
    folder = tmp_path / "readme"
    folder.mkdir()
    subprocess.run(["bash", "-euc", commands], cwd=folder, check=True, capture_output=True, timeout=60)
    monkeypatch.chdir(folder)
    return folder


def test_the_python_examples(quick_start: Path, run: Run) -> None:
    # Those for a pod are run in one, by the tests of pods.
    found = [block for block in blocks("python") if "kstack_lib.cluster.config" not in block]
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
        "layer3/tls.pem UNCHANGED ",
    ]
    assert re.fullmatch(r"In cluster: False\nGuard works: .+\n", guard)
    assert run("-c", found[0]).stdout == credentials
    plaintexts = [path.name for path in (quick_start / "vault").rglob("*") if path.is_file()]
    assert sorted(plaintexts) == [".kstack-state", "dev.txt", "secret.cloud-credentials.yaml", "secret.tls.pem"]


def test_the_gitignore_of_the_project_is_that_of_the_examples(quick_start: Path) -> None:
    """What README.md says is never committed is ignored, and what it says is committed is not."""
    (quick_start / ".gitignore").write_text((REPOSITORY / ".gitignore").read_text())
    subprocess.run(["git", "init", "-q"], check=True)
    ignored = ["vault/dev/.kstack-state", "vault/dev/layer3/.kstack-tmp-0", "vault/dev/layer3/cloud-credentials.yaml"]
    kept = ["vault/.recipients/dev.txt", "vault/dev/.recipients/dev.txt", "vault/dev/layer3/secret.tls.pem"]
    done = subprocess.run(["git", "check-ignore", *ignored, *kept], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.split() == ignored
