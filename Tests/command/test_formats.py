"""How other programs read the formats in which values are printed."""

from __future__ import annotations

import json

import yaml

from people import NOT_FOUND, Person

KEYS = [
    *("no", "NO", "null", "Null", "y", "On", "true", "1", "1e3", "0x1", "~", "-", "-a", "<<", "=", ".inf", "_", "a: b"),
    *("two words", "a#b", "a #b", "'", '"', "\\", "a\nb", "\t", "\x7f", "\x85", "a\x9b", "\u2028", "\u2029", "\ufeff"),
    *("ä", "😀", "{a}", "[", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "?", "x" * 1100, "2024-01-01", "plain_1-a"),
]
VALUES = [
    *("null", "no", "1", "", " ", "\n", "a\nb\n", "\r\n", "\t", "'", '"', "\\", "\\u0041", "# a", "a: b", "- a"),
    *("\x01", "\x7f", "\x80", "\x85", "a\x85b", "\x9f", "\xa0", "\u2028", "a\u2029b", "\ufeff", "\ufffe", "\uffff"),
    *("\ufffd", "ä", "😀", "\U0001ffff"),
]


def filled(person: Person, values: dict[str, str]) -> None:
    """Encrypt values as secrets of a layer."""
    path = person.project / "vault/dev/layer3/app.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"? {json.dumps(key)}\n: {json.dumps(value)}\n" for key, value in values.items()))
    person.run("encrypt")


def test_yaml_holds_what_json_holds(person: Person) -> None:
    wanted = {key: key for key in KEYS} | {f"v{position}": value for position, value in enumerate(VALUES)}
    filled(person, wanted)
    assert json.loads(person.run("secrets", "-l", "3").text) == wanted
    text = person.run("secrets", "-l", "3", "--format", "yaml").text
    assert yaml.safe_load(text) == wanted
    assert "\nplain_1-a: " in text


def test_manifests_have_each_object_once(person: Person) -> None:
    filled(person, {"a": "1"})
    once = person.run("manifests", "-l", "layer3").text
    assert json.loads(once)["items"]
    assert person.run("manifests", "-l", "layer3", "-l", "3", "-l", "layer3").text == once


def test_manifests_report_layers_that_have_nothing(person: Person) -> None:
    for layer in ([], ["-l", "1"]):
        said = person.run("manifests", *layer, code=NOT_FOUND)
        assert said.text == ""
        assert "nothing for pods of environment 'dev' in " in said.err
        assert "layer1" in said.err
    filled(person, {"a": "1"})
    said = person.run("manifests", "-l", "1", "-l", "3")
    assert said.err == "kstack: there is nothing for pods of environment 'dev' in layer1\n"
    assert said.text == person.run("manifests", "-l", "3").text
    assert person.run("manifests").err == ""
