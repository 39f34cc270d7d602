"""Post-quantum keys, from the first one to a team that has only those."""

from __future__ import annotations

import json
import re

import pytest

from conftest import Meet
from pages import block
from people import CONFIGURATION, Person, script


@pytest.fixture(autouse=True)
def _with_post_quantum(somebody: Person) -> None:
    """Skip the test where the build reports that it has no post-quantum support."""
    if "does not have post-quantum support" in somebody.run("keygen", "--pq", code=None).err:
        pytest.skip("built with PQ=0")


def new_key(person: Person, path: str = "pq.txt") -> str:
    """Add a post-quantum identity to the classical one, and return its public key."""
    made = person.run("keygen", "--pq", "-o", path)
    text = (person.project / path).read_text()
    with person.keys.open("a") as keys:
        keys.write(text)
    (person.project / path).unlink()
    key = made.err.removeprefix("Public key: ").strip()
    assert re.fullmatch(r"age1pq1[a-z0-9]{1952}", key)
    assert re.fullmatch(rf"# public key: {key}\nAGE-SECRET-KEY-PQ-1[A-Z0-9]{{58}}\n", text)
    return key


def state(person: Person) -> str:
    """Return what status reports for the only file."""
    return person.run("status").text.splitlines()[-1].split("  ")[0]


def stanzas(person: Person) -> list[str]:
    """Return the types of the stanzas of the only file."""
    data = (person.project / "vault/dev/layer3/secret.app.yaml").read_bytes()
    return [kind.decode() for kind in re.findall(rb"\n-> (\S+)", data)]


def test_a_team_moves_to_post_quantum(person: Person, meet: Meet) -> None:
    person.set("layer3/app.yaml", "token", "canary")
    ben = meet("ben")
    ben.run("init")
    recipients = person.project / "vault/.recipients/dev.txt"
    # Before other keys join it that Debian's age does not read.
    former = {"ada": person.key, "ben": ben.key}
    person.run("recipients", "add", former["ben"], "--name", "ben")
    person.run("rekey")
    assert state(person) == "encrypted, readable, current"

    # Meanwhile the team has both kinds, and nothing is written for it.
    own, bens = new_key(person), new_key(ben)
    said = person.run("recipients", "add", own, "--name", "ada")
    assert f"{recipients} mixes post-quantum keys" in said.err
    for name, key in former.items():
        assert f"  kstack recipients remove {key}  # {name}\n" in said.err
    before = (person.project / "vault/dev/layer3/secret.app.yaml").read_bytes()
    for refused in (("rekey",), ("set", "layer3/app.yaml", "more")):
        said = person.run(*refused, given="x", code=CONFIGURATION)
        assert f"{recipients} mixes post-quantum recipients (age1pq1…) and classical ones (age1…)" in said.err
    assert (person.project / "vault/dev/layer3/secret.app.yaml").read_bytes() == before
    assert "mixes" in person.run("status", "--check", code=1).err
    person.run("cat", "layer3/app.yaml")

    assert "mixes" in person.run("recipients", "add", bens, "--name", "ben").err
    for key in former.values():
        said = person.run("recipients", "remove", key)
    assert "mixes" not in said.err
    assert "kstack rekey --environment dev" in said.err
    assert person.run("recipients").text == f"{own}  # ada\n{bens}  # ben\n"
    assert person.run("rekey").text == "written  layer3/app.yaml\n"
    assert stanzas(person) == ["mlkem768x25519", "mlkem768x25519", "kstack-recipients"]
    assert state(person) == "encrypted, readable, current, post-quantum"
    one = json.loads(person.run("status", "--json").text)["files"]["dev/layer3/app.yaml"]
    assert one["post_quantum"] is True
    assert person.run("cat", "layer3/app.yaml").text == 'token: "canary"\n'

    # Ben reads and edits it in a clone; somebody who leaves cannot read later versions.
    ben.call("cp", "-r", str(person.project / "vault"), str(person.project / ".kstack.yaml"), ".")
    assert ben.run("cat", "layer3/app.yaml").text == 'token: "canary"\n'
    editor = script(ben.home / "edit", ['sed -i s/canary/sparrow/ "$1"'])
    ben.run("edit", "layer3/app.yaml", more={"EDITOR": editor})
    assert stanzas(ben) == ["mlkem768x25519", "mlkem768x25519", "kstack-recipients"]
    ben.run("recipients", "remove", "ada")
    ben.run("rekey")
    assert ben.run("cat", "layer3/app.yaml").text == 'token: "sparrow"\n'
    person.call("cp", "-r", str(ben.project / "vault"), ".")
    assert "none of your age keys" in person.run("cat", "layer3/app.yaml", code=None).err


def test_a_classical_key_for_a_post_quantum_team_is_reported(person: Person, meet: Meet) -> None:
    own = new_key(person)
    person.run("recipients", "add", own, "--name", "ada", "--team", "ops")
    ben = meet("ben")
    ben.run("init")
    said = person.run("recipients", "add", ben.key, "--name", "ben", "--team", "ops")
    assert "mixes post-quantum keys" in said.err
    assert f"kstack recipients remove {ben.key} --team ops  # ben" in said.err
    assert "mixes" not in person.run("recipients", "remove", "ben", "--team", "ops").err


