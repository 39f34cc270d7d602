"""Credentials: values exactly as written, failures that say what to do, and nothing shown by accident."""

from __future__ import annotations

import copy
import json
import os
import pickle
import pprint
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable

import pyrage
import pytest

from conftest import CANARIES, CREDENTIALS, Project, make_identity
from kstack_lib.any import (
    Credentials,
    KStackConfigurationError,
    KStackContainer,
    KStackError,
    KStackInvalidArgumentError,
    KStackIOError,
    KStackServiceNotFoundError,
    KStackVaultError,
    Layer,
    LogLevel,
    SecretsProvider,
    get_credentials,
)
from kstack_lib.any.config import get_config_root, get_environment, get_vault_root
from kstack_lib.local.config import list_environments, list_services

EXPECTED = {
    "access-key": "AKIAEXAMPLE",
    "secret-key": "wJalrXUtnFEMI-canary-4711",
    "octal": "0123",
    "float": "1e5",
    "bool": "yes",
    "signed": "+1",
    "nothing": "",
    "tilde": "",
    "empty": "",
    "quoted": "0x1F",
    "unicode": "päßwörd ☃ 日本語 \U0001f511",
    "multi": "line one\nline two\n",
}


def check(credentials: Mapping[str, str]) -> None:
    values = dict(credentials)
    nested = json.loads(values.pop("nested"))
    assert values == EXPECTED
    assert list(nested) == ["hosts", "port", "tls"]
    assert nested["hosts"] == ["a.example", "b.example"]


@pytest.mark.parametrize("armor", [False, True])
def test_from_an_encrypted_vault(project: Project, armor: bool) -> None:
    encrypted = project.encrypt(CREDENTIALS, armor=armor)
    credentials = get_credentials("s3", layer="layer3", environment="dev")
    check(credentials)
    assert credentials.source == str(encrypted)
    assert not (project.folder() / "cloud-credentials.yaml").exists()


def test_names_keep_the_order_of_the_file(project: Project) -> None:
    credentials = get_credentials("s3", "layer3", "dev")
    assert list(credentials) == [*EXPECTED, "nested"]
    assert list(credentials.keys()) == list(credentials)
    assert len(credentials) == len(EXPECTED) + 1


def test_mapping(project: Project) -> None:
    credentials = get_credentials("s3", "layer3", "dev")
    assert isinstance(credentials, Mapping)
    assert "octal" in credentials
    assert "nope" not in credentials
    assert credentials.get("nope") is None
    assert credentials == dict(credentials)
    with pytest.raises(KeyError):
        credentials["nope"]
    with pytest.raises(KeyError):
        credentials.bytes("nope")
    assert credentials.bytes("unicode") == EXPECTED["unicode"].encode()
    assert credentials.bytes("nothing") == b""
    assert {**credentials}["float"] == "1e5"


def test_json_is_the_whole_tree(project: Project) -> None:
    tree = get_credentials("s3", "layer3", "dev").json()
    nested = tree.pop("nested")
    assert tree == EXPECTED
    assert nested == {"hosts": ["a.example", "b.example"], "port": "5432", "tls": "true"}


def test_the_nested_value_is_its_json_text(project: Project) -> None:
    text = get_credentials("s3", "layer3", "dev")["nested"]
    assert json.loads(text) == {"hosts": ["a.example", "b.example"], "port": "5432", "tls": "true"}


def test_a_nul_inside_of_a_value_is_kept(project: Project) -> None:
    project.encrypt('s3:\n  value: "a\\0b"\n')
    credentials = get_credentials("s3", "layer3", "dev")
    assert credentials.bytes("value") == b"a\0b"
    assert credentials["value"] == "a\0b"


def test_plaintext_is_preferred(project: Project) -> None:
    plaintext = project.plain("s3:\n  access-key: from-plaintext\n")
    credentials = get_credentials("s3", "layer3", "dev")
    assert dict(credentials) == {"access-key": "from-plaintext"}
    assert credentials.source == str(plaintext)


