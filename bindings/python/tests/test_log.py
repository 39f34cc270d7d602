"""The log: its lines, where they go, and what a log function may do."""

from __future__ import annotations

import logging

import pytest

from conftest import CANARIES, Project, Run
from helpers import check
from kstack_lib.any import (
    KStackContainer,
    LogLevel,
)


@pytest.fixture
def logging_project(project: Project) -> Project:
    """A project whose identity file has a line that is ignored, which is logged."""
    project.identity_file.write_text(f"AGE-PLUGIN-YUBIKEY-1CANARY\n{project.identity}\n")
    return project


def test_log(logging_project: Project) -> None:
    lines: list[tuple[int, str]] = []
    with KStackContainer(log=lambda level, line: lines.append((level, line))) as container:
        vault = container.vault("dev")
    # The vault logs to where its closed container did.
    vault.read("layer3", "cloud-credentials.yaml")
    vault.close()
    assert lines
    for level, line in lines:
        assert isinstance(level, LogLevel)
        assert "\n" not in line
        for canary in (*CANARIES, "CANARY", logging_project.identity):
            assert canary not in line
    assert any(str(logging_project.identity_file) in line for _, line in lines)


@pytest.mark.parametrize("kind", [ValueError, SystemExit, KeyboardInterrupt])
def test_a_log_function_that_raises_breaks_nothing(
    logging_project: Project, capsys: pytest.CaptureFixture[str], kind: type[BaseException]
) -> None:
    def log(level: int, line: str) -> None:
        raise kind

    with KStackContainer(log=log) as container:
        check(container.get_credentials("s3", "layer3", "dev"))
    assert kind.__name__ in capsys.readouterr().err


def test_a_log_function_may_use_the_container(logging_project: Project) -> None:
    seen: list[str] = []

    def log(level: int, line: str) -> None:
        if not seen:
            seen.append(container.environment)

    container = KStackContainer(log=log)
    check(container.get_credentials("s3", "layer3", "dev"))
    assert seen == ["dev"]


def test_the_trampoline_finds_its_function_and_contains_failures(capsys: pytest.CaptureFixture[str]) -> None:
    from kstack_lib._core.logs import with_level
    from kstack_lib._ffi.log import LogTarget, trampoline

    lines: list[tuple[int, str]] = []
    target = LogTarget(with_level(lambda level, line: lines.append((level, line))))
    function = trampoline()
    assert function is trampoline()
    function(target.number, 2, "größer".encode())
    function(target.number, 9, b"unknown level")
    function(0, 1, b"nobody")
    function(target.number + 1000, 1, b"nobody")
    assert lines == [(LogLevel.WARNING, "größer"), (LogLevel.WARNING, "unknown level")]

    def interrupt(level: int, line: str) -> None:
        raise KeyboardInterrupt

    broken = LogTarget(interrupt)
    function(broken.number, 0, b"text")
    assert "KeyboardInterrupt" in capsys.readouterr().err
    number = target.number
    del target
    function(number, 0, b"gone")
    assert len(lines) == 2


# logging


def test_lines_go_to_logging(logging_project: Project, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="kstack_lib"), KStackContainer() as container:
        check(container.get_credentials("s3", "layer3", "dev"))
    records = [record for record in caplog.records if record.name == "kstack_lib"]
    assert any(str(logging_project.identity_file) in record.getMessage() for record in records)
    for record in records:
        assert record.levelno in (logging.DEBUG, logging.INFO, logging.WARNING)
        assert not any(canary in str(vars(record)) for canary in (*CANARIES, "CANARY", logging_project.identity))


def test_a_log_function_replaces_logging(logging_project: Project, caplog: pytest.LogCaptureFixture) -> None:
    lines: list[str] = []
    with (
        caplog.at_level(logging.DEBUG),
        KStackContainer(log=lambda level, line: lines.append(line)) as container,
    ):
        check(container.get_credentials("s3", "layer3", "dev"))
    assert lines
    assert [record for record in caplog.records if record.name.startswith("kstack")] == []


def test_levels_of_logging(caplog: pytest.LogCaptureFixture) -> None:
    from kstack_lib._core.logs import to_logging

    with caplog.at_level(logging.DEBUG, logger="kstack_lib"):
        for level in (LogLevel.DEBUG, LogLevel.INFO, LogLevel.WARNING, 9):
            to_logging(level, "100% of it")
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.DEBUG, "100% of it"),
        (logging.INFO, "100% of it"),
        (logging.WARNING, "100% of it"),
        (logging.WARNING, "100% of it"),
    ]


def test_a_program_that_does_not_configure_logging_sees_nothing(logging_project: Project, run: Run) -> None:
    done = run("-c", "from kstack_lib.any import get_credentials; get_credentials('s3', 'layer3', 'dev')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
