"""Git: readable diffs, and merges of encrypted files."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import Meet
from people import CONFLICT, FILES, Person, script

BASE = "one: 1\ntwo: 2\nthree: 3\nfour: 4\nfive: 5\n"


@pytest.fixture
def branched(person: Person) -> Person:
    """A file that is committed, on main and on a branch."""
    (person.project / "vault/dev/layer3/app.yaml").write_text(BASE)
    person.run("encrypt")
    person.git("add", "-A")
    person.git("commit", "-qm", "Start")
    person.git("branch", "other")
    return person


def change(person: Person, branch: str, key: str, value: str) -> None:
    person.git("checkout", "-q", branch)
    person.set("layer3/app.yaml", key, value)
    person.git("commit", "-qam", f"{key} is {value}")


def test_a_diff_shows_the_change_to_those_who_may_read(branched: Person) -> None:
    branched.set("layer3/app.yaml", "two", "canary")
    shown = branched.git("diff").text
    assert '-two: 2\n+two: "canary"\n' in shown
    branched.git("commit", "-qam", "Change")
    assert '+two: "canary"' in branched.git("show").text
    assert branched.git("for-each-ref", "refs/notes").text == ""
    branched.keys.unlink()
    shown = branched.git("show").text
    assert "canary" not in shown
    # Everybody sees that it changed.
    assert len(set(re.findall(r"^[-+]\(encrypted, SHA-256 ([0-9a-f]{16}); ", shown, re.M))) == 2
    assert "git-blob" not in shown


def test_two_branches_that_changed_other_lines_merge(branched: Person) -> None:
    change(branched, "other", "one", "theirs")
    change(branched, "main", "five", "ours")
    branched.git("merge", "-q", "--no-edit", "other")
    assert branched.age("layer3/secret.app.yaml") == BASE.replace("1", '"theirs"').replace("5", '"ours"')
    assert branched.git("status", "--porcelain").text == ""
    assert branched.run("status", "--check").err == ""


def test_a_rebase_merges_as_well(branched: Person) -> None:
    change(branched, "other", "one", "theirs")
    change(branched, "main", "five", "ours")
    branched.git("rebase", "-q", "other")
    assert branched.age("layer3/secret.app.yaml") == BASE.replace("1", '"theirs"').replace("5", '"ours"')


def test_the_same_lines_are_left_to_people(branched: Person) -> None:
    change(branched, "other", "two", "theirs")
    change(branched, "main", "two", "ours")
    said = branched.git("merge", "--no-edit", "other", code=1)
    assert "both sides changed the same lines" in said.err
    assert "kstack edit --merge" in said.err
    assert 'two: "ours"' in branched.age("layer3/secret.app.yaml")
    assert branched.git("ls-files", "-u").text.count("secret.app.yaml") == 3

    # Remaining conflict markers are not encrypted.
    said = branched.run("edit", "--merge", "layer3/app.yaml", more={"EDITOR": "true"}, code=CONFLICT)
    assert "still has conflict markers" in said.err
    choose = ['cp "$1" "$HOME/seen"', 'sed -i -e "/^<<<</d" -e "/^====/,/^>>>>/d" "$1"']
    editor = script(branched.home / "choose", choose)
    branched.run("edit", "--merge", "layer3/app.yaml", more={"EDITOR": editor})
    seen = (branched.home / "seen").read_text()
    assert '<<<<<<< ours\ntwo: "ours"\n=======\ntwo: "theirs"\n>>>>>>> theirs\n' in seen
    branched.git("add", "-A")
    branched.git("commit", "-qm", "Merge")
    assert branched.age("layer3/secret.app.yaml") == BASE.replace("2", '"ours"')


def test_a_merge_without_conflict_needs_no_edit(branched: Person) -> None:
    said = branched.run("edit", "--merge", "layer3/app.yaml", more={"EDITOR": "true"}, code=None)
    assert said.code != 0
    assert "no unfinished merge" in said.err


def test_a_merge_that_cannot_be_written_leaves_ours(branched: Person) -> None:
    encrypted = (branched.project / "vault/dev/layer3/secret.app.yaml").read_bytes()
    versions = [branched.project / name for name in ("base", "ours", "theirs")]
    for version in versions:
        version.write_bytes(encrypted)
    # A limit on the size of files stands for a full disk.
    limited = ("sh", "-c", "trap '' XFSZ; exec prlimit --fsize=150 \"$@\"", "sh")
    merge = ("kstack", "git-merge", *map(str, versions), "--path", "vault/dev/layer3/secret.app.yaml")
    said = branched.call(*limited, *merge, code=FILES)
    assert f"{versions[1]}: File too large (errno 27)" in said.err
    assert versions[1].read_bytes() == encrypted


def test_a_colleague_without_a_key_keeps_the_conflict(branched: Person, meet: Meet) -> None:
    change(branched, "other", "one", "theirs")
    change(branched, "main", "five", "ours")
    before = (branched.project / "vault/dev/layer3/secret.app.yaml").read_bytes()
    branched.keys.unlink()
    assert branched.git("merge", "--no-edit", "other", code=1)
    assert (branched.project / "vault/dev/layer3/secret.app.yaml").read_bytes() == before


def test_a_merge_is_encrypted_for_the_current_team(branched: Person, meet: Meet) -> None:
    ben = meet("ben")
    ben.run("keygen", "-o", "keys.txt")
    key = ben.call("age-keygen", "-y", "keys.txt").text.strip()
    change(branched, "other", "one", "theirs")
    change(branched, "main", "five", "ours")
    branched.run("recipients", "add", key, "--name", "ben")
    branched.git("commit", "-qam", "Add ben")
    branched.git("merge", "-q", "--no-edit", "other")
    path = str(branched.project / "vault/dev/layer3/secret.app.yaml")
    assert "theirs" in ben.call("age", "-d", "-i", "keys.txt", path).text


def nested(person: Person, folder: str) -> Person:
    """The same person in another project, in a folder of the repository, with a file on two branches."""
    project = person.project / folder
    project.mkdir(parents=True)
    inner = replace(person, project=project)
    inner.run("init", "--git", "-C", ".")
    (project / "vault/dev/layer3/app.yaml").write_text(BASE)
    inner.run("encrypt")
    inner.git("add", "-A")
    inner.git("commit", "-qm", f"Start {folder}")
    return inner


def test_projects_in_folders_of_a_repository(somebody: Person) -> None:
    somebody.git("init", "-q", "-b", "main")
    projects = [nested(somebody, "shops/the shop"), nested(somebody, "bank")]
    somebody.git("branch", "other")
    for project in projects:
        project.set("layer3/app.yaml", "two", "canary")
        assert '-two: 2\n+two: "canary"\n' in somebody.git("diff").text
        assert '+two: "canary"\n' in project.git("diff").text
        project.git("commit", "-qam", "Change")
        change(project, "other", "five", "theirs")
        project.git("checkout", "-q", "main")
    somebody.git("merge", "-q", "--no-edit", "other")
    for project in projects:
        merged = project.age("layer3/secret.app.yaml")
        assert merged == BASE.replace("2", '"canary"').replace("5", '"theirs"')

    tree = replace(somebody, project=somebody.home / "a tree")
    somebody.git("worktree", "add", "-q", str(tree.project), "other")
    assert '+five: "theirs"' in tree.git("show").text
    tree.git("merge", "-q", "--no-edit", "main")


def test_a_merge_is_encrypted_for_the_environment_of_the_file(branched: Person, meet: Meet) -> None:
    ben = meet("ben")
    ben.run("keygen", "-o", "keys.txt")
    key = ben.call("age-keygen", "-y", "keys.txt").text.strip()
    branched.run("init", "--environment", "prod")
    own = branched.project / "vault/prod/.recipients"
    own.mkdir()
    (own / "dev.txt").write_text(f"{branched.key}\n{key}\n")
    (branched.project / "vault/prod/layer3/app.yaml").write_text(BASE)
    branched.run("encrypt", "-e", "prod")
    branched.git("add", "-A")
    branched.git("commit", "-qm", "Add prod")
    branched.git("branch", "-f", "other")
    for branch, name in (("other", "one"), ("main", "five")):
        branched.git("checkout", "-q", branch)
        branched.run("set", "-e", "prod", "layer3/app.yaml", name, given="canary")
        branched.git("commit", "-qam", name)
    branched.git("merge", "-q", "--no-edit", "other")
    path = str(branched.project / "vault/prod/layer3/secret.app.yaml")
    assert ben.call("age", "-d", "-i", "keys.txt", path).text.count("canary") == 2


def test_a_clone_that_is_not_set_up_keeps_both_versions_whole(branched: Person, meet: Meet) -> None:
    change(branched, "other", "one", "theirs")
    change(branched, "main", "five", "ours")
    ben = meet("ben")
    ben.git("clone", "-q", str(branched.project), ".")
    path: Path = ben.project / "vault/dev/layer3/secret.app.yaml"
    before = path.read_bytes()
    # Most age files have no NUL, so git would treat them as text.
    assert ben.git("check-attr", "merge", "--", str(path)).text.endswith(" merge: unset\n")
    ben.git("merge", "--no-edit", "origin/other", code=1)
    assert path.read_bytes() == before
    assert len(ben.git("ls-files", "-u").text.splitlines()) == 3


def test_a_file_that_both_made_is_merged(person: Person) -> None:
    person.git("add", "-A")
    person.git("commit", "-qm", "Start")
    person.git("branch", "other")
    for branch, value in (("other", "theirs"), ("main", "ours")):
        person.git("checkout", "-q", branch)
        person.set("layer3/app.yaml", "token", value)
        person.git("add", "-A")
        person.git("commit", "-qm", value)
    person.git("merge", "--no-edit", "other", code=1)
    editor = script(person.home / "choose", ['sed -i -e "/^<<<</d" -e "/^====/,/^>>>>/d" "$1"'])
    said = person.run("edit", "--merge", "layer3/app.yaml", more={"EDITOR": editor})
    assert said.err == "written  layer3/app.yaml\n"
    assert person.age("layer3/secret.app.yaml") == 'token: "ours"\n'


@pytest.mark.parametrize(("removed", "side"), [("main", "ours"), ("other", "theirs")])
def test_a_file_that_one_side_removed_is_not_merged(branched: Person, removed: str, side: str) -> None:
    path = "vault/dev/layer3/secret.app.yaml"
    change(branched, "main" if removed == "other" else "other", "one", "changed")
    branched.git("checkout", "-q", removed)
    branched.git("rm", "-q", path)
    branched.git("commit", "-qm", "Remove")
    branched.git("checkout", "-q", "main")
    branched.git("merge", "--no-edit", "other", code=1)
    said = branched.run("edit", "--merge", "layer3/app.yaml", more={"EDITOR": "true"}, code=CONFLICT)
    assert f" {side} removed" in said.err
    assert "git rm" in said.err
    assert "fatal" not in said.err
    branched.git("add", path)
    branched.git("commit", "-qm", "Merge")
    assert '"changed"' in branched.age("layer3/secret.app.yaml")


def test_a_merge_outside_of_git(somebody: Person) -> None:
    somebody.run("init")
    somebody.set("layer3/app.yaml", "token", "canary")
    said = somebody.run("edit", "--merge", "layer3/app.yaml", code=None)
    assert "is not in a git repository" in said.err
    assert "fatal" not in said.err
