"""Look-ups, and running commands with their answers."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path

import pytest
import yaml

from people import (
    CONFIGURATION,
    FILES,
    INVALID,
    LAYER,
    NOT_FOUND,
    PROGRAM,
    REPOSITORY,
    USAGE,
    WRONG_PLACE,
    Person,
    ended,
    script,
)

VALUES = {"access_key_id": "AKIA1", "secret_access_key": "it's $HOME\n"}


@pytest.fixture
def stocked(person: Person) -> Person:
    """A vault with a service, secrets of a layer, an environment and a provider."""
    for key, value in VALUES.items():
        person.run("set", "layer3/cloud-credentials.yaml", f"s3.{key}", given=value.rstrip("\n") + "\n")
    person.set("layer3/app.yaml", "TOKEN", "canary")
    return person


def test_one_value_is_printed_bare(stocked: Person) -> None:
    assert stocked.run("get", "s3", "--layer", "layer3", "access_key_id").out == b"AKIA1"
    said = stocked.run("get", "s3", "--layer", "layer3", "acces_key_id", code=NOT_FOUND)
    assert "did you mean 'access_key_id'" in said.err


def test_formats_hold_the_same(stocked: Person) -> None:
    wanted = {"access_key_id": "AKIA1", "secret_access_key": "it's $HOME"}
    get = ("get", "s3", "-l", "3", "--format")
    assert json.loads(stocked.run(*get, "json").text) == wanted
    assert yaml.safe_load(stocked.run(*get, "yaml").text) == wanted
    assert "SecretAccessKey" in stocked.run(*get, "aws", code=CONFIGURATION).err
    stocked.set("layer3/cloud-credentials.yaml", "s3.secret_access_key", "x")
    found = {"Version": 1, "AccessKeyId": "AKIA1", "SecretAccessKey": "x"}
    assert json.loads(stocked.run(*get, "aws").text) == found


def test_variables_pass_through_a_shell_unchanged(stocked: Person) -> None:
    stocked.set("layer3/app.yaml", "ODD", 'it\'s "$HOME" `id` \\ \n two')
    program = f'eval "$({PROGRAM} secrets -l 3 --format env)"; printf %s "$ODD"'
    assert stocked.call("sh", "-c", program).text == 'it\'s "$HOME" `id` \\ \n two'


def test_lists(stocked: Person) -> None:
    assert stocked.run("ls").text == "layer3/app.yaml\nlayer3/cloud-credentials.yaml\n"
    assert stocked.run("ls", "services").text == "layer3/s3\n"
    assert stocked.run("ls", "environments").text == "dev\n"
    assert len(stocked.run("ls", "layers").text.splitlines()) == 4


def test_a_service_is_resolved(stocked: Person) -> None:
    folder = stocked.project
    (folder / "environments").mkdir()
    (folder / "providers").mkdir()
    (folder / "environments/dev.yaml").write_text(
        "environment: dev\ndeployment_targets:\n  layer3:\n    provider: cloud\n"
    )
    (folder / "providers/cloud.yaml").write_text(
        "name: cloud\nprovider_family: aws\nprovider_implementation: aws\nregion: eu-central-1\nservices: [s3]\n"
    )
    found = json.loads(stocked.run("resolve", "s3", "--layer", "layer3").text)
    assert found["region"] == "eu-central-1"
    assert found["access_key_id"] == "AKIA1"


def test_errors_suggest_what_was_meant(stocked: Person) -> None:
    assert "did you mean 's3'" in stocked.run("get", "s33", "-l", "3", code=NOT_FOUND).err
    assert "layer0, layer1, layer2 or layer3" in stocked.run("get", "s3", "-l", "layer9", code=INVALID).err
    assert "did you mean 'status'" in stocked.run("sttus", code=USAGE).err
    assert stocked.run("resolve", "s3", "-l", "0", code=LAYER).err
    assert "--layer" in stocked.run("get", "s3", code=USAGE).err
    said = stocked.run("get", "s3", "-l", "3", "-e", "production", code=CONFIGURATION)
    assert "production" in said.err
    assert "pod" in stocked.run("route", "set", "staging", "-l", "3", code=WRONG_PLACE).err


def test_a_command_gets_variables_and_its_exit_code_is_returned(stocked: Person) -> None:
    said = stocked.run(
        "exec",
        "-l",
        "3",
        "-s",
        "s3",
        "--",
        "sh",
        "-c",
        'echo "$TOKEN $S3_ACCESS_KEY_ID $S3_SECRET_ACCESS_KEY"; exit 7',
        code=7,
    )
    assert said.text == "canary AKIA1 it's $HOME\n"


def test_a_command_takes_the_place_of_the_program(stocked: Person) -> None:
    command = [str(PROGRAM), "exec", "-l", "3", "--", "sh", "-c", "echo $$; read -r line; kill -TERM $$"]
    process = subprocess.Popen(
        command, cwd=stocked.project, env=stocked.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    output, _ = process.communicate("x\n")
    assert int(output) == process.pid
    assert process.returncode == -signal.SIGTERM


def test_a_pristine_command_gets_little_else(stocked: Person) -> None:
    more = {"CANARY": "1", "TOKEN": "mine"}
    said = stocked.run("exec", "-l", "3", "--pristine", "--", "env", more=more)
    names = {line.split("=")[0] for line in said.text.splitlines()}
    assert "CANARY" not in names
    assert {"PATH", "HOME", "TOKEN"} <= names
    assert said.err == ""
    said = stocked.run("exec", "-l", "3", "--", "env", more=more)
    assert "TOKEN=canary\n" in said.text
    assert "CANARY=1\n" in said.text
    assert "replaced variables: TOKEN" in said.err
    assert "canary" not in said.err


def test_variables_that_would_change_the_command_are_refused(stocked: Person) -> None:
    stocked.set("layer3/app.yaml", "LD_PRELOAD", "/canary.so")
    said = stocked.run("exec", "-l", "3", "--", "true", code=CONFIGURATION)
    assert "LD_PRELOAD" in said.err
    assert "canary" not in said.err


def test_a_missing_command(stocked: Person) -> None:
    assert "nobody-has-this" in stocked.run("exec", "-l", "3", "--", "nobody-has-this", code=FILES).err
    plain = stocked.project / "plain.txt"
    plain.write_text("x")
    assert "denied" in stocked.run("exec", "-l", "3", "--", str(plain), code=FILES).err.lower()
    assert stocked.run("exec", "-l", "3", code=USAGE).err


def test_the_command_has_the_terminal(stocked: Person, tmp_path: Path) -> None:
    program = script(tmp_path / "ask", ['test -t 0 && test -t 1 && printf "name? " && read -r n && echo "<$n $TOKEN>"'])
    terminal = stocked.terminal("exec", "-l", "3", "--", program)
    terminal.expect_exact("name? ")
    terminal.sendline("x")
    terminal.expect_exact("<x canary>")
    assert ended(terminal)[1] == 0


def test_the_context_is_printed(person: Person) -> None:
    said = person.run("context")
    assert said.text == "local\n"
    assert "no service account token" in said.err


def test_help_has_examples_for_every_command(person: Person) -> None:
    text = person.run("--help").text
    commands = [line.split()[0] for line in text.split("SUBCOMMANDS:")[1].splitlines() if re.match("  [a-z]", line)]
    assert len(commands) >= 20
    for command in commands:
        said = person.run(command, "--help").text
        assert f"USAGE: kstack {command}" in said
        assert "xample" in said or command.startswith("git-") or command == "context", command
    # Each status of the header has a code.
    numbers = re.findall(r"\(\(kstack_status\)(\d+)\)", (REPOSITORY / "Include" / "kstack.h").read_text())
    assert set(re.findall(r"\b\d+\b", text)) >= {str(9 + int(number)) for number in numbers if number != "0"}
    version = f'#define KSTACK_VERSION "{person.run("--version").text.strip()}"'
    assert version in (REPOSITORY / "Include" / "kstack.h").read_text().splitlines()


def test_completions_are_scripts(person: Person) -> None:
    assert person.call("bash", "-n", "/dev/stdin", given=person.run("completion", "bash").out).err == ""
    program = "source <(kstack completion bash); COMP_WORDS=(kstack cat '') COMP_CWORD=2; _kstack; echo ${COMPREPLY[@]}"
    person.set("layer3/app.yaml", "token", "canary")
    assert person.call("bash", "-c", program).text.split() == ["layer3/app.yaml"]
    for shell in ("zsh", "fish"):
        assert "kstack" in person.run("completion", shell).text


def test_a_closed_pipe_is_not_a_crash(stocked: Person) -> None:
    program = f"{PROGRAM} completion bash | head -c 10 > /dev/null; echo ${{PIPESTATUS[0]}}"
    assert int(stocked.call("bash", "-c", program).text) in (0, 18, 141)


def test_a_full_disk_is_an_error(stocked: Person) -> None:
    said = stocked.call("sh", "-c", f"{PROGRAM} cat layer3/app.yaml > /dev/full", code=FILES)
    assert "space" in said.err


def test_the_manual_page_matches_the_command() -> None:
    made = subprocess.run(
        [REPOSITORY / "packaging" / "make-manual", PROGRAM], stdout=subprocess.PIPE, text=True, check=True
    )
    assert made.stdout == (REPOSITORY / "packaging" / "kstack.1").read_text()


def test_the_whole_name_of_a_variable_decides(stocked: Person) -> None:
    stocked.set("layer3/cloud-credentials.yaml", "ld.preload", "canary")
    said = stocked.run("exec", "-l", "3", "-s", "ld", "--", "env", code=CONFIGURATION)
    assert "LD_PRELOAD" in said.err
    stocked.set("layer3/cloud-credentials.yaml", "db.path", "/data")
    assert "DB_PATH=/data\n" in stocked.run("exec", "-l", "3", "-s", "db", "--", "env").text


def test_a_command_gets_no_identity(stocked: Person) -> None:
    key = stocked.keys.read_text().splitlines()[-1]
    said = stocked.run("exec", "-l", "3", "--", "env", more={"KSTACK_AGE_KEY": key})
    assert "AGE-SECRET-KEY" not in said.text


def test_a_terminal_gets_only_what_was_asked_for_by_name(stocked: Person) -> None:
    said, code = ended(stocked.terminal("secrets", "-l", "3"))
    assert code == INVALID
    assert "canary" not in said
    said, code = ended(stocked.terminal("secrets", "-l", "3", "--force"))
    assert code == 0
    assert "canary" in said


@pytest.mark.parametrize("command", ["ls", "recipients", "context", "completion bash", "status"])
def test_no_output_is_lost_silently(stocked: Person, command: str) -> None:
    assert "space" in stocked.call("sh", "-c", f"{PROGRAM} {command} > /dev/full", code=FILES).err