def test_the_environment_is_detected(project: Project) -> None:
    check(get_credentials("s3", "layer3"))
    assert get_environment() == "dev"
    assert get_vault_root() == project.root / "vault"
    assert list_environments() == ["dev"]
    assert list_services("layer3") == ["s3", "database"]


def test_config_root(project: Project) -> None:
    with pytest.raises(KStackConfigurationError):
        get_config_root()
    (project.root / "config" / "environments").mkdir(parents=True)
    assert get_config_root() == project.root / "config"


def test_the_layer_may_be_a_layer_or_any_of_its_names(project: Project) -> None:
    for layer in (Layer.LAYER3, "layer3", "3", "LAYER3", "layer-3-global-infra"):
        assert get_credentials("s3", layer, "dev")["octal"] == "0123"


def test_the_container_follows_the_working_directory(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get_credentials("s3", "layer3", "dev")
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(KStackConfigurationError):
        get_credentials("s3", "layer3", "dev")
    monkeypatch.chdir(project.folder())
    check(get_credentials("s3", "layer3", "dev"))


def test_a_changed_file_is_seen(project: Project) -> None:
    assert get_credentials("s3", "layer3", "dev")["octal"] == "0123"
    project.encrypt("s3:\n  octal: '0777'\n")
    assert get_credentials("s3", "layer3", "dev")["octal"] == "0777"


# Failures


def test_a_missing_service_lists_those_that_are_there(project: Project) -> None:
    with pytest.raises(KStackServiceNotFoundError) as caught:
        get_credentials("redis", "layer3", "dev")
    message = str(caught.value)
    assert isinstance(caught.value, KeyError)
    assert caught.value.code == 4
    assert caught.value.retryable is False
    assert not message.startswith(("'", '"')), "the message, not its repr"
    for part in ("redis", "s3", "database"):
        assert part in message


def test_a_missing_file_is_not_found(project: Project) -> None:
    project.folder("layer1")
    with pytest.raises(KStackServiceNotFoundError, match="layer1"):
        get_credentials("s3", "layer1", "dev")


def test_a_wrong_environment_lists_those_that_are_there(project: Project) -> None:
    with pytest.raises(KStackConfigurationError) as caught:
        get_credentials("s3", "layer3", "staging")
    assert caught.value.code == 3
    assert "staging" in str(caught.value)
    assert "dev" in str(caught.value)


def test_no_environment_says_what_to_write(project: Project) -> None:
    (project.root / ".kstack.yaml").unlink()
    with pytest.raises(KStackConfigurationError, match=r"\.kstack\.yaml"):
        get_credentials("s3", "layer3")
    check(get_credentials("s3", "layer3", "dev"))


@pytest.mark.parametrize("mode", [0o666, 0o664])
def test_a_vault_that_others_may_write_is_refused(project: Project, mode: int) -> None:
    project.plain("s3:\n  a: b\n")
    (project.folder() / "cloud-credentials.yaml").chmod(mode)
    with pytest.raises(KStackConfigurationError):
        get_credentials("s3", "layer3", "dev")


@pytest.mark.parametrize(
    ("service", "layer", "environment"),
    [
        ("S3", "layer3", "dev"),
        ("", "layer3", "dev"),
        ("../s3", "layer3", "dev"),
        ("s3", "layer4", "dev"),
        ("s3", "", "dev"),
        ("s3", "layer3", "../dev"),
        ("s3", "layer3", ""),
        ("a" * 64, "layer3", "dev"),
    ],
)
def test_names_out_of_grammar(project: Project, service: str, layer: str, environment: str) -> None:
    with pytest.raises(KStackInvalidArgumentError) as caught:
        get_credentials(service, layer, environment)
    assert isinstance(caught.value, ValueError)
    assert caught.value.code == 1


@pytest.mark.parametrize("bad", ["s3\0evil", "\ud800"])
def test_text_that_c_cannot_take(project: Project, bad: str) -> None:
    container = KStackContainer()
    calls: list[Callable[[], object]] = [
        lambda: container.get_credentials(bad, "layer3"),
        lambda: container.get_credentials("s3", bad),
        lambda: container.get_credentials("s3", "layer3", bad),
        lambda: container.list_services(bad),
        lambda: container.vault(bad),
        lambda: container.vault("dev").read("layer3", bad),
        lambda: container.vault("dev").get_file(bad, "a"),
        lambda: container.vault("dev").list_files(bad),
        lambda: container.vault("dev").decrypt([bad]),
        lambda: KStackContainer(project_root=bad),
        lambda: KStackContainer(identity_file=bad),
        lambda: KStackContainer(passphrase=bad),
        lambda: Layer.parse(bad),
    ]
    for call in calls:
        with pytest.raises(KStackInvalidArgumentError) as caught:
            call()
        assert bad not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_wrong_types() -> None:
    container = KStackContainer()
    wrong: Any
    for wrong in (None, b"s3", 3):
        with pytest.raises(TypeError):
            container.get_credentials(wrong, "layer3")
        with pytest.raises(TypeError):
            container.get_credentials("s3", wrong)
    with pytest.raises(KStackInvalidArgumentError):
        KStackContainer(timeout_ms=-1)
    with pytest.raises(KStackInvalidArgumentError):
        KStackContainer(timeout_ms=1 << 32)


def test_a_project_root_that_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(KStackIOError) as caught:
        KStackContainer(project_root=tmp_path / "missing")
    assert isinstance(caught.value, OSError)
    assert "missing" in str(caught.value)
    assert caught.value.code == 9


@pytest.mark.parametrize(
    "text",
    [
        "s3: {a: b, a: canary}\n",
        "s3:\n  <<: {a: canary}\n",
        "- canary\n",
        "s3: {a: canary\n",
        "a: &a [canary]\nb: &b [*a, *a]\n" * 2,
        "s3:\n\tkey: canary\n",
    ],
    ids=["duplicate", "merge", "no-mapping", "unfinished", "aliases", "tab"],
)
def test_malformed_yaml(project: Project, text: str) -> None:
    encrypted = project.encrypt(text)
    with pytest.raises(KStackConfigurationError) as caught:
        get_credentials("s3", "layer3", "dev")
    assert encrypted.name in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("value", ["canary", "[canary]", "null"])
def test_a_service_that_is_no_mapping_is_no_service(project: Project, value: str) -> None:
    encrypted = project.encrypt(f"s3: {value}\n")
    with pytest.raises((KStackServiceNotFoundError, KStackConfigurationError), match="mapping") as caught:
        get_credentials("s3", "layer3", "dev")
    assert encrypted.name in str(caught.value)
    assert "canary" not in str(caught.value).replace(str(project.root), "")


def test_a_damaged_file(project: Project) -> None:
    encrypted = project.encrypt(CREDENTIALS)
    data = bytearray(encrypted.read_bytes())
    data[-1] ^= 1
    encrypted.write_bytes(data)
    with pytest.raises(KStackVaultError) as caught:
        get_credentials("s3", "layer3", "dev")
    assert caught.value.code == 7
    assert encrypted.name in str(caught.value)


# Identities


def test_no_identity_lists_all_sources(project: Project) -> None:
    project.identity_file.unlink()
    with pytest.raises(KStackVaultError) as caught:
        get_credentials("s3", "layer3", "dev")
    message = str(caught.value)
    places = [
        "identity_file",
        "KSTACK_AGE_KEY",
        "KSTACK_AGE_KEY_FILE",
        "SOPS_AGE_KEY",
        "SOPS_AGE_KEY_FILE",
        str(project.home / ".config/kstack/age/keys.txt"),
        str(project.home / ".config/sops/age/keys.txt"),
    ]
    at = -1
    for place in places:
        found = message.find(place, at + 1)
        assert found > at, f"{place} is missing or out of order in: {message}"
        at = found


def test_the_order_of_sources(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = project.identity
    good_file = tmp_path / "good.txt"
    good_file.write_text(f"# mine\n\n{good}\n")
    good_file.chmod(0o600)
    wrong_file = tmp_path / "wrong.txt"
    make_identity(wrong_file)
    wrong = next(line for line in wrong_file.read_text().splitlines() if line.startswith("AGE-"))
    project.identity_file.unlink()

    def works(**options: Any) -> bool:
        with KStackContainer(**options) as container:
            try:
                container.get_credentials("s3", "layer3", "dev").close()
            except KStackVaultError as error:
                assert wrong not in str(error)
                return False
            return True

    # From the last source to the first: each that is set decides, whatever stands behind it.
    assert not works()
    sops_file = project.home / ".config/sops/age/keys.txt"
    sops_file.parent.mkdir(parents=True)
    sops_file.write_text(good)
    sops_file.chmod(0o600)
    assert works()
    project.identity_file.write_text(wrong)
    project.identity_file.chmod(0o600)
    assert not works()
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(good_file))
    assert works()
    monkeypatch.setenv("SOPS_AGE_KEY", wrong)
    assert not works()
    monkeypatch.setenv("KSTACK_AGE_KEY_FILE", str(good_file))
    assert works()
    monkeypatch.setenv("KSTACK_AGE_KEY", wrong)
    assert not works()
    assert works(identity_file=good_file)
    monkeypatch.setenv("KSTACK_AGE_KEY", "")
    assert works()
    monkeypatch.setenv("KSTACK_AGE_KEY", good)
    assert works()
    assert not works(identity_file=str(wrong_file))


def test_a_source_that_is_set_and_bad_is_an_error(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KSTACK_AGE_KEY", "AGE-SECRET-KEY-1CANARY")
    with pytest.raises(KStackError) as caught:
        get_credentials("s3", "layer3", "dev")
    assert "KSTACK_AGE_KEY" in str(caught.value)
    assert "CANARY" not in str(caught.value)


def test_an_identity_file_that_others_may_read(project: Project) -> None:
    project.identity_file.chmod(0o644)
    with pytest.raises(KStackError, match="chmod 600"):
        get_credentials("s3", "layer3", "dev")


def test_many_identities_in_one_file(project: Project, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    make_identity(other)
    project.identity_file.write_text(other.read_text() + "\n# and mine\n" + project.identity + "\n")
    check(get_credentials("s3", "layer3", "dev"))


@pytest.fixture
def locked(project: Project, tmp_path: Path) -> Path:
    """The project's identity in a file that is encrypted with a passphrase, and nowhere else."""
    path = tmp_path / "locked.age"
    path.write_bytes(pyrage.passphrase.encrypt(project.identity_file.read_bytes(), "correct horse canary"))
    path.chmod(0o600)
    project.identity_file.unlink()
    return path


def test_passphrase_as_an_argument(project: Project, locked: Path) -> None:
    with KStackContainer(identity_file=locked, passphrase="correct horse canary") as container:
        check(container.get_credentials("s3", "layer3", "dev"))
        check(container.get_credentials("s3", "layer3", "dev"))
        assert "canary" not in repr(container)


def test_passphrase_in_a_variable(project: Project, locked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KSTACK_AGE_KEY_FILE", str(locked))
    monkeypatch.setenv("KSTACK_AGE_PASSPHRASE", "correct horse canary")
    check(get_credentials("s3", "layer3", "dev"))


@pytest.mark.parametrize("passphrase", [None, "wrong-canary"])
def test_wrong_or_missing_passphrase(project: Project, locked: Path, passphrase: str | None) -> None:
    with (
        KStackContainer(identity_file=locked, passphrase=passphrase) as container,
        pytest.raises(KStackError) as caught,
    ):
        container.get_credentials("s3", "layer3", "dev")
    assert "locked.age" in str(caught.value)
    assert "canary" not in str(caught.value)


# Lifetimes


def test_close(project: Project) -> None:
    credentials = get_credentials("s3", "layer3", "dev")
    credentials.close()
    credentials.close()
    assert credentials.closed
    calls: list[Callable[[], object]] = [
        lambda: credentials["octal"],
        lambda: credentials.bytes("octal"),
        lambda: credentials.json(),
        lambda: credentials.source,
        lambda: len(credentials),
        lambda: list(credentials),
        lambda: dict(credentials),
        lambda: "octal" in credentials,
        lambda: credentials.__enter__(),
    ]
    for call in calls:
        with pytest.raises(KStackInvalidArgumentError, match="closed"):
            call()
    assert "closed" in repr(credentials)


def test_context_managers(project: Project) -> None:
    with KStackContainer() as container, container.get_credentials("s3", "layer3") as credentials:
        check(credentials)
    assert container.closed
    assert credentials.closed


def test_credentials_outlive_their_container(project: Project) -> None:
    with KStackContainer() as container:
        credentials = container.get_credentials("s3", "layer3")
    check(credentials)


def test_a_closed_container(project: Project) -> None:
    container = KStackContainer()
    provider = container.secrets_provider()
    container.close()
    container.close()
    calls: list[Callable[[], object]] = [
        lambda: container.get_credentials("s3", "layer3"),
        lambda: provider.get_credentials("s3", "layer3"),
        lambda: container.environment,
        lambda: container.config_root,
        lambda: container.vault_root,
        lambda: container.secrets_provider(),
        lambda: container.vault(),
        lambda: container.list_environments(),
        lambda: container.list_services("layer3"),
        lambda: container.__enter__(),
    ]
    for call in calls:
        with pytest.raises(KStackInvalidArgumentError, match="closed"):
            call()


def test_no_copies(project: Project) -> None:
    credentials = get_credentials("s3", "layer3", "dev")
    container = KStackContainer()
    for thing in (credentials, container, container.vault()):
        for operation in (copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                operation(thing)
    with pytest.raises(TypeError):
        copy.copy(credentials)


def test_the_provider_is_one(project: Project) -> None:
    container = KStackContainer()
    provider = container.secrets_provider()
    assert provider is container.secrets_provider()
    assert isinstance(provider, SecretsProvider)
    check(provider.get_credentials("s3", "layer3", "dev"))


# Secrets stay where they are


def every_failure(project: Project) -> list[BaseException]:
    with KStackContainer() as container:
        calls: list[Callable[[], object]] = [
            lambda: container.get_credentials("nope", "layer3", "dev"),
            lambda: container.get_credentials("s3", "layer3", "nope"),
            lambda: container.get_credentials("s3", "layer9", "dev"),
            lambda: container.get_credentials("s3", "layer0", "dev"),
            lambda: container.get_credentials("s3", "layer3", "dev")["nope"],
            lambda: container.vault("nope"),
            lambda: container.vault("dev").read("layer3", "nope"),
            lambda: container.vault("dev").get_file("layer3", "cloud-credentials.yaml"),
            lambda: container.vault("dev").decrypt(["layer3/nope.yaml"]),
            lambda: KStackContainer(identity_file=project.root / "nope").get_credentials("s3", "layer3", "dev"),
        ]
        failures: list[BaseException] = []
        for call in calls:
            with pytest.raises((KStackError, KeyError)) as caught:
                call()
            failures.append(caught.value)
    return failures


def test_nothing_shows_a_value(project: Project) -> None:
    container = KStackContainer(passphrase="passphrase-canary")
    vault = container.vault("dev")
    credentials = container.get_credentials("s3", "layer3", "dev")
    shown: list[str] = []
    for thing in (container, container.secrets_provider(), vault, credentials, credentials.keys(), credentials.items()):
        shown += [repr(thing), str(thing), f"{thing}", pprint.pformat(thing)]
    for failure in every_failure(project):
        shown += [
            repr(failure),
            str(failure),
            *traceback.format_exception(type(failure), failure, failure.__traceback__),
        ]
    project.plain(CREDENTIALS + "# edited\n")
    with pytest.raises(KStackError) as caught:
        vault.decrypt()
    shown += [repr(caught.value), str(caught.value), repr(caught.value.report)]
    assert "'secret-key': ***" in repr(credentials)
    for text in shown:
        for canary in (*CANARIES, project.identity):
            assert canary not in text


def test_failures_can_be_pickled(project: Project) -> None:
    for failure in every_failure(project):
        again = pickle.loads(pickle.dumps(failure))
        assert type(again) is type(failure)
        assert str(again) == str(failure)


# Threads and processes


def in_threads(count: int, work: Callable[[int], None]) -> None:
    failures: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert failures == []


def test_threads_share_a_container(project: Project) -> None:
    container = KStackContainer()

    def work(number: int) -> None:
        for _ in range(20):
            with container.get_credentials("s3", "layer3", "dev") as credentials:
                check(credentials)

    in_threads(8, work)


def test_close_beside_running_calls(project: Project) -> None:
    for _ in range(10):
        container = KStackContainer()
        credentials = container.get_credentials("s3", "layer3", "dev")
        barrier = threading.Barrier(5)

        def work(
            number: int,
            container: KStackContainer = container,
            credentials: Credentials = credentials,
            barrier: threading.Barrier = barrier,
        ) -> None:
            barrier.wait()
            if number == 0:
                container.close()
                credentials.close()
                return
            for _ in range(20):
                try:
                    container.get_credentials("s3", "layer3", "dev").close()
                    assert credentials["octal"] == "0123"
                except KStackInvalidArgumentError as error:
                    assert "closed" in str(error)

        in_threads(5, work)


def child(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fork_after_a_look_up(project: Project) -> None:
    container = KStackContainer()
    credentials = container.get_credentials("s3", "layer3", "dev")

    def work() -> None:
        check(credentials)
        check(container.get_credentials("s3", "layer3", "dev"))
        check(get_credentials("s3", "layer3", "dev"))
        credentials.close()
        container.close()

    assert child(work) == 0
    check(credentials)
    check(container.get_credentials("s3", "layer3", "dev"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fork_while_threads_look_up(project: Project) -> None:
    container = KStackContainer()
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            container.get_credentials("s3", "layer3", "dev").close()

    threads = [threading.Thread(target=busy) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            assert child(lambda: check(KStackContainer().get_credentials("s3", "layer3", "dev"))) == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_the_finalizer_leaves_a_childs_objects_alone(project: Project) -> None:
    from kstack_lib._handle import Handle

    freed: list[int] = []
    handle = Handle(1, freed.append, "thing")
    handle._pid += 1
    del handle
    assert freed == []
    handle = Handle(2, freed.append, "thing")
    del handle
    assert freed == [2]


def test_a_handle_in_use_is_freed_by_its_last_user() -> None:
    from kstack_lib._handle import Handle

    freed: list[int] = []
    handle = Handle(7, freed.append, "thing")
    with handle.use() as outer:
        with handle.use():
            handle.close()
            assert freed == []
        assert freed == []
        assert outer == 7
    assert freed == [7]
    handle.close()
    assert freed == [7]


# Log


@pytest.fixture
def logging_project(project: Project) -> Project:
    """A project whose identity file has a line that is passed over, which is logged."""
    project.identity_file.write_text(f"AGE-PLUGIN-YUBIKEY-1CANARY\n{project.identity}\n")
    return project


def test_log(logging_project: Project) -> None:
    lines: list[tuple[int, str]] = []
    with KStackContainer(log=lambda level, line: lines.append((level, line))) as container:
        vault = container.vault("dev")
    # The vault logs to where its container did, which is closed.
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


def test_the_trampoline_finds_its_function_and_keeps_failures_in(capsys: pytest.CaptureFixture[str]) -> None:
    from kstack_lib import _log

    lines: list[tuple[int, str]] = []
    target = _log.LogTarget(lambda level, line: lines.append((level, line)))
    function = _log.trampoline()
    assert function is _log.trampoline()
    function(target.number, 2, "größer".encode())
    function(target.number, 9, b"unknown level")
    function(0, 1, b"nobody")
    function(target.number + 1000, 1, b"nobody")
    assert lines == [(LogLevel.WARNING, "größer"), (9, "unknown level")]

    def interrupt(level: int, line: str) -> None:
        raise KeyboardInterrupt

    broken = _log.LogTarget(interrupt)
    function(broken.number, 0, b"text")
    assert "KeyboardInterrupt" in capsys.readouterr().err
    number = target.number
    del target
    function(number, 0, b"gone")
    assert len(lines) == 2
