"""Making a project, and identities."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import Meet
from people import CONFIGURATION, CONFLICT, Person, ended


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git/" not in str(path)
    }


def test_one_command_makes_everything(somebody: Person) -> None:
    somebody.git("init", "-q")
    said = somebody.run("init", "--git")
    assert said.out == b""
    assert "Next: kstack set" in said.err
    assert somebody.key in (somebody.project / "vault/.recipients/dev.txt").read_text()
    assert stat.S_IMODE(somebody.keys.stat().st_mode) == 0o600
    assert (somebody.project / ".kstack.yaml").read_text() == "environment: dev\n"
    somebody.set("layer3/app.yaml", "token", "canary")
    assert somebody.run("secrets", "--layer", "layer3").text == '{"token":"canary"}\n'
    assert somebody.age("layer3/secret.app.yaml") == 'token: "canary"\n'


def test_a_second_run_changes_nothing(person: Person) -> None:
    before = everything(person.home)
    said = person.run("init", "--git")
    assert everything(person.home) == before
    assert "kept  .kstack.yaml" in said.err
    assert "made" not in said.err


def test_existing_files_stay(somebody: Person) -> None:
    (somebody.project / ".gitignore").write_text("node_modules")
    (somebody.project / ".kstack.yaml").write_text("environment: test\n")
    somebody.run("init", "--environment", "test", "--team", "ops")
    ignored = (somebody.project / ".gitignore").read_text()
    assert ignored.startswith("node_modules\nvault/**/*\n")
    assert (somebody.project / ".kstack.yaml").read_text() == "environment: test\n"
    assert (somebody.project / "vault/.recipients/ops.txt").exists()


def test_lines_end_as_before(somebody: Person) -> None:
    path = somebody.project / ".gitignore"
    path.write_bytes(b"node_modules\r\n*.log\r\n")
    somebody.run("init")
    text = path.read_bytes()
    assert text.startswith(b"node_modules\r\n*.log\r\nvault/**/*\r\n")
    assert text.count(b"\n") == text.count(b"\r\n")
    somebody.git("init", "-q")
    somebody.set("layer3/app.yaml", "token", "canary")
    somebody.run("decrypt")
    somebody.git("add", "-A")
    assert "vault/dev/layer3/app.yaml" not in somebody.git("ls-files").text
    assert "vault/dev/layer3/secret.app.yaml" in somebody.git("ls-files").text


def test_git_adds_what_it_should_and_no_more(person: Person) -> None:
    person.set("layer3/app.yaml", "token", "canary")
    person.run("decrypt")
    (person.project / "vault/dev/layer3/.app.yaml.swp").write_text("canary")
    (person.project / "vault/dev/layer2/notes.txt").write_text("canary")
    person.git("add", "-A")
    added = set(person.git("ls-files").text.split())
    assert added == {
        ".gitattributes",
        ".gitignore",
        ".kstack.yaml",
        "vault/.recipients/dev.txt",
        "vault/dev/layer3/secret.app.yaml",
    }


def test_a_newcomer_learns_how_to_be_added(person: Person, meet: Meet) -> None:
    other = meet("ben")
    other.git("clone", "-q", str(person.project), ".")
    other.call("cp", "-r", f"{person.project}/vault", f"{person.project}/.kstack.yaml", ".")
    said = other.run("init")
    assert f"kstack recipients add {other.key} --name ben" in said.err
    assert other.key not in (other.project / "vault/.recipients/dev.txt").read_text()


def test_an_identity_is_never_overwritten(somebody: Person) -> None:
    made = somebody.run("keygen", "-o", "keys.txt")
    key = somebody.call("age-keygen", "-y", "keys.txt").text.strip()
    assert made.err == f"Public key: {key}\n"
    assert stat.S_IMODE((somebody.project / "keys.txt").stat().st_mode) == 0o600
    before = (somebody.project / "keys.txt").read_bytes()
    assert "already exists" in somebody.run("keygen", "-o", "keys.txt", code=CONFLICT).err
    assert (somebody.project / "keys.txt").read_bytes() == before


def test_an_identity_goes_to_standard_output(somebody: Person) -> None:
    made = somebody.run("keygen")
    assert re.fullmatch(r"# public key: age1[a-z0-9]{58}\nAGE-SECRET-KEY-1[A-Z0-9]{58}\n", made.text)
    assert made.err.split()[-1] == made.text.split()[3]


def test_a_passphrase_is_asked_for_and_not_shown(somebody: Person) -> None:
    terminal = somebody.terminal("keygen", "--passphrase", "-o", "keys.txt")
    for prompt in ("Passphrase: ", "Again: "):
        terminal.expect_exact(prompt)
        terminal.sendline("canary phrase")
    said, code = ended(terminal)
    assert code == 0
    assert "canary" not in said
    assert "Public key: age1" in said
    # The age program asks for it as well.
    assert b"-> scrypt " in (somebody.project / "keys.txt").read_bytes()


def test_two_passphrases_that_differ_write_nothing(somebody: Person) -> None:
    terminal = somebody.terminal("keygen", "--passphrase", "-o", "keys.txt")
    for prompt, phrase in (("Passphrase: ", "one"), ("Again: ", "two")):
        terminal.expect_exact(prompt)
        terminal.sendline(phrase)
    assert ended(terminal)[1] != 0
    assert not (somebody.project / "keys.txt").exists()


def test_setting_up_git_requires_a_repository(somebody: Person) -> None:
    said = somebody.run("init", "--git", code=CONFIGURATION)
    assert "git init" in said.err
    assert "fatal" not in said.err
    assert everything(somebody.home) == {}


def test_what_the_file_names_is_made(somebody: Person) -> None:
    (somebody.project / ".kstack.yaml").write_text("environment: staging\nteam: ops\nvault: ./secrets/\n")
    somebody.git("init", "-q")
    somebody.run("init")
    assert (somebody.project / "secrets/staging/layer3").is_dir()
    assert [path.name for path in (somebody.project / "secrets/.recipients").iterdir()] == ["ops.txt"]
    assert not (somebody.project / "vault").exists()
    assert not (somebody.project / "secrets/dev").exists()
    somebody.set("layer3/app.yaml", "token", "canary")
    somebody.run("decrypt")
    somebody.git("add", "-A")
    assert "secrets/staging/layer3/app.yaml" not in somebody.git("ls-files").text
    assert "secrets/staging/layer3/secret.app.yaml" in somebody.git("ls-files").text
    # Arguments come first.
    somebody.run("init", "--environment", "prod", "--team", "web")
    assert (somebody.project / "secrets/prod/layer3").is_dir()
    assert (somebody.project / "secrets/.recipients/web.txt").exists()


@pytest.mark.parametrize("name", ["se[c]rets", "a*b?", "back\\slash", "!vault", "#vault", "[vault", "in/!it"])
def test_a_vault_of_any_name_is_ignored(somebody: Person, name: str) -> None:
    (somebody.project / ".kstack.yaml").write_text(f"environment: dev\nvault: '{name}'\n")
    somebody.git("init", "-q")
    somebody.run("init")
    somebody.set("layer3/app.yaml", "token", "canary")
    somebody.run("decrypt")
    somebody.git("add", "-A")
    added = somebody.git("ls-files", "-z").text.split("\0")
    assert f"{name}/dev/layer3/app.yaml" not in added
    assert f"{name}/dev/layer3/secret.app.yaml" in added
    assert f"{name}/.recipients/dev.txt" in added
    # A second run adds nothing.
    assert "kept  .gitignore" in somebody.run("init").err


def test_a_newcomer_to_another_team_sees_its_name(person: Person, meet: Meet) -> None:
    person.run("init", "--team", "ops")
    other = meet("ben")
    other.call("cp", "-r", f"{person.project}/vault", f"{person.project}/.kstack.yaml", ".")
    said = other.run("init", "--team", "ops")
    assert f"kstack recipients add {other.key} --name ben --team ops, then" in said.err


def test_a_folder_of_a_project_does_not_become_a_project_by_mistake(person: Person) -> None:
    before = everything(person.home)
    (person.project / "docs").mkdir()
    inner = replace(person, project=person.project / "docs")
    said = inner.run("init", code=CONFIGURATION)
    assert str(person.project / ".kstack.yaml") in said.err
    assert everything(person.home) == before
    inner.run("init", "-C", ".", "--environment", "test")
    assert (inner.project / ".kstack.yaml").read_text() == "environment: test\n"
    assert (inner.project / "vault/test/layer0").is_dir()
