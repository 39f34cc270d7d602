"""A secret planted wherever a secret can be is never shown: neither on success nor by any failure."""

from __future__ import annotations

import logging
import pickle
import pprint
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Callable

import pyrage
import pytest

from conftest import CANARIES, CREDENTIALS, Project, Run, make_identity
from helpers import every_failure
from kstack_lib.any import KStackContainer, KStackError
from kstack_lib.any.cal import session
from kstack_lib.any.container import default_container
from kstack_lib.any.protocols import LayerArgument
from kstack_lib.local.security import generate_identity

PASSPHRASE = "passphrase canary"
TOKEN = "session-token-canary"

CLOUD = f"""\
s3:
  access_key_id: AKIACANARY
  secret_access_key: secret-canary
  session_token: {TOKEN}
misplaced: canary
twice: {{access_key: canary, access-key: other-canary}}
providers:
  localstack: {{access_key_id: AKIACANARY, secret_access_key: secret-canary, session_token: {TOKEN}}}
  keyless: {{password: canary}}
"""


def texts_of(thing: object) -> Iterator[str]:
    """Return all that a program shows of an object when it prints, logs or formats it."""
    yield from (repr(thing), str(thing), f"{thing}", f"{thing!r}", pprint.pformat(thing))
    if isinstance(thing, BaseException):
        yield "".join(traceback.format_exception_only(type(thing), thing))
        # The lines of this file are the test's own, and have what it plants.
        frames = [frame for frame in traceback.extract_tb(thing.__traceback__) if frame.filename != __file__]
        yield "".join(traceback.format_list(frames))
        yield repr(thing.args)
        yield repr(getattr(thing, "__notes__", None))
        yield repr(getattr(thing, "report", None))
        yield repr(vars(thing))
        for other in (thing.__cause__, thing.__context__):
            if other is not None:
                yield from texts_of(other)


class Watch:
    """Collects what is shown, and checks at the end that it has no canary."""

    def __init__(self, project: Project) -> None:
        self.shown: list[str] = []
        self.secrets = [*CANARIES, "CANARY", project.identity]

    def log(self, level: int, line: str) -> None:
        self.shown += [repr(level), line]

    def show(self, *things: object) -> None:
        for thing in things:
            self.shown += texts_of(thing)

    def fail(self, call: Callable[[], object], *kinds: type[BaseException]) -> BaseException:
        with pytest.raises(kinds or (KStackError,)) as caught:
            call()
        self.show(caught.value)
        return caught.value

    def attempt(self, call: Callable[[], object]) -> None:
        try:
            self.show(call())
        except KStackError as error:
            self.show(error)

    def check(self, project: Project) -> None:
        assert self.shown
        for text in self.shown:
            for secret in self.secrets:
                # The folder of a test has the test's name.
                assert secret not in text.replace(str(project.root.parent), "")


@pytest.fixture
def watch(project: Project, caplog: pytest.LogCaptureFixture) -> Iterator[Watch]:
    """What is shown in a test, and what is logged in it."""
    watch = Watch(project)
    with caplog.at_level(logging.DEBUG):
        yield watch
    watch.shown += [f"{record.getMessage()} {record.__dict__}" for record in caplog.records if "kstack" in record.name]
    watch.check(project)


def put(project: Project, name: str, content: str) -> None:
    path = project.root / "config" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def test_a_canary_would_be_found(project: Project) -> None:
    """The watch can fail."""
    watch = Watch(project)
    try:
        raise KStackError("fine") from ValueError(TOKEN)
    except KStackError as error:
        watch.show(error)
    with pytest.raises(AssertionError):
        watch.check(project)


def test_the_vault(project: Project, watch: Watch) -> None:
    container = KStackContainer(passphrase=PASSPHRASE, log=watch.log)
    vault = container.vault("dev")
    credentials = container.get_credentials("s3", "layer3", "dev")
    identity = generate_identity()
    watch.secrets.append(identity.identity)
    watch.show(container, container.secrets_provider(), container.vault_manager(), container.environment_detector())
    watch.show(
        vault, credentials, credentials.keys(), credentials.items(), credentials.values(), identity, [credentials]
    )
    assert "'secret-key': ***" in repr(credentials)
    watch.show(*every_failure(project))
    watch.fail(lambda: credentials["nope"], KeyError)
    watch.fail(lambda: pickle.dumps(credentials), TypeError)
    project.plain(CREDENTIALS + "# edited\n")
    watch.fail(vault.decrypt)
    project.recipients(make_identity(project.root / "other.txt"))
    watch.fail(vault.encrypt)
    watch.fail(lambda: vault.write("layer3", "new.yaml", b"canary"))
    credentials.close()
    watch.show(credentials)
    watch.fail(lambda: credentials["secret-key"])


