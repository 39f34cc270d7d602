"""A team: who can read, and what is stale."""

from __future__ import annotations

import shutil
from pathlib import Path

from conftest import Meet
from people import CONFIGURATION, CONFLICT, NOT_FOUND, VAULT, Person, script


def test_a_colleague_is_added_and_removed(person: Person, meet: Meet) -> None:
    person.set("layer3/app.yaml", "token", "canary")
    ben = meet("ben")
    ben.run("keygen", "-o", "keys.txt")
    key = ben.call("age-keygen", "-y", "keys.txt").text.strip()
    said = person.run("recipients", "add", key, "--name", "ben")
    assert "kstack rekey --environment dev" in said.err
    assert person.run("recipients").text == f"{person.key}  # ada\n{key}  # ben\n"
    path = str(person.project / "vault/dev/layer3/secret.app.yaml")
    assert ben.call("age", "-d", "-i", "keys.txt", path, code=None).code != 0
    assert person.run("rekey", "--check", code=1).text.startswith("stale  layer3/app.yaml: ")
    assert person.run("status", "--check", code=1).err
    assert person.run("rekey").text == "written  layer3/app.yaml\n"
    assert person.run("rekey", "--check").text == "unchanged  layer3/app.yaml\n"
    assert ben.call("age", "-d", "-i", "keys.txt", path).text == 'token: "canary"\n'
    # age can read the recipients file.
    recipients = str(person.project / "vault/.recipients/dev.txt")
    sealed = person.call("age", "-R", recipients, given="x").out
    assert ben.call("age", "-d", "-i", "keys.txt", given=sealed).text == "x"

    said = person.run("recipients", "remove", "ben")
    assert said.text == "dev/layer3/app.yaml: token\n"
    assert "change the secrets" in said.err
    person.run("rekey")
    assert ben.call("age", "-d", "-i", "keys.txt", path, code=None).code != 0
    assert person.run("status", "--check").err == ""


def test_nobody_is_locked_out_by_mistake(person: Person) -> None:
    path = person.project / "vault/.recipients/dev.txt"
    before = path.read_text()
    assert person.run("recipients", "add", "age1canary", code=None).code in (CONFIGURATION, 10, VAULT)
    secret = person.keys.read_text().splitlines()[-1]
    said = person.run("recipients", "add", secret, code=None)
    assert said.code != 0
    assert secret not in said.err
    assert person.run("recipients", "remove", "nobody", code=NOT_FOUND)
    person.run("recipients", "add", person.key, "--name", "again")
    assert path.read_text() == before


def test_comments_stay(person: Person) -> None:
    path = person.project / "vault/.recipients/dev.txt"
    path.write_text(f"# The team of the shop.\n\n# ada\n{person.key}\n")
    other = "age1m52luth02wc8xm3fkyqt63e2w9c4p0nr8d9hxamgct3zatd6gp6qzkxz02"
    key = person.call("age-keygen", "-o", "k").err.split()[-1] or other
    person.run("recipients", "add", key, "--name", "ben")
    assert path.read_text() == f"# The team of the shop.\n\n# ada\n{person.key}\n# ben\n{key}\n"
    person.run("recipients", "remove", key)
    assert path.read_text() == f"# The team of the shop.\n\n# ada\n{person.key}\n"


def test_status_reports_what_git_would_commit(person: Person) -> None:
    person.set("layer3/app.yaml", "token", "canary")
    assert person.run("status", "--check").err == ""
    person.run("decrypt")
    assert person.run("status", "--check").err == ""
    (person.project / "vault/dev/layer3/app.yaml").write_text("token: edited\n")
    said = person.run("status", "--check", code=1)
    assert "dev/layer3/app.yaml was edited; encrypt it" in said.err
    person.run("encrypt")
    (person.project / ".gitignore").unlink()
    person.run("decrypt")
    said = person.run("status", "--check", code=1)
    assert "git would commit the plaintext" in said.err
    (person.project / "vault/dev/layer2/notes.txt").write_text("canary")
    assert "dev/layer2/notes.txt" in person.run("status", "--check", code=1).err


def test_status_works_without_an_identity(person: Person) -> None:
    person.set("layer3/app.yaml", "token", "canary")
    person.keys.unlink()
    said = person.run("status", "--check")
    assert "no identity" in said.text
    assert "encrypted, current  dev/layer3/app.yaml: there is no identity to open it with\n" in said.text


