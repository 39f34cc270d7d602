"""docs/speed.md is as `make bench PAGE=docs/speed.md` writes it, and its ratios are those of its times."""

from __future__ import annotations

import ast
import re

import pytest

from pages import block
from people import REPOSITORY


def test_the_text_is_that_of_bench() -> None:
    source = ast.parse((REPOSITORY / "Tests/benchmarks/bench").read_text(encoding="utf-8"))
    (template,) = (
        ast.literal_eval(one.value)
        for one in source.body
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name) and one.targets[0].id == "PAGE"
    )
    tables = block("docs/speed.md", "Speed", "").rstrip("\n")
    page = (REPOSITORY / "docs/speed.md").read_text(encoding="utf-8")
    (machine,) = re.findall(r"on a machine of (.*)\.\n", page)
    assert page == template.format(machine=machine, tables=tables)


def test_the_ratios_are_those_of_the_times() -> None:
    tables = block("docs/speed.md", "Speed", "")
    look_ups = re.findall(r"^(.+?)  +([\d.]+) +([\d.]+)x +([\d.]+)x$", tables, re.M)
    times = {name.strip(): float(time) for name, time, _, _ in look_ups}
    assert {"look-up, C", "look-up, Python", "look-up, Go"} < set(times)
    for _, time, of_libsodium, of_pyrage in look_ups:
        for name, ratio in (
            ("libsodium: all that a look-up needs", of_libsodium),
            ("pyrage.decrypt, the file read", of_pyrage),
        ):
            assert float(time) / times[name] == pytest.approx(float(ratio), abs=0.01)

    number = r" +([\d.]+)"
    runs = re.findall(rf"^(?:en|de)crypt{number}(?:{number}){{3}}{number}{number}x{number}{number}x$", tables, re.M)
    assert len(runs) == 6
    for kstack, _, age, of_age, other, of_pyrage in runs:
        assert float(kstack) / float(age) == pytest.approx(float(of_age), abs=0.01)
        assert float(kstack) / float(other) == pytest.approx(float(of_pyrage), abs=0.01)
