"""The output of `kstack status --json` for programs."""

from __future__ import annotations

import json

from people import Person


def test_the_state_of_each_file_is_typed(person: Person) -> None:
    """Booleans and lists have their JSON types, and the reasons for `--check` to fail are included."""
    person.run("set", "layer3/cloud-credentials.yaml", "s3.key", given="one")
    (person.project / "vault/dev/layer3/never.yaml").write_text("a: 1\n", encoding="utf-8")
    found = json.loads(person.run("status", "--json").text)
    assert found["context"] == "local"
    assert found["environments"] == ["dev"]
    assert found["vaults"] == str(person.project / "vault")
    states = {source["source"]: source["state"] for source in found["identities"]}
    assert str(person.keys) in states["kstack's key file"]
    assert person.keys.read_text().splitlines()[-1] not in json.dumps(found)
    files = found["files"]
    assert files["dev/layer3/cloud-credentials.yaml"] == {
        "result": "encrypted",
        "readable": True,
        "current": True,
        "post_quantum": False,
        "message": "",
    }
    assert files["dev/layer3/never.yaml"]["result"] == "in clear"
    assert files["dev/layer3/never.yaml"]["readable"] is False
    assert any("never.yaml was never encrypted" in problem for problem in found["problems"])
    assert found["notes"] == []
