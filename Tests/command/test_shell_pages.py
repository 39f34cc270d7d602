"""The commands of the pages on vaults, teams, migrating and contributing, as they stand there."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

from compiled import go_variables
from pages import block, blocks
from people import REPOSITORY, Person, script


def test_the_folders_of_a_vault(person: Person) -> None:
    """The page names all that is there, and what is never committed is what git ignores."""
    tree, _ = blocks("docs/vault.md", "The vault", "", 2)
    drawn: dict[str, str] = {}
    above: list[str] = []
    for indent, name, comment in re.findall(r"^( *)(\S+)(.*)$", tree, re.M):
        above[len(indent) // 2 :] = [name]
        drawn["".join(above)] = comment.strip()

    folder = person.project / "vault/dev/layer3"
    person.set("layer3/cloud-credentials.yaml", "s3.access_key_id", "AKIAEXAMPLE")
    (folder / "tls.pem").write_text("made up")
    person.run("encrypt")
    person.run("decrypt", "layer3/cloud-credentials.yaml")
    own = person.project / "vault/dev/.recipients"
    own.mkdir()
    (own / "dev.txt").write_text((person.project / "vault/.recipients/dev.txt").read_text())
    there = {str(path.relative_to(person.project)) + "/" * path.is_dir() for path in person.project.rglob("*")}
    others = {f"vault/dev/layer{number}/" for number in range(3)} | {"vault/dev/.recipients/dev.txt"}
    assert {path for path in there if not path.startswith(".git/")} - others == set(drawn)

    assert (person.project / ".kstack.yaml").read_text() == f"{drawn['.kstack.yaml']}\n"
    assert drawn[".gitattributes"] in (person.project / ".gitattributes").read_text().splitlines()
    never = {path for path, comment in drawn.items() if "never committed" in comment}
    files = sorted(path for path in drawn if not path.endswith("/"))
    assert set(person.call("git", "check-ignore", *files).text.split()) == never


def test_the_age_program_writes_and_reads_a_file(person: Person) -> None:
    """The file of the page is what the comments in it say."""
    text = block("docs/vault.md", "The vault", "yaml")
    write, read = blocks("docs/vault.md", "The vault", "sh", 2)
    (person.project / "cloud-credentials.yaml").write_text(text)
    person.shell(write)
    assert person.shell(read).text == text
    values = {"access_key_id": "AKIAEXAMPLE", "pin": "0123", "hosts": '["a","b"]', "token": ""}
    for name, value in values.items():
        assert person.run("get", "s3", "--layer", "layer3", name).text == value
    assert person.run("ls", "services").text.split() == ["layer3/s3", "layer3/database"]
    for said in ('it is written: "0123"', 'is its JSON: ["a","b"]', "null is the empty string"):
        assert said in text


def test_git_has_a_conflict(person: Person) -> None:
    """Two clones change one line, and the page's commands end the conflict."""
    _, commands = blocks("docs/team.md", "When two people change a file", "sh", 2)
    person.set("layer3/app.yaml", "token", "old")
    person.git("add", ".")
    person.git("commit", "-qm", "Begin")
    person.git("clone", "-q", "--bare", ".", str(person.home / "shop.git"))
    person.git("remote", "add", "origin", str(person.home / "shop.git"))
    person.git("fetch", "-q")
    person.git("branch", "-q", "-u", "origin/main")
    other = replace(person, project=person.home / "other")
    person.git("clone", "-q", str(person.home / "shop.git"), str(other.project))
    other.run("init", "--git")
    for one, value in ((other, "theirs"), (person, "mine")):
        one.set("layer3/app.yaml", "token", value)
        one.git("commit", "-qam", value)
    other.git("push", "-q")

    pull, *rest = commands.splitlines()
    said = person.shell(pull, code=1)
    (file,) = re.findall(r"# CONFLICT in (\S+)$", pull)
    assert re.search(rf"^CONFLICT .* {re.escape(file)}$", said.text, re.M)
    choose = ['cp "$1" "$HOME/seen"', "printf 'token: both\\n' > \"$1\""]
    person.shell("\n".join(rest), more={"EDITOR": script(person.home / "choose", choose)})
    assert "<<<<<<<" in (person.home / "seen").read_text()
    assert person.age("layer3/secret.app.yaml") == "token: both\n"
    assert person.git("status", "--porcelain").text == ""
    assert person.git("log", "--format=%s").text.split() == ["mine", "theirs", "Begin"]


def test_from_dotenv(person: Person) -> None:
    (person.project / ".env").write_text("API_KEY=made-up\n")
    (person.project / "s3.env").write_text("ACCESS_KEY_ID=AKIAEXAMPLE\n")
    script(person.project / "server", ['echo "$API_KEY"'])
    assert person.shell(block("docs/migrating.md", "From dotenv", "sh")).text == "made-up\n"
    assert not (person.project / ".env").exists()
    assert person.run("get", "s3", "-l", "3", "ACCESS_KEY_ID").text == "AKIAEXAMPLE"


def test_from_sops(person: Person) -> None:
    """What stands for sops prints a file, or a part of one, as sops does once it has decrypted it."""
    commands = block("docs/migrating.md", "From sops", "sh")
    for name, text in (("app", "api-key: made-up\n"), ("s3", "access_key_id: AKIAEXAMPLE\n"), ("all", "s3:\n")):
        (person.project / f"{name}.enc.yaml").write_text(text)
    (person.home / "bin").mkdir()
    part = "'-d --extract [\"s3\"] all.enc.yaml') echo 'region: 0123' ;;"
    cases = [part, "'-d '*.enc.yaml) cat \"$2\" ;;", "*) exit 1 ;;"]
    script(person.home / "bin" / "sops", ['case "$*" in', *cases, "esac"])
    person.shell(commands, more={"PATH": f"{person.home}/bin:{person.environment['PATH']}"})
    assert json.loads(person.run("secrets", "-l", "3").text) == {"api-key": "made-up"}
    assert json.loads(person.run("get", "s3", "-l", "3").text) == {"access_key_id": "AKIAEXAMPLE", "region": "0123"}


def test_contributing(tmp_path: Path, somebody: Person) -> None:
    """Each line names what is there; what it would build and run is only listed, as the other tests do the rest."""
    commands = block("CONTRIBUTING.md", "Building and testing", "sh")
    asked, listed = tmp_path / "asked", tmp_path / "listed"
    script(tmp_path / "swift", [f'echo "$@" >> {asked}'])
    given = f'for one; do case $one in -test.run=*) "$1" -test.list "${{one#*=}}" >> {listed};; esac; done'
    more = {
        "GOCACHE": go_variables()["GOCACHE"],
        "GOFLAGS": f"-exec={script(tmp_path / 'lister', [given])} -vet=off",
        "MAKEFLAGS": "n",
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTEST_ADDOPTS": "--collect-only -q",
    }
    said = somebody.shell(commands, cwd=REPOSITORY, more=more).text
    build, test = asked.read_text().splitlines()
    assert build == "build --build-tests --explicit-target-dependency-import-check error"
    (suite,) = re.findall(r"^test --skip-build --filter (\w+)$", test)
    assert list((REPOSITORY / "Tests").glob(f"*/{suite}.swift"))
    assert "echo '== test_vault'" in said
    assert re.search(r"^\d+/\d+ tests collected", said, re.M)
    assert re.search("^TestVault", listed.read_text(), re.M)