def other_key(person: Person, name: str) -> str:
    """Return the public key of somebody else."""
    return person.call("age-keygen", "-o", str(person.home / name)).err.split()[-1]


def test_a_person_with_several_keys_is_removed_with_all(somebody: Person) -> None:
    somebody.keys.parent.mkdir(parents=True)
    ada, ben, more, last = (other_key(somebody, name) for name in ("ada", "ben", "more", "last"))
    somebody.keys.write_text((somebody.home / "ada").read_text() + (somebody.home / "more").read_text())
    somebody.keys.chmod(0o600)
    somebody.run("init")
    path = somebody.project / "vault/.recipients/dev.txt"
    assert path.read_text() == f"# ada\n{ada}\n# ada\n{more}\n"
    somebody.run("recipients", "add", ben, "--name", "ben")
    # A key without a name does not count as ben's.
    somebody.run("recipients", "add", last)
    assert somebody.run("recipients").text == f"{ada}  # ada\n{more}  # ada\n{ben}  # ben\n{last}\n"
    somebody.run("recipients", "remove", "ada")
    assert path.read_text() == f"# ben\n{ben}\n\n{last}\n"


def test_a_name_counts_up_to_the_next(person: Person) -> None:
    path = person.project / "vault/.recipients/dev.txt"
    one, two, three = (other_key(person, name) for name in ("one", "two", "three"))
    path.write_text(f"# The shop\r\n# ben\r\n{one}\r\n{two}\r\n# ada\r\n{person.key}\r\n\r\n{three}\r\n")
    person.run("recipients", "remove", one)
    # The lines end as before.
    left = f"# The shop\r\n# ben\r\n{two}\r\n# ada\r\n{person.key}\r\n\r\n{three}\r\n"
    assert path.read_bytes().decode() == left
    person.run("recipients", "add", one, "--name", "ben")
    assert path.read_bytes().decode() == f"{left}# ben\r\n{one}\r\n"
    person.run("recipients", "remove", one)
    assert path.read_bytes().decode() == left
    path.write_text(f"# The shop\n# ben\n{one}\n{two}\n# ada\n{person.key}\n\n{three}\n")
    person.run("recipients", "remove", "ben")
    assert path.read_text() == f"# The shop\n# ada\n{person.key}\n\n{three}\n"


def test_the_last_reader_stays(person: Person) -> None:
    path = person.project / "vault/.recipients/dev.txt"
    before = path.read_text()
    said = person.run("recipients", "remove", "ada", code=CONFLICT)
    assert "kstack recipients add" in said.err
    assert path.read_text() == before
    other = other_key(person, "ben")
    person.run("recipients", "add", other, "--name", "ben")
    assert "warning" not in person.run("recipients", "remove", "ben").err
    person.run("recipients", "add", other, "--name", "ben")
    said = person.run("recipients", "remove", "ada")
    assert f"kstack recipients add {person.key}" in said.err
    assert "warning: no key of yours is left" in said.err


def test_a_new_team_is_reported(person: Person) -> None:
    (person.project / "vault/.recipients/dev.txt").unlink()
    (person.project / "vault/.recipients").rmdir()
    said = person.run("recipients", "add", person.key, "--name", "ada", "--team", "opz")
    assert "a new team 'opz'" in said.err
    said = person.run("recipients", "add", other_key(person, "ben"), "--team", "opz")
    assert "new team" not in said.err


def test_only_the_files_of_the_team_must_change(person: Person) -> None:
    for team in ("dev", "ops"):
        for name in ("ben", "cleo"):
            person.run("recipients", "add", other_key(person, f"{team}-{name}"), "--name", name, "--team", team)
    person.run("recipients", "add", person.key, "--name", "ada", "--team", "ops")
    person.set("layer3/app.yaml", "token", "canary")
    (person.project / "vault/dev/layer3/ops.yaml").write_text("token: canary\n")
    person.run("encrypt", "--team", "ops")
    # An environment with its own recipients is not affected.
    person.run("init", "--environment", "prod")
    own = person.project / "vault/prod/.recipients"
    own.mkdir()
    (own / "dev.txt").write_text(f"{person.key}\n")
    person.run("set", "-e", "prod", "layer3/app.yaml", "token", given="canary")
    said = person.run("recipients", "remove", "ben")
    assert said.text == "dev/layer3/app.yaml: token\n"
    assert "--environment dev" in said.err
    assert "--environment prod" not in said.err
    said = person.run("recipients", "remove", "ben", "--team", "ops")
    assert said.text == "dev/layer3/ops.yaml: token\n"
    assert "--environment prod" in said.err