def test_a_project_begins_with_existing_post_quantum_keys(somebody: Person) -> None:
    somebody.keys.parent.mkdir(parents=True)
    somebody.run("keygen", "-o", str(somebody.keys))
    classical = somebody.key
    key = new_key(somebody)
    somebody.run("init")
    assert somebody.run("recipients").text == f"{key}  # ada\n"
    somebody.set("layer3/app.yaml", "token", "canary")
    assert stanzas(somebody) == ["mlkem768x25519", "kstack-recipients"]
    assert state(somebody) == "encrypted, readable, current, post-quantum"
    # Each opens what it should.
    sealed = somebody.call("age", "-r", classical, given="old: 1\n").out
    (somebody.project / "vault/dev/layer3/secret.old.yaml").write_bytes(sealed)
    assert somebody.run("cat", "layer3/old.yaml").text == "old: 1\n"


def test_a_newcomer_to_a_post_quantum_team_gets_such_a_key(person: Person, meet: Meet) -> None:
    (person.project / "vault/.recipients/dev.txt").write_text(f"# ada\n{new_key(person)}\n")
    ben, cleo = meet("ben"), meet("cleo")
    for one in (ben, cleo):
        one.call("cp", "-r", str(person.project / "vault"), str(person.project / ".kstack.yaml"), ".")
    said = ben.run("init").err
    assert "AGE-SECRET-KEY-PQ-1" in ben.keys.read_text()
    assert re.search(r"kstack recipients add age1pq1[a-z0-9]{1952} --name ben", said)
    # Somebody with only a classical key learns what to do, and is not added.
    cleo.keys.parent.mkdir(parents=True)
    cleo.run("keygen", "-o", str(cleo.keys))
    said = cleo.run("init").err
    assert "make one with kstack keygen --pq" in said
    assert "recipients add" not in said
    key = new_key(cleo)
    assert f"kstack recipients add {key} --name cleo" in cleo.run("init").err


def test_branches_are_merged(person: Person) -> None:
    key = new_key(person)
    (person.project / "vault/.recipients/dev.txt").write_text(f"{key}\n")
    base = "one: 1\ntwo: 2\nthree: 3\nfour: 4\nfive: 5\n"
    (person.project / "vault/dev/layer3/app.yaml").write_text(base)
    person.run("encrypt")
    person.git("add", "-A")
    person.git("commit", "-qm", "Start")
    person.git("checkout", "-qb", "other")
    person.set("layer3/app.yaml", "one", "theirs")
    person.git("commit", "-qam", "Theirs")
    person.git("checkout", "-q", "main")
    person.set("layer3/app.yaml", "five", "ours")
    person.git("commit", "-qam", "Ours")
    person.git("merge", "-q", "--no-edit", "other")
    wanted = base.replace("1", '"theirs"').replace("5", '"ours"')
    assert person.run("cat", "layer3/app.yaml").text == wanted
    assert stanzas(person) == ["mlkem768x25519", "kstack-recipients"]


def test_a_program_does_not_get_the_identity(person: Person) -> None:
    key = new_key(person)
    secret = person.keys.read_text().splitlines()[-1]
    (person.project / "vault/.recipients/dev.txt").write_text(f"{key}\n")
    person.keys.unlink()
    person.run("set", "layer3/app.yaml", "token", given="canary", more={"KSTACK_AGE_KEY": secret})
    said = person.run("exec", "-l", "3", "--", "env", more={"KSTACK_AGE_KEY": secret, "SOPS_AGE_KEY": secret})
    assert "TOKEN=canary\n" in said.text
    assert "AGE-SECRET-KEY" not in said.text


def test_a_private_key_is_not_shown(person: Person) -> None:
    new_key(person)
    secret = person.keys.read_text().splitlines()[-1]
    for arguments in (("recipients", "add", secret), ("cat", secret), ("status", "--environment", secret)):
        said = person.run(*arguments, code=None)
        assert said.code != 0
        assert secret[19:] not in said.err + said.text


def test_the_page_on_a_key(somebody: Person) -> None:
    commands = block("docs/vault.md", "Post-quantum keys", "sh")
    (identity, begin, length) = re.findall(r"# (\S+)…, and its recipient (\S+)…, ([\d,]+) characters", commands)[0]
    recipient = somebody.shell(commands).err.split()[-1]
    assert re.search(f"^{identity}", (somebody.project / "keys.txt").read_text(), re.M)
    assert recipient.startswith(begin)
    assert len(recipient) == int(length.replace(",", ""))


def test_the_page_on_a_team_that_moves(meet: Meet) -> None:
    ana, ben = meet("ana"), meet("ben")
    for one in (ana, ben):
        one.run("init")
    ana.run("recipients", "add", ben.key, "--name", "ben")
    ana.set("layer3/app.yaml", "token", "canary")
    lines = block("docs/team.md", "Moving to post-quantum keys", "sh").splitlines()
    each = [number for number, line in enumerate(lines) if "# each of you" in line]
    one_of_you = next(number for number, line in enumerate(lines) if "# one of you" in line)
    assert each == [0]
    for one in (ana, ben):
        old = one.key
        new = one.shell("\n".join(lines[:one_of_you])).err.split()[-1]
        for number, line in enumerate(lines):
            lines[number] = line.replace(f"age1pq1{one.name}…", new).replace(f"age1{one.name}…", old)
    assert "…" not in "\n".join(lines)
    said = ana.shell("\n".join(lines[one_of_you:]))
    (promised,) = re.findall(r"# (encrypted, .*)$", lines[-1])
    assert said.text.splitlines()[-1].startswith(f"{promised}  ")
    ben.call("cp", "-r", str(ana.project / "vault"), str(ana.project / ".kstack.yaml"), ".")
    assert ben.run("cat", "layer3/app.yaml").text == 'token: "canary"\n'
