"""Files of a vault: shown, changed in place, imported."""

from __future__ import annotations

import fcntl
import json
import os
import signal

import pexpect
import pytest
import yaml

from people import CONFIGURATION, CONFLICT, INVALID, NOT_FOUND, PROGRAM, USAGE, VAULT, Person, ended

COMMENTED = """\
# Rotated in May.
db:
  host: 'db.example.org'   # by ops

  password: "old"  # ask ben
list: [1, 2]
last: end
"""


def encrypted(person: Person, name: str, text: str | bytes) -> None:
    """Put a file into the vault, as people do."""
    content = text.encode() if isinstance(text, str) else text
    (person.project / "vault" / "dev" / name).write_bytes(content)
    person.run("encrypt")


def test_cat_prints_the_bytes(person: Person) -> None:
    encrypted(person, "layer3/data.bin", bytes(range(256)))
    assert person.run("cat", "layer3/data.bin").out == bytes(range(256))
    assert not (person.project / "vault/dev/layer3/data.bin").exists()


def test_a_terminal_gets_binary_data_only_when_forced(person: Person) -> None:
    encrypted(person, "layer3/data.bin", b"\x00\x1b[31mcanary")
    said, code = ended(person.terminal("cat", "layer3/data.bin"))
    assert code == INVALID
    assert "canary" not in said
    assert "--force" in said
    said, code = ended(person.terminal("cat", "--force", "layer3/data.bin"))
    assert code == 0
    assert "canary" in said


def test_set_changes_one_value_and_nothing_else(person: Person) -> None:
    encrypted(person, "layer3/app.yaml", COMMENTED)
    person.set("layer3/app.yaml", "db.password", "new\n")
    assert person.run("cat", "layer3/app.yaml").text == COMMENTED.replace('"old"', '"new"')
    assert person.age("layer3/secret.app.yaml") == COMMENTED.replace('"old"', '"new"')


@pytest.mark.parametrize(
    "value",
    [
        "x",
        "a: b # c",
        "'",
        '"\\',
        "line 1\nline 2",
        "tab\tbell\x07",
        "äé 🗝",
        "{{x}}",
        "yes",
        "0123",
        "*a",
        "- a",
        " ",
    ],
)
def test_any_value_comes_back_as_it_was(person: Person, value: str) -> None:
    for key in ("one", "two.three"):
        person.set("layer3/cloud-credentials.yaml", f"s3.{key}", value)
    assert person.run("get", "s3", "--layer", "3", "one").text == value
    loaded = json.loads(person.run("get", "s3", "--layer", "3").text)
    assert loaded == {"one": value, "two": {"three": value}}


def test_keys_are_added_where_they_belong(person: Person) -> None:
    encrypted(person, "layer3/app.yaml", COMMENTED)
    person.set("layer3/app.yaml", "db.user", "u")
    person.set("layer3/app.yaml", "other.deep.key", "v")
    text = person.run("cat", "layer3/app.yaml").text
    assert all(line in text for line in COMMENTED.splitlines())
    assert yaml.safe_load(text) == {
        "db": {"host": "db.example.org", "password": "old", "user": "u"},
        "list": [1, 2],
        "last": "end",
        "other": {"deep": {"key": "v"}},
    }


def test_unset_removes_one_value(person: Person) -> None:
    encrypted(person, "layer3/app.yaml", COMMENTED)
    person.run("unset", "layer3/app.yaml", "db.password")
    text = person.run("cat", "layer3/app.yaml").text
    assert yaml.safe_load(text) == {"db": {"host": "db.example.org"}, "list": [1, 2], "last": "end"}
    assert "# Rotated in May." in text
    assert "no" in person.run("unset", "layer3/app.yaml", "db.nobody", code=None).err


def test_what_cannot_be_set_loses_nothing(person: Person) -> None:
    encrypted(person, "layer3/app.yaml", COMMENTED)
    before = (person.project / "vault/dev/layer3/secret.app.yaml").read_bytes()
    for key in ("db", "list.0", "a..b", "last.x"):
        said = person.run("set", "layer3/app.yaml", key, given="canary", code=None)
        assert said.code in (CONFIGURATION, INVALID), (key, said)
        assert "canary" not in said.err
    assert (person.project / "vault/dev/layer3/secret.app.yaml").read_bytes() == before