def test_status_checks_what_git_has(person: Person) -> None:
    leak = person.project / "vault/dev/layer3/leak.yaml"
    leak.write_text("pw: canary\n")
    (person.project / "vault/dev/top.yaml").write_text("pw: canary\n")
    person.git("add", "-f", "vault/dev/layer3/leak.yaml", "vault/dev/top.yaml")
    person.run("encrypt")
    said = person.run("status", "--check", code=1)
    for name in ("layer3/leak.yaml", "top.yaml"):
        assert f"git has dev/{name} in clear" in said.err
    assert "git rm --cached" in said.err
    assert not leak.exists()


def test_status_is_a_hook_in_a_worktree(person: Person) -> None:
    person.set("layer3/app.yaml", "token", "canary")
    person.git("add", "-A")
    person.git("commit", "-qm", "Start")
    hook = person.project / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexec kstack status --check\n")
    hook.chmod(0o755)
    person.git("worktree", "add", "-q", "../other")
    for folder in (person.project, person.home / "other"):
        person.call("git", "commit", "-q", "--allow-empty", "-m", "More", cwd=folder)
    other = person.home / "other/vault/dev/layer3"
    (other / "leak.yaml").write_text("a: canary\n")
    person.call("git", "add", "-f", "leak.yaml", cwd=other)
    said = person.call("git", "commit", "-q", "-m", "Leak", cwd=other, code=1)
    assert "git has dev/layer3/leak.yaml in clear" in said.err
    assert person.run("status", "--check", more={"GIT_DIR": str(person.project / ".git")}).err == ""


def test_status_says_when_git_does_not_answer(person: Person, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    script(tmp_path / "bin/git", ["exit 128"])
    path = f"{tmp_path}/bin:{person.environment['PATH']}"
    said = person.run("status", "--check", more={"PATH": path}, code=1)
    assert "git does not answer" in said.err
    # Without a repository, git can have nothing.
    shutil.rmtree(person.project / ".git")
    said = person.run("status", "--check", more={"PATH": path})
    assert said.err == ""


def test_status_finds_an_identity_that_git_has(person: Person) -> None:
    for name in ("keys.txt", "notes.md"):
        target = person.project / "vault/dev" / (".recipients" if name == "keys.txt" else "layer3") / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(person.keys.read_text())
        person.git("add", "-f", str(target))
    said = person.run("status", "--check", code=1)
    assert said.err.count("holds a private key") == 2
    assert "AGE-SECRET-KEY" not in said.err


def test_keys_added_simultaneously_are_all_kept(person: Person) -> None:
    path = person.project / "vault/.recipients/dev.txt"
    keys = [other_key(person, f"n{number}") for number in range(8)]
    add = (
        'for key; do kstack recipients add "$key" & all="$all $!"; done; for one in $all; do wait $one || exit 1; done'
    )
    person.call("bash", "-c", add, "bash", *keys)
    assert set(path.read_text().split("\n")) >= {*keys, person.key}
    remove = add.replace("add", "remove")
    person.call("bash", "-c", remove, "bash", *keys)
    assert [line.split()[0] for line in person.run("recipients").text.splitlines()] == [person.key]


def test_a_missing_team_is_reported(person: Person) -> None:
    own = person.project / "vault/dev/.recipients"
    own.mkdir()
    (own / "web.txt").write_text(f"{person.key}\n")
    for action in (("list",), ("remove", "ada")):
        said = person.run("recipients", *action, "--team", "nosuch", code=NOT_FOUND)
        assert "available teams: dev, web" in said.err
        assert "kstack recipients add age1… --team nosuch" in said.err
    assert person.run("recipients", "list", "--team", "web").text == f"{person.key}\n"
    assert said.err.endswith("--team nosuch\n")
    assert "did you mean 'web'?" in person.run("recipients", "--team", "wed", code=NOT_FOUND).err
    # A mistyped name does not begin a new team.
    assert not (person.project / "vault/.recipients/nosuch.txt").exists()
    own.joinpath("web.txt").unlink()
    own.rmdir()
    (person.project / "vault/.recipients/dev.txt").unlink()
    (person.project / "vault/.recipients").rmdir()
    assert "available teams: none" in person.run("recipients", code=NOT_FOUND).err