BAD_YAML = [
    "s3: {a: b, a: canary}\n",
    "s3:\n  <<: {a: canary}\n",
    "- canary\n",
    "s3: {a: canary\n",
    "s3: !canary canary\n",
    "s3:\n\tkey: canary\n",
    "canary\n",
    "s3: &canary {a: *canary}\n",
    "s3: {? {canary: canary} : canary}\n",
    "--- {s3: canary}\n--- {s3: canary}\n",
    "s3: canary\n",
    "s3: {}\ncanary: canary\n",
    's3: "\\xZZ canary"\n',
]


@pytest.mark.parametrize("text", BAD_YAML)
def test_malformed_files(project: Project, watch: Watch, text: str) -> None:
    with KStackContainer(log=watch.log) as container:
        for write in (project.encrypt, project.plain):
            write(text)
            watch.fail(lambda: container.get_credentials("s3", "layer3", "dev"))
            write(text, "more.yaml")
            watch.attempt(lambda: container.load_secrets("layer3", "dev"))
    (project.root / ".kstack.yaml").write_text(text)
    with KStackContainer(log=watch.log) as container:
        watch.fail(lambda: container.environment)


def test_damaged_files(project: Project, watch: Watch) -> None:
    encrypted = project.encrypt(CREDENTIALS)
    data = encrypted.read_bytes()
    with KStackContainer(log=watch.log) as container:
        for place in range(0, len(data), 37):
            encrypted.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            watch.fail(lambda: container.get_credentials("s3", "layer3", "dev"))
            encrypted.write_bytes(data[:place])
            watch.fail(lambda: container.vault("dev").decrypt())


