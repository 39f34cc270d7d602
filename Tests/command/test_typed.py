"""Typing errors, and options in another order."""

from __future__ import annotations

import pytest

from people import USAGE, Person


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("statsu", "status"), ("encrpyt", "encrypt"), ("sttus", "status"), ("gte", "get"), ("manfiests", "manifests")],
)
def test_swapped_letters_are_one_mistake(person: Person, typed: str, meant: str) -> None:
    said = person.run(typed, code=USAGE)
    assert said.err == f"kstack: no command '{typed}'; did you mean '{meant}'? See kstack --help\n"


def test_nothing_is_suggested_for_a_distant_word(person: Person) -> None:
    assert person.run("tusats", code=USAGE).err == "kstack: no command 'tusats'. See kstack --help\n"


@pytest.mark.parametrize(
    "options",
    [
        ["-C", "{}"],
        ["-C={}"],
        ["--project-root", "{}"],
        ["--project-root={}"],
        ["-C", "{}", "-e", "dev", "--verbose", "--identity-file={}/../.config/kstack/age/keys.txt"],
    ],
)
def test_common_options_may_come_first(person: Person, options: list[str]) -> None:
    person.set("layer3/app.yaml", "token", "canary")
    given = [option.format(person.project) for option in options]
    for command in (["ls", "files"], ["exec", "-l", "3", "--", "sh", "-c", "echo $token"]):
        first = person.call("kstack", *given, *command, cwd=person.home)
        assert first.out == person.run(*command).out != b""


def test_common_options_without_a_command(person: Person) -> None:
    for options in (["-C"], ["-C", "status"], ["--verbose"]):
        assert "no command" in person.run(*options, code=USAGE).err
    assert person.run("--verbose", "--help").text == person.run("--help").text
    assert person.run("-C", "/", "help", "status").text == person.run("help", "status").text
    assert "Unknown option '--bogus'" in person.run("-C", "/", "--bogus", code=USAGE).err


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["exec", "-l", "3", "--"], "exec"),
        (["exec", "-l", "3", "--layr", "3", "--", "true"], "exec"),
        (["recipients", "add"], "recipients"),
        (["route", "set", "-l", "3"], "route"),
    ],
)
def test_errors_show_the_usage_of_their_command(person: Person, arguments: list[str], command: str) -> None:
    said = person.run(*arguments, code=USAGE)
    assert f"\nUsage: kstack {command} [" in said.err
    assert f"See 'kstack {command} --help'" in said.err
