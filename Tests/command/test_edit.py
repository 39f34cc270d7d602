"""Edits in memory: what an editor does, and what remains when it fails."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time

import pexpect
import pytest

from people import CONFIGURATION, CONFLICT, FILES, PROGRAM, Person, ended, script, take_signals

BEFORE = "token: old # by ops\n"


@pytest.fixture
def editing(person: Person) -> Person:
    """A vault with one file."""
    (person.project / "vault/dev/layer3/app.yaml").write_text(BEFORE)
    person.run("encrypt")
    return person


def editor(person: Person, *lines: str) -> dict[str, str]:
    return {"EDITOR": script(person.home / "editor", lines)}


def test_an_edit_is_encrypted(editing: Person) -> None:
    more = editor(editing, 'stat -c %a "$1" "$(dirname "$1")"; sed -i s/old/new/ "$1"')
    said = editing.run("edit", "layer3/app.yaml", more=more)
    assert said.text == "600\n700\n"
    assert said.err == "written  layer3/app.yaml\n"
    assert editing.age("layer3/secret.app.yaml") == BEFORE.replace("old", "new")
    assert list((editing.project / "vault/dev/layer3").iterdir()) == [
        editing.project / "vault/dev/layer3/secret.app.yaml"
    ]


def test_visual_comes_first_and_may_have_arguments(editing: Person) -> None:
    program = script(editing.home / "visual", ['test "$1" = --wait && sed -i s/old/seen/ "$2"'])
    editing.run("edit", "layer3/app.yaml", more={"VISUAL": f"{program} --wait", "EDITOR": "false"})
    assert "seen" in editing.age("layer3/secret.app.yaml")


def test_an_unchanged_file_is_not_written(editing: Person) -> None:
    path = editing.project / "vault/dev/layer3/secret.app.yaml"
    before = path.read_bytes()
    assert editing.run("edit", "layer3/app.yaml", more=editor(editing, "true")).err == "unchanged  layer3/app.yaml\n"
    assert path.read_bytes() == before


def test_an_editor_that_fails_changes_nothing(editing: Person) -> None:
    more = editor(editing, 'echo canary > "$1"; exit 3')
    said = editing.run("edit", "layer3/app.yaml", more=more, code=FILES)
    assert "the editor ended with 3" in said.err
    # The edit is kept in memory, since nobody can be asked.
    (kept,) = editing.runtime.glob("kstack-kept-*/app.yaml")
    assert str(kept) in said.err
    assert kept.read_text() == "canary\n"
    shutil.rmtree(kept.parent)
    assert editing.age("layer3/secret.app.yaml") == BEFORE
    assert "nobody" in editing.run("edit", "layer3/app.yaml", more={"EDITOR": "nobody"}, code=FILES).err


def test_an_edit_that_is_not_yaml_can_be_fixed(editing: Person) -> None:
    more = editor(
        editing,
        'if grep -q "{" "$1"; then echo "token: mended" > "$1"; else echo "token: {canary" > "$1"; fi',
    )
    terminal = editing.terminal("edit", "layer3/app.yaml", more=more)
    terminal.expect_exact("Edit again? [Y/n; n discards your edit] ")
    assert "canary" not in str(terminal.before)
    terminal.sendline("")
    said, code = ended(terminal)
    assert code == 0, said
    assert editing.age("layer3/secret.app.yaml") == "token: mended\n"


def test_an_abandoned_edit_changes_nothing(editing: Person) -> None:
    terminal = editing.terminal("edit", "layer3/app.yaml", more=editor(editing, 'echo "a: {" > "$1"'))
    terminal.expect_exact("Edit again? [Y/n; n discards your edit] ")
    terminal.sendline("n")
    assert ended(terminal)[1] == 12
    assert editing.age("layer3/secret.app.yaml") == BEFORE


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing(editing: Person, number: signal.Signals) -> None:
    started = editing.home / "started"
    # A signal from the keyboard is for the editor, which gets it from the terminal.
    more = editor(editing, 'echo canary > "$1"', f"touch {started}", "exec sleep 60")
    process = subprocess.Popen(
        [str(PROGRAM), "edit", "layer3/app.yaml"],
        cwd=editing.project,
        env={**editing.environment, **more},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=take_signals,
    )
    while not started.exists():
        time.sleep(0.01)
    os.killpg(process.pid, number)
    assert process.wait(60) != 0
    assert editing.age("layer3/secret.app.yaml") == BEFORE


def test_what_a_killed_run_left_is_removed_by_the_next(editing: Person) -> None:
    started = editing.home / "started"
    process = subprocess.Popen(
        [str(PROGRAM), "edit", "layer3/app.yaml"],
        cwd=editing.project,
        env={**editing.environment, **editor(editing, f"touch {started}", "exec sleep 60")},
        start_new_session=True,
        preexec_fn=take_signals,
    )
    while not started.exists():
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert len(list(editing.runtime.iterdir())) == 1
    editing.run("edit", "layer3/app.yaml", more=editor(editing, "true"))


def test_a_new_file_can_be_made(editing: Person) -> None:
    editing.run("edit", "layer2/new.yaml", more=editor(editing, 'echo "a: 1" > "$1"'))
    assert editing.age("layer2/secret.new.yaml") == "a: 1\n"


def test_an_editor_that_fails_can_be_opened_again(editing: Person) -> None:
    marker = editing.home / "marker"
    more = editor(editing, f'if test -e {marker}; then exit 0; fi; touch {marker}; echo "token: mine" > "$1"; exit 1')
    terminal = editing.terminal("edit", "layer3/app.yaml", more=more)
    terminal.expect_exact("Edit again? [Y/n; n discards your edit] ")
    terminal.sendline("")
    assert ended(terminal)[1] == 0
    assert editing.age("layer3/secret.app.yaml") == "token: mine\n"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_the_question_leaves_nothing(editing: Person, number: signal.Signals) -> None:
    terminal = editing.terminal("edit", "layer3/app.yaml", more=editor(editing, 'echo "a: {" > "$1"'))
    terminal.expect_exact("Edit again? [Y/n; n discards your edit] ")
    terminal.kill(number)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.signalstatus == number
    assert list(editing.runtime.iterdir()) == []


def test_folders_of_the_editor_are_removed_as_well(editing: Person) -> None:
    more = editor(
        editing, 'mkdir "$(dirname "$1")/sub"; cp "$1" "$(dirname "$1")/sub/copy"; ln -s / "$(dirname "$1")/all"'
    )
    editing.run("edit", "layer3/app.yaml", more=more)
    assert list(editing.runtime.iterdir()) == []


def test_a_change_meanwhile_is_merged(editing: Person) -> None:
    base = "one: 1\ntwo: 2\nthree: 3\nfour: 4\n"
    editing.run("edit", "layer3/app.yaml", more=editor(editing, f"printf '{base}' > \"$1\""))
    more = editor(editing, f'printf other | {PROGRAM} set layer3/app.yaml four; sed -i s/1/mine/ "$1"')
    assert editing.run("edit", "layer3/app.yaml", more=more).err.endswith("written  layer3/app.yaml\n")
    assert editing.age("layer3/secret.app.yaml") == 'one: mine\ntwo: 2\nthree: 3\nfour: "other"\n'


def test_a_change_of_the_same_line_meanwhile_is_shown(editing: Person) -> None:
    more = editor(editing, f'printf other | {PROGRAM} set layer3/app.yaml token; sed -i s/old/mine/ "$1"')
    said = editing.run("edit", "layer3/app.yaml", more=more, code=CONFLICT)
    assert "somebody changed the same lines" in said.err
    assert editing.run("get", "x", "-l", "3", code=None).code != 0
    assert "other" in editing.age("layer3/secret.app.yaml")
    (kept,) = editing.runtime.glob("kstack-kept-*/app.yaml")
    assert "<<<<<<< ours" in kept.read_text()
    shutil.rmtree(kept.parent)


def test_the_file_of_another_team_is_reported_before_the_edit(editing: Person) -> None:
    folder = editing.project / "vault/.recipients"
    (folder / "ops.txt").write_text((folder / "dev.txt").read_text())
    editing.run("set", "--team", "ops", "layer2/ops.yaml", "key", given="v")
    said = editing.run("edit", "layer2/ops.yaml", more={"EDITOR": "false"}, code=CONFIGURATION)
    assert "team 'ops'" in said.err
    assert "the editor" not in said.err


def test_vim_writes_no_history(editing: Person) -> None:
    program = script(editing.home / "vim", ['printf "%s " "$@" > "$HOME/arguments"'])
    editing.run("edit", "layer3/app.yaml", more={"EDITOR": program})
    assert "-n -i NONE" in (editing.home / "arguments").read_text()


def test_an_edit_is_safe_from_runs_in_other_namespaces(editing: Person) -> None:
    command = f"unshare --user --map-root-user --pid --fork --mount-proc {PROGRAM} status > /dev/null"
    more = editor(editing, f'{command}; sed -i s/old/new/ "$1"')
    editing.run("edit", "layer3/app.yaml", more=more)
    assert "new" in editing.age("layer3/secret.app.yaml")


def test_an_editor_may_have_quotes(editing: Person) -> None:
    program = script(editing.home / "my editor", ['sed -i s/old/quoted/ "$1"'])
    editing.run("edit", "layer3/app.yaml", more={"EDITOR": f"'{program}'"})
    assert "quoted" in editing.age("layer3/secret.app.yaml")
    editing.run("edit", "layer3/app.yaml", more={"EDITOR": "sh -c 'sed -i s/quoted/shell/ \"$0\"'"})
    assert "shell" in editing.age("layer3/secret.app.yaml")