@pytest.mark.parametrize("bad", ["AGE-SECRET-KEY-1CANARY", "canary", "", "age1canary", "AGE-PLUGIN-YUBIKEY-1CANARY"])
def test_identities(project: Project, watch: Watch, monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    project.identity_file.write_text(f"{bad}\n# canary\n")
    watch.fail(lambda: KStackContainer(log=watch.log).get_credentials("s3", "layer3", "dev"))
    for variable in ("SOPS_AGE_KEY", "KSTACK_AGE_KEY"):
        monkeypatch.setenv(variable, bad)
        watch.fail(lambda: KStackContainer(log=watch.log).get_credentials("s3", "layer3", "dev"))


def test_passphrases(project: Project, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = project.root / "locked.age"
    locked.write_bytes(pyrage.passphrase.encrypt(project.identity_file.read_bytes(), PASSPHRASE))
    locked.chmod(0o600)
    with KStackContainer(identity_file=locked, passphrase=PASSPHRASE, log=watch.log) as container:
        watch.show(container, container.get_credentials("s3", "layer3", "dev"))
    for wrong in ("wrong canary", "canary\0canary", "canary\ud800", ""):
        watch.fail(
            lambda wrong=wrong: KStackContainer(  # type: ignore[misc]
                identity_file=locked, passphrase=wrong, log=watch.log
            ).get_credentials("s3", "layer3", "dev")
        )
    monkeypatch.setenv("KSTACK_AGE_PASSPHRASE", "wrong canary")
    watch.fail(lambda: KStackContainer(identity_file=locked, log=watch.log).get_credentials("s3", "layer3", "dev"))


def test_layer_secrets(project: Project, watch: Watch) -> None:
    with KStackContainer(log=watch.log) as container:
        project.encrypt("password: canary\n", "a.yaml")
        with container.load_secrets("layer3", "dev") as secrets:
            watch.show(secrets, secrets.items())
        project.encrypt("password: other-canary\n", "b.yaml")
        watch.fail(lambda: container.load_secrets("layer3", "dev"))
        project.encrypt("nested: {password: canary}\n", "b.yaml")
        watch.fail(lambda: container.load_secrets("layer3", "dev"))
        other = make_identity(project.root / "other.txt")
        project.encrypt("shared_with: [layer3]\npassword: canary\n", "c.yaml", layer="layer1", recipient=other)
        watch.fail(lambda: container.load_secrets("layer1", "dev"))
        project.encrypt("token: canary\n", "b.yaml")
        watch.show(container.load_secrets("layer3", "dev"))


def test_services(project: Project, watch: Watch) -> None:
    project.encrypt(CLOUD)
    put(
        project,
        "environments/dev.yaml",
        "environment: dev\nallow_provider_override: true\ndeployment_targets: {layer3: {provider: localstack}}\n",
    )
    for name in ("localstack", "keyless", "absent"):
        put(
            project,
            f"providers/{name}.yaml",
            f"name: {name}\nprovider_family: aws\nprovider_implementation: localstack\n"
            "services: {s3: {endpoint_url: 'http://127.0.0.1:1', region: eu-west-1}}\n",
        )
    container = default_container()
    with container.resolve_service("s3", "layer3") as resolved:
        watch.show(resolved, resolved.items())
    for provider in ("keyless", "absent"):
        watch.fail(lambda provider=provider: session("s3", "layer3", provider=provider))  # type: ignore[misc]
    for service in ("twice", "misplaced", "database"):
        watch.fail(
            lambda service=service: container.aws_credential_process(service, "layer3")  # type: ignore[misc]
        )
    made = session("s3", "layer3")
    from botocore.config import Config
    from botocore.exceptions import EndpointConnectionError

    s3 = made.client("s3", config=Config(retries={"max_attempts": 0}))
    watch.show(made, s3, container.cloud_session_factory())
    watch.fail(s3.list_buckets, EndpointConnectionError)
    project.encrypt("providers: {localstack: {provider: canary, region: canary}}\n")
    watch.fail(lambda: container.resolve_service("s3", "layer3"))
    project.encrypt("providers: {localstack: [canary]}\n")
    watch.fail(lambda: container.resolve_service("s3", "layer3"))


def test_credential_process(project: Project, run: Run) -> None:
    project.encrypt("s3: {password: canary}\n")
    done = run("-m", "kstack_lib", "credential-process", "--service", "s3", "--layer", "layer3")
    assert done.returncode != 0
    assert done.stdout == ""
    assert "canary" not in done.stderr
    assert "Traceback" not in done.stderr


class Own:
    """A provider that returns a canary, or fails with one."""

    def __init__(self, answer: Callable[[], Any]) -> None:
        self.answer = answer

    def get_credentials(self, service: str, layer: LayerArgument, environment: str | None = None) -> Mapping[str, Any]:
        given: Mapping[str, Any] = self.answer()
        return given


def raising(kind: type[BaseException], *arguments: object) -> Callable[[], Any]:
    def answer() -> Any:
        try:
            raise LookupError("canary")
        except LookupError:
            raise kind(*arguments) from ValueError("canary")

    return answer


def test_a_programs_own_provider(project: Project, watch: Watch) -> None:
    container = KStackContainer(log=watch.log)
    container.secrets_provider.override(Own(lambda: {"key": "canary", "octets": b"\xffcanary"}))
    credentials = container.get_credentials("s3", "layer3")
    watch.show(container, container.secrets_provider(), credentials, credentials.items())
    watch.fail(lambda: credentials["octets"])
    watch.fail(credentials.json)
    answers: list[Callable[[], Any]] = [
        raising(ValueError, "canary"),
        raising(KeyError, "canary"),
        raising(SystemExit, "canary"),
        raising(UnicodeDecodeError, "utf-8", b"canary", 0, 1, "canary"),
        raising(KStackError, "fine"),
        lambda: "canary",
        lambda: {"key": ["canary"]},
        lambda: {"key": "canary\ud800"},
        lambda: {"": "canary"},
        lambda: {"key\0": "canary"},
        lambda: {"key": "canary" * (4 << 20)},
        lambda: {b"canary": "canary"},
    ]
    for answer in answers:
        with container.override_providers(secrets_provider=Own(answer)):
            watch.fail(lambda: container.get_credentials("s3", "layer3"))
            watch.fail(lambda: container.aws_credential_process("s3", "layer3"))


def test_failures_can_be_pickled(project: Project) -> None:
    for failure in every_failure(project):
        again = pickle.loads(pickle.dumps(failure))
        assert type(again) is type(failure)
        assert str(again) == str(failure)


def test_the_traceback_of_an_uncaught_error(project: Project, run: Run, tmp_path: Path) -> None:
    """What a program prints when one of our errors ends it."""
    project.identity_file.write_text("AGE-SECRET-KEY-1CANARY\n")
    done = run("-c", "from kstack_lib.any import get_credentials; get_credentials('s3', 'layer3', 'dev')")
    assert done.returncode == 1
    assert "KStack" in done.stderr
    assert "CANARY" not in done.stderr


def test_a_first_look_up_locks_little_memory(project: Project, run: Run) -> None:
    program = (
        "from kstack_lib.any import get_credentials\n"
        "credentials = get_credentials('s3', 'layer3', 'dev')\n"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmLck')).split()[1])\n"
    )
    done = run("-c", program)
    assert done.returncode == 0, done.stderr
    # What older systems allow a process, in KiB.
    assert 0 < int(done.stdout) <= 64