def test_a_value_is_asked_for_without_showing_it(person: Person) -> None:
    terminal = person.terminal("set", "layer3/app.yaml", "token")
    terminal.expect_exact("value of token: ")
    terminal.sendline("canary")
    said, code = ended(terminal)
    assert code == 0
    assert "canary" not in said
    assert person.run("secrets", "--layer", "3").text == '{"token":"canary"}\n'


def test_an_interrupt_at_the_prompt_changes_nothing(person: Person) -> None:
    terminal = person.terminal("set", "layer3/app.yaml", "token")
    terminal.expect_exact("value of token: ")
    terminal.sendintr()
    terminal.expect_exact([pexpect.EOF])
    terminal.close()
    assert terminal.signalstatus == signal.SIGINT
    assert person.run("ls").text == ""


def test_encrypt_and_decrypt_print_one_line_per_file(person: Person) -> None:
    encrypted(person, "layer3/app.yaml", COMMENTED)
    assert person.run("decrypt").text == "written  layer3/app.yaml\n"
    assert (person.project / "vault/dev/layer3/app.yaml").read_text() == COMMENTED
    (person.project / "vault/dev/layer3/app.yaml").write_text("a: 1\n")
    assert person.run("decrypt", code=None).code != 0
    assert person.run("decrypt", "--overwrite").text == "written  layer3/app.yaml\n"
    assert person.run("encrypt", "layer3/app.yaml").text == "unchanged  layer3/app.yaml: plaintext removed\n"


def test_a_file_that_nobody_here_can_read(person: Person) -> None:
    encrypted(person, "layer3/app.yaml", "a: 1\n")
    said = person.run("cat", "layer3/ap.yaml", code=NOT_FOUND)
    assert "app.yaml" in said.err
    assert "layer3" in person.run("cat", "layr3/app.yaml", code=INVALID).err
    assert person.run("cat", "app.yaml", code=USAGE).err
    person.keys.unlink()
    said = person.run("cat", "layer3/app.yaml", code=VAULT)
    assert "no age identity" in said.err


ENV = """\
# from the old server
export TOKEN=abc
EMPTY=
SPACED = ' a # b '
QUOTED="x=y\\n\\"z\\"" # a note
SINGLE='x\\n'
PLAIN=a b#c
"""


def test_a_dotenv_file_is_imported(person: Person) -> None:
    (person.project / "old.env").write_text(ENV)
    person.run("import", "--layer", "layer3", "--service", "shop", "old.env")
    wanted = {
        "TOKEN": "abc",
        "EMPTY": "",
        "SPACED": " a # b ",
        "QUOTED": 'x=y\n"z"',
        "SINGLE": "x\\n",
        "PLAIN": "a b#c",
    }
    assert json.loads(person.run("get", "shop", "--layer", "3").text) == wanted
    assert not (person.project / "vault/dev/layer3/cloud-credentials.yaml").exists()


def test_json_and_yaml_are_imported_from_a_pipe(person: Person) -> None:
    person.run("import", "-l", "3", "--format", "json", "-", given='{"a.b": "1", "c": true, "d": 1.50}')
    person.run("import", "-l", "3", "--format", "yaml", given="c: no\ne: |\n  two\n  lines\n")
    assert json.loads(person.run("secrets", "-l", "3").text) == {
        "a.b": "1",
        "c": "no",
        "d": "1.50",
        "e": "two\nlines\n",
    }


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("env", "canary\n"),
        ("env", "A='canary\n"),
        ("env", "A=canary # note\n"),
        ("env", "A='canary' x\n"),
        ("json", '{"a": '),
        ("yaml", "a: {b: 1}\n"),
        ("yaml", ""),
        ("json", "[1]"),
    ],
)
def test_what_cannot_be_imported_leaves_the_vault_alone(person: Person, form: str, text: str) -> None:
    said = person.run("import", "-l", "3", "--format", form, given=text, code=CONFIGURATION)
    assert "canary" not in said.err
    assert person.run("ls").text == ""


def test_simultaneous_changes_are_all_kept(person: Person) -> None:
    command = f"for i in 1 2 3 4 5 6 7 8; do echo v$i | {PROGRAM} set layer3/app.yaml k$i 2>&1 & done; wait"
    person.call("bash", "-c", command)
    assert json.loads(person.run("secrets", "-l", "3").text) == {f"k{i}": f"v{i}" for i in range(1, 9)}


