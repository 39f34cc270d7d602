"""Layer secrets as environment variables: all or none, and none that could make programs run code."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from conftest import REPOSITORY, Project, Run
from kstack_lib.any import KStackConfigurationError
from kstack_lib.any.security import load_secrets_for_layer


def test_auto_export_sets_variables_and_existing_ones_win(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.encrypt("api-key: of-the-vault\ndb-url: x=y\nDB_USER: app\nnothing:\n", "app.yaml")
    for name in ("DB_URL", "DB_USER", "NOTHING"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("API_KEY", "")
    before = dict(os.environ)
    load_secrets_for_layer("layer3")
    assert dict(os.environ) == before
    secrets = load_secrets_for_layer("layer3", auto_export=True)
    assert secrets["api-key"] == "of-the-vault"
    assert dict(os.environ) == {**before, "DB_URL": "x=y", "DB_USER": "app", "NOTHING": ""}
    child = subprocess.run([sys.executable, "-c", "import os; print(os.environ['DB_URL'])"], stdout=subprocess.PIPE)
    assert child.stdout == b"x=y\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("good: 1\na-b: canary-4711\nA_B: canary-4711\n", r"'a-b' and 'A_B' in .* are both for the variable A_B"),
        ("good: 1\na=b: canary-4711\n", r"'a=b' \(name 2\) in .* is not a valid variable name"),
        ("good: 1\n'': canary-4711\n", r"'' \(name 2\) in .* is not a valid variable name"),
        ('good: 1\nbad: "canary-4711\\0"\n', r"the value of 'bad' in .* holds a NUL"),
        ("good: 1\nstra\u00dfe: canary-4711\n", r"\(name 2\) in .*layer3/secret.app.yaml is not a valid variable name"),
        ("good: 1\n0a: canary-4711\n", r"'0a' \(name 2\) in .* is not a valid variable name"),
        ("good: 1\na.b: canary-4711\n", r"'a.b' \(name 2\) in .* is not a valid variable name"),
        ("good: 1\n-: canary-4711\n", r"'-' \(name 2\) in .* is not a valid variable name"),
        ('good: 1\n"a\\n": canary-4711\n', r"\(name 2\) in .* is not a valid variable name"),
        (
            "good: 1\nld-preload: canary-4711\n",
            r"secret 'ld-preload' in .* cannot be exported: setting LD_PRELOAD could",
        ),
        ("good: 1\nPath: canary-4711\n", r"secret 'Path' in .* cannot be exported: setting PATH could"),
    ],
)
def test_nothing_is_exported_when_something_cannot_be(project: Project, content: str, message: str) -> None:
    project.encrypt(content, "app.yaml")
    before = dict(os.environ)
    with pytest.raises(KStackConfigurationError, match=message) as caught:
        load_secrets_for_layer("layer3", auto_export=True)
    assert "canary" not in str(caught.value)
    assert dict(os.environ) == before
    assert len(load_secrets_for_layer("layer3")) == content.count("\n")


def test_a_file_of_another_layer_runs_no_code(project: Project) -> None:
    for name in ("LD_PRELOAD", "PYTHONSTARTUP", "BASH_ENV", "bash-func-ls", "git_ssh_command", "KSTACK_LIBRARY"):
        project.encrypt(f"shared_with: [layer3]\n{name}: /canary\n", "db.yaml", layer="layer1")
        before = dict(os.environ)
        with pytest.raises(KStackConfigurationError, match=r"layer1/secret\.db\.yaml cannot be exported"):
            load_secrets_for_layer("layer3", auto_export=True)
        assert dict(os.environ) == before
    # A name that only resembles one of them is exported.
    project.encrypt("shared_with: [layer3]\nold_path: a\nenvy: b\n", "db.yaml", layer="layer1")
    try:
        load_secrets_for_layer("layer3", auto_export=True)
        assert (os.environ["OLD_PATH"], os.environ["ENVY"]) == ("a", "b")
    finally:
        for name in ("OLD_PATH", "ENVY"):
            os.environ.pop(name, None)


def reserved_variables() -> list[str]:
    """Return the variables of the page that no secret may set, with a letter for each wildcard."""
    section = (REPOSITORY / "docs" / "layer-secrets.md").read_text(encoding="utf-8")
    part = section[section.index("is not to run code") :]
    return [name.replace("*", "X") for name in re.findall(r"`([A-Z0-9_]+\*?)`", part)]


def test_no_secret_sets_what_the_page_names(project: Project) -> None:
    names = reserved_variables()
    assert {"PATH", "LD_X", "KSTACK_X", "PYTHONX", "GOFLAGS"} <= set(names)
    assert len(names) > 60
    path = project.root / "vault/dev/layer3/app.yaml"
    for name in names:
        path.write_text(f"{name.lower()}: canary-4711\n")
        with pytest.raises(
            KStackConfigurationError, match=f"setting {name} could make programs run other code"
        ) as caught:
            load_secrets_for_layer("layer3", auto_export=True)
        assert "canary" not in str(caught.value)


IN_ASCII = """
import os, sys, traceback
from kstack_lib.any.security import load_secrets_for_layer
before = dict(os.environb)
try:
    load_secrets_for_layer("layer3", auto_export=True)
except Exception as error:
    print(type(error).__name__, ascii(str(error)), error.__context__, error.__cause__)
    traceback.print_exc()
print(before == dict(os.environb))
"""


def test_a_value_that_the_locale_cannot_hold(project: Project, run: Run) -> None:
    project.encrypt("good: 1\nbad: canary-p\u00e4ss\n", "app.yaml")
    done = run("-c", IN_ASCII, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="utf-8")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("KStackConfigurationError ")
    assert "the value for BAD in" in done.stdout and "locale" in done.stdout
    assert done.stdout.endswith(" None None\nTrue\n")
    assert "canary" not in done.stdout + done.stderr
