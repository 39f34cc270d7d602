"""What import accepts, and what it refuses."""

from __future__ import annotations

import json
import resource

import pytest

from people import CONFIGURATION, Person

PEM = "-----BEGIN CERTIFICATE-----\nMIIB+/=\n\n# no comment\n-----END CERTIFICATE-----\n"


def taken(person: Person, text: str | bytes, form: str = "env") -> dict[str, str]:
    """Import a file, and return what is then in the vault."""
    person.run("import", "-l", "3", "--format", form, given=text)
    values: dict[str, str] = json.loads(person.run("secrets", "-l", "3").text)
    return values


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_quoted_value_may_span_lines(person: Person, quote: str, end: str) -> None:
    text = f"A=1\nCERT={quote}{PEM}{quote} # note\nB=2\n".replace("\n", end)
    assert taken(person, text) == {"A": "1", "CERT": PEM, "B": "2"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"\xef\xbb\xbfA=1\n", {"A": "1"}),
        (b"export\tB=2", {"B": "2"}),
        (b"export \t B = 2\r\n\r\n", {"B": "2"}),
        (b"export=3\n", {"export": "3"}),
        (b"A=\nB=''\nC=\"\" # c\n", {"A": "", "B": "", "C": ""}),
        (b"A='$HOME ${X} `id` \\x \"'\n", {"A": '$HOME ${X} `id` \\x "'}),
        (b'A="\\$HOME \\\\ \\t it\'s"\n', {"A": "$HOME \\ \t it's"}),
        (b"URL=https://u:p@h/?a=b&c=d;e#f\n", {"URL": "https://u:p@h/?a=b&c=d;e#f"}),
    ],
)
def test_lines_that_all_programs_read_alike(person: Person, text: bytes, wanted: dict[str, str]) -> None:
    assert taken(person, text) == wanted


@pytest.mark.parametrize(
    ("text", "line", "advice"),
    [
        ('\nA="canary $HOME"\n', 2, "single quotes"),
        ('A="canary ${X}"\n', 1, "single quotes"),
        ('A="canary\n`id`"\n', 2, "single quotes"),
        ('A="canary \\x41"\n', 1, "single quotes"),
        ('A="canary \\\nB"\n', 1, "single quotes"),
        ("A=canary\\n\n", 1, "single quotes"),
        ("A=canary$\n", 1, "single quotes"),
        ("A=canary`id`\n", 1, "single quotes"),
        ('A=canary"b"\n', 1, "single quotes"),
        ("A=canary's\n", 1, "double quotes"),
        ("A='canary\\'\n", 1, "double quotes"),
        ("A='canary'#b\n", 1, "one pair of quotes"),
        ("A='canary\nB=2\n", 1, "close it"),
        ("A=1\nB='canary\n' canary\n", 3, "one pair of quotes"),
        ("A=1\nB=canary\0\n", 2, "NUL"),
        ("A='canary\n\0'\n", 2, "NUL"),
        ("A=canary\rB=2\r", 1, "LF"),
        ("A B=canary\n", 1, "NAME=value"),
        ("=canary\n", 1, "NAME=value"),
        ("A=canary\n\nexport A=canary2\n", 3, "'A' is on line 1 already"),
        ("A='canary\n\n'\nA=canary2\n", 4, "'A' is on line 1 already"),
    ],
)
def test_what_programs_read_differently_is_refused(person: Person, text: str, line: int, advice: str) -> None:
    (person.project / "old.env").write_text(text, newline="")
    said = person.run("import", "-l", "3", "old.env", code=CONFIGURATION)
    assert f"old.env, line {line}, column " in said.err
    assert advice in said.err
    assert "canary" not in said.err
    assert person.run("ls").text == ""


@pytest.mark.parametrize(
    ("name", "text", "line", "problem"),
    [
        ("old.json", '{"a": "canary",\n"b": null}', 2, "'b' is null; give it a value"),
        ("old.yaml", "a: canary\nb:\n", 2, "'b' is null; give it a value"),
        ("old.yaml", "a: canary\nb: ~\n", 2, "'b' is null; give it a value"),
        ("old.yaml", "a: canary\nb: {c: canary}\n", 2, "'b' is nested"),
        ("old.json", '{"a": ["canary"]}', 1, "'a' is nested"),
        ("old.json", '{"": "canary"}', 1, "the name is empty"),
        ("old.json", '{"a\\nb": "canary"}', 1, "line break"),
    ],
)
def test_invalid_values_are_refused(person: Person, name: str, text: str, line: int, problem: str) -> None:
    (person.project / name).write_text(text)
    said = person.run("import", "-l", "3", name, code=CONFIGURATION)
    assert f"{name}, line {line}: " in said.err
    assert problem in said.err
    assert "canary" not in said.err
    assert person.run("ls").text == ""


def test_strings_that_look_like_null_are_values(person: Person) -> None:
    assert taken(person, '{"a": "null", "b": "", "c": "~"}', "json") == {"a": "null", "b": "", "c": "~"}


@pytest.mark.parametrize("service", [None, "s3"])
def test_many_values_take_no_quadratic_time(person: Person, service: str | None) -> None:
    count = 5000
    file, before, indent = "layer3/app.yaml", "first: '1' # note\n", ""
    if service:
        file, indent = "layer3/cloud-credentials.yaml", "  "
        before = "s3:\n  first: '1' # note\n"
    after = "" if service is None else "other:\n  b: '2'\n"
    (person.project / "vault/dev" / file).parent.mkdir(parents=True, exist_ok=True)
    (person.project / "vault/dev" / file).write_text(before + after)
    person.run("encrypt")
    arguments = ["import", "-l", "3", *(["-s", service] if service else []), "--format", "env"]
    for form in ("value-{}", "other {}", "other {}"):
        text = "".join(f"KEY_{at}='{form.format(at)}'\n" for at in range(count))
        # Of the program's processor time, which other work on the machine does not lengthen.
        earlier = resource.getrusage(resource.RUSAGE_CHILDREN)
        person.run(*arguments, given=text)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert used.ru_utime - earlier.ru_utime < 5
        lines = "".join(f'{indent}KEY_{at}: "{form.format(at)}"\n' for at in range(count))
        assert person.run("cat", file).text == before + lines + after


def test_values_are_replaced_in_any_form(person: Person) -> None:
    text = (
        "# top\na: 1 # one\nb: |\n  x\n\n  y\n# c\nc: >-\n  folded\n  text\n'd.e': 'q'\nf:\n"
        '? g\n: 2\nh: "x\n  y"\ni: true\nkept: {z: 1}\nlast: 0\n# end\n'
    )
    (person.project / "vault/dev/layer3").mkdir(parents=True, exist_ok=True)
    (person.project / "vault/dev/layer3/app.yaml").write_text(text)
    person.run("encrypt")
    names = ["a", "b", "c", "d.e", "f", "g", "h", "i", "last", "new", "newer"]
    person.run("import", "-l", "3", "--format", "json", given=json.dumps({name: f"<{name}>" for name in names}))
    said = person.run("cat", "layer3/app.yaml").text
    for name in ("a", "b", "c", "f", "h", "i", "last", "new", "newer"):
        assert f'\n{name}: "<{name}>"' in said
    for kept in ("# top\n", " # one\n", "# c\n", "kept: {z: 1}\n", "# end\n"):
        assert kept in said
    assert said.count("<") == len(names)