def test_nothing_changes_without_a_value(person: Person) -> None:
    person.set("layer3/app.yaml", "token", "old")
    assert person.run("set", "layer3/app.yaml", "token", code=INVALID)
    terminal = person.terminal("set", "layer3/app.yaml", "token")
    terminal.expect_exact("value of token: ")
    terminal.send("\x04")
    said, code = ended(terminal)
    assert code == INVALID
    assert "nothing was typed" in said
    terminal = person.terminal("set", "layer3/app.yaml", "token")
    terminal.expect_exact("value of token: ")
    terminal.send("abc\x04\x04")
    assert ended(terminal)[1] == INVALID
    assert person.run("secrets", "-l", "3").text == '{"token":"old"}\n'


@pytest.mark.parametrize(
    ("text", "key", "wanted"),
    [
        ("b: 1\na: |+\n  l1\n\n", "c", {"b": 1, "a": "l1\n\n", "c": "new"}),
        ("b: 1\na: |\n  l1\n", "c", {"b": 1, "a": "l1\n", "c": "new"}),
        ("a: >-\n  l1\n\n\n# end\n", "c", {"a": "l1", "c": "new"}),
        ("tls.crt: old\nb: 1\n", "tls.crt", {"tls.crt": "new", "b": 1}),
        ("s3: {a: 1}\nx:\n  tls.crt: old\n", "x.tls.crt", {"s3": {"a": 1}, "x": {"tls.crt": "new"}}),
        ("b: 1\n", r"tls\.crt", {"b": 1, "tls.crt": "new"}),
        ("s3:\nb: 1\n", "s3.k", {"s3": {"k": "new"}, "b": 1}),
        ("b: 1\ns3:\n", "s3.k.l", {"s3": {"k": {"l": "new"}}, "b": 1}),
        ("s3:  # nothing yet\nb: 1\n", "s3.k", {"s3": {"k": "new"}, "b": 1}),
        ("a: 1", "b", {"a": 1, "b": "new"}),
        ("x:\n  y: 1\n\nz: 2\n", "x.w", {"x": {"y": 1, "w": "new"}, "z": 2}),
        ("k:\n  a: |\n    x\nz: 1\n", "k.b", {"k": {"a": "x\n", "b": "new"}, "z": 1}),
        ("k:\n  a: |+\n    x\n\n# end\nz: 1\n", "k.b", {"k": {"a": "x\n\n", "b": "new"}, "z": 1}),
    ],
)
def test_only_what_was_named_changes(person: Person, text: str, key: str, wanted: object) -> None:
    encrypted(person, "layer3/app.yaml", text)
    person.set("layer3/app.yaml", key, "new")
    assert yaml.safe_load(person.run("cat", "layer3/app.yaml").text) == wanted


def test_unset_and_set_again(person: Person) -> None:
    person.set("layer3/cloud-credentials.yaml", "s3.a", "1")
    person.run("unset", "layer3/cloud-credentials.yaml", "s3.a")
    person.set("layer3/cloud-credentials.yaml", "s3.b", "2")
    assert person.run("get", "s3", "-l", "3").text == '{"b":"2"}\n'


def test_a_plaintext_next_to_a_changed_file_is_reported(person: Person) -> None:
    person.set("layer3/app.yaml", "token", "old")
    person.run("decrypt")
    assert "kstack decrypt layer3/app.yaml" in person.run("set", "layer3/app.yaml", "token", given="new").err


def test_a_long_run_is_reported_on_a_terminal(person: Person) -> None:
    person.set("layer3/app.yaml", "token", "old")
    folder = os.open(person.project / "vault/dev", os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    terminal = person.terminal("decrypt")
    terminal.expect_exact("kstack: decrypting, 1 s")
    os.close(folder)
    said, code = ended(terminal)
    assert code == 0
    assert "written  layer3/app.yaml" in said


@pytest.mark.parametrize("command", ["set", "edit", "import"])
def test_a_plaintext_that_was_never_encrypted_is_not_ignored(person: Person, command: str) -> None:
    path = person.project / "vault/dev/layer3/app.yaml"
    path.write_text("a: 1\n")
    arguments = {"set": ["layer3/app.yaml", "k"], "edit": ["layer3/app.yaml"], "import": ["-l", "3", "--format", "env"]}
    said = person.run(command, *arguments[command], given="K=v", more={"EDITOR": "true"}, code=CONFLICT)
    assert "encrypt it first" in said.err
    assert path.read_text() == "a: 1\n"
    assert not path.with_name("secret.app.yaml").exists()
