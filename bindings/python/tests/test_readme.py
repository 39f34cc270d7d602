"""The examples of README.md and of the pages on vaults run as they stand, in a project as the quick start makes it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from conftest import Project, Run, shell
from kstack_lib.any import KStackConflictError
from kstack_lib.local.security import KStackVault
from pages import block, blocks


def output(run: Run, code: str, *options: str) -> str:
    """Run Python, which has to succeed and to say nothing else, and give what it printed."""
    done = run(*options, "-W", "error", "-c", code)
    assert (done.returncode, done.stderr) == (0, ""), f"{code}\n{done.stderr}"
    return done.stdout


def test_the_quick_start(quick_start: Path, run: Run) -> None:
    assert output(run, block("README.md", "Quick start", "python")) == "AKIAEXAMPLE\n"


def test_a_vault(quick_start: Path, run: Run) -> None:
    assert output(run, block("docs/vault.md", "Decrypting, encrypting, writing", "python")).splitlines() == [
        "b'made up'",
        "layer3/cloud-credentials.yaml WRITTEN ",
        "layer3/tls.pem UNCHANGED plaintext removed",
        "layer3/cloud-credentials.yaml UNCHANGED ",
        "layer3/tls.pem UNCHANGED ",
        "layer3/cloud-credentials.yaml ENCRYPTED True True",
        "layer3/tls.pem ENCRYPTED True True",
    ]
    plaintexts = [path.name for path in (quick_start / "vault").rglob("*") if path.is_file()]
    assert sorted(plaintexts) == [".kstack-state", "dev.txt", "secret.cloud-credentials.yaml", "secret.tls.pem"]


def test_the_guard(run: Run) -> None:
    code = block("docs/pod.md", "Where the program runs", "python")
    assert re.fullmatch(r"In cluster: False\nGuard works: .+\n", output(run, code))
    done = run("-c", code, pod=())
    assert (done.returncode, done.stdout, done.stderr) == (0, "In cluster: True\n", "")


def test_layer_secrets(quick_start: Path, run: Run) -> None:
    shell(block("docs/layer-secrets.md", "Layer secrets", "sh"), quick_start)
    assert output(run, block("docs/layer-secrets.md", "Layer secrets", "python")) == "made-up made-up-too\n" * 2


def test_recipes(quick_start: Path, run: Run) -> None:
    code = block("docs/recipes.md", "How often to call", "python")
    assert output(run, code) == "['access_key_id', 'secret_access_key']\n"


def test_logging(quick_start: Path, run: Run) -> None:
    assert output(run, block("docs/errors.md", "Logging", "python")) == "0\n"


def test_the_gitignore_of_the_project_is_that_of_the_page(quick_start: Path) -> None:
    """What the page says is never committed is ignored, and what it says is committed is not."""
    _, lines = blocks("docs/vault.md", "The vault", "", 2)
    assert (quick_start / ".gitignore").read_text() == lines
    subprocess.run(["git", "init", "-q"], check=True)
    ignored = ["vault/dev/.kstack-state", "vault/dev/layer3/.kstack-tmp-0", "vault/dev/layer3/cloud-credentials.yaml"]
    kept = ["vault/.recipients/dev.txt", "vault/dev/.recipients/dev.txt", "vault/dev/layer3/secret.tls.pem"]
    done = subprocess.run(["git", "check-ignore", *ignored, *kept], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.split() == ignored


def test_a_conflict(project: Project) -> None:
    """Ana's edit and Ben's meet; the report says what the page shows, and what the page does next keeps both."""
    project.recipients()
    vault = KStackVault("dev")
    vault.decrypt()
    path = vault.get_file("layer3", "cloud-credentials.yaml")
    path.write_text("s3: {access-key: Ana}\n")
    project.encrypt("s3: {access-key: Ben}\n")
    with pytest.raises(KStackConflictError) as caught:
        vault.encrypt()
    (file,) = caught.value.report
    said = " ".join(block("docs/team.md", "When two people change a file", "").split()).replace("…", str(path.parent))
    assert f"{file.path} {file.result.name} {file.message}" == said

    keep, _ = blocks("docs/team.md", "When two people change a file", "sh", 2)
    shell(keep, project.root)
    vault.decrypt()
    assert (path.read_text(), Path("mine.yaml").read_text()) == ("s3: {access-key: Ben}\n", "s3: {access-key: Ana}\n")
