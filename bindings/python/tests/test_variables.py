"""Layer secrets as variables of the process: all or none, and none by which programs run code."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from conftest import REPOSITORY, Project, Run
from kstack_lib.any import KStackConfigurationError
from kstack_lib.any._variables import RESERVED, RESERVED_PREFIXES
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
        ("good: 1\na-b: canary-4711\nA_B: canary-4711\n", r"'a-b' and 'A_B' of .* are both for the variable A_B"),
        ("good: 1\na=b: canary-4711\n", r"'a=b', name 2 of .*, is no name for a variable"),
        ("good: 1\n'': canary-4711\n", r"'', name 2 of .*, is no name for a variable"),
        ('good: 1\nbad: "canary-4711\\0"\n', r"'bad', name 2 of .*, holds a NUL"),
        ("good: 1\nstra\u00dfe: canary-4711\n", r"name 2 of .*layer3/secret.app.yaml, is no name for a variable"),
        ("good: 1\n0a: canary-4711\n", r"'0a', name 2 of .*, is no name for a variable"),
        ("good: 1\na.b: canary-4711\n", r"'a.b', name 2 of .*, is no name for a variable"),
        ("good: 1\n-: canary-4711\n", r"'-', name 2 of .*, is no name for a variable"),
        ('good: 1\n"a\\n": canary-4711\n', r"'a\\n', name 2 of .*, is no name for a variable"),
        ("good: 1\nld-preload: canary-4711\n", r"name 2 of .*, would be the variable LD_PRELOAD, by which programs"),
        ("good: 1\nPath: canary-4711\n", r"name 2 of .*, would be the variable PATH, by which programs"),
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
        with pytest.raises(KStackConfigurationError, match=r"layer1/secret\.db\.yaml, would be the variable"):
            load_secrets_for_layer("layer3", auto_export=True)
        assert dict(os.environ) == before
    # What only looks like one of them is exported.
    project.encrypt("shared_with: [layer3]\nold_path: a\nenvy: b\n", "db.yaml", layer="layer1")
    try:
        load_secrets_for_layer("layer3", auto_export=True)
        assert (os.environ["OLD_PATH"], os.environ["ENVY"]) == ("a", "b")
    finally:
        for name in ("OLD_PATH", "ENVY"):
            os.environ.pop(name, None)


def test_reserved_variables_are_the_same_everywhere() -> None:
    names = sorted([*RESERVED, *(f"{prefix}*" for prefix in RESERVED_PREFIXES)])
    source = (REPOSITORY / "bindings/go/environ.go").read_text(encoding="utf-8")
    table = source[source.index("var reserved") : source.index("// Environ ")]
    found = {one if one in RESERVED else f"{one}*" for one in re.findall(r'"([A-Z0-9_]+)"', table)}
    assert sorted(found) == names
    section = (REPOSITORY / "docs" / "layer-secrets.md").read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}`" not in section] == []


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
    assert "'bad', name 2 of" in done.stdout and "locale" in done.stdout
    assert done.stdout.endswith(" None None\nTrue\n")
    assert "canary" not in done.stdout + done.stderr
