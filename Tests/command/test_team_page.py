"""The section on the life of a team, line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Meet
from pages import blocks
from people import Person, script


@pytest.fixture
def team(meet: Meet, tmp_path: Path) -> dict[str, Person]:
    """Three people, a server for git, and a kubectl that keeps what it is given."""
    people = {name: meet(name) for name in ("ada", "ben", "cleo")}
    for person in people.values():
        person.project.rmdir()
        config = f'[url "{tmp_path}/"]\n\tinsteadOf = git@example.org:\n[advice]\n\tdefaultBranchName = false\n'
        (person.home / ".gitconfig").write_text(config)
    people["ada"].project.mkdir()
    people["ada"].call("git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "shop.git"))
    people["ada"].project.rmdir()
    return people


def run(person: Person, lines: str, folder: Path, tmp_path: Path) -> str:
    """What the lines say in bash, which stops at the first that fails."""
    (tmp_path / "bin").mkdir(exist_ok=True)
    script(tmp_path / "bin" / "kubectl", [f'test "$*" = "apply --server-side -f -" && cat > {tmp_path}/applied.json'])
    path = f"{tmp_path}/bin:{person.environment['PATH']}"
    ended = person.shell(lines, more={"PATH": path}, cwd=folder)
    return ended.text + ended.err


def test_the_life_of_a_team(team: dict[str, Person], tmp_path: Path) -> None:
    said: dict[str, str] = {name: "" for name in team}
    for block in blocks("docs/team.md", "The life of a team", "sh", 8):
        names, lines = block.removeprefix("# ").split("\n", 1)
        for name in names.split():
            person = team[name]
            for other in ("ben", "cleo"):
                if f"age1{other}…" in lines:
                    # The key is the one that init told them to send.
                    assert f"kstack recipients add {team[other].key} --name {other}" in said[other]
                    lines = lines.replace(f"age1{other}…", team[other].key)
            folder = person.project if person.project.exists() else person.home
            said[name] += run(person, lines, folder, tmp_path)

    assert '+  ACCESS_KEY_ID: "AKIAOTHER"' in said["ben"]
    assert "dev/layer3/cloud-credentials.yaml" in said["ada"]
    assert not list(tmp_path.rglob("old.env"))
    wanted = {
        "ACCESS_KEY_ID": "AKIAOTHER",
        "BUCKET": "shop",
        "REGION": "eu-central-1",
        "SECRET_ACCESS_KEY": "changed-again",
    }
    for name in ("ada", "ben"):
        team[name].git("pull", "-q", "--rebase")
        assert json.loads(team[name].run("get", "s3", "--layer", "3").text) == wanted
    team["cleo"].git("pull", "-q", "--rebase")
    assert team["cleo"].run("get", "s3", "--layer", "3", code=None).code == 16
    applied = json.loads((tmp_path / "applied.json").read_text())
    secrets = [item["metadata"]["name"] for item in applied["items"] if item["kind"] == "Secret"]
    assert secrets == ["layer3-s3-credentials"]
