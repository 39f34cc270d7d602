"""A pod: its service account and mounted Secrets as kubelet makes them, and programs that run in it."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apiserver import StandIn

REPOSITORY = Path(__file__).resolve().parents[2]
SUPPORT = REPOSITORY / "Tests" / "support"
IN_POD = SUPPORT / "in-pod"
PROGRAMS = REPOSITORY / "Tests" / "programs"

#: The exit code of in-pod where it cannot do its work.
NO_NAMESPACES = 77

#: Longer than anything that a program does; a test that waits longer fails.
PATIENCE = 120

#: Variables of the user that a pod does not have.
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
OTHERS = ("KSTACK_", "SOPS_", "KUBERNETES_", "POD_NAMESPACE")

TOKEN = "header.payload-token-canary-1.signature"


class KubeletFolder:
    """A folder as kubelet publishes it: links into `..data`, which is swapped in one rename."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._numbers = itertools.count(1)
        path.mkdir(parents=True, exist_ok=True)

    def publish(self, files: Mapping[str, bytes]) -> None:
        """Replace the files with these."""
        snapshot = self.path / f"..2026_11_23_07_00_00.{next(self._numbers):09}"
        snapshot.mkdir()
        for name, content in files.items():
            (snapshot / name).write_bytes(content)
        old = self.path / os.readlink(self.path / "..data") if (self.path / "..data").is_symlink() else None
        (self.path / "..data_tmp").symlink_to(snapshot.name)
        (self.path / "..data_tmp").rename(self.path / "..data")
        for name in files:
            if not (self.path / name).is_symlink():
                (self.path / name).symlink_to(f"..data/{name}")
        for entry in self.path.iterdir():
            if entry.is_symlink() and entry.name not in (*files, "..data"):
                entry.unlink()
        if old is not None:
            shutil.rmtree(old)


class CallError(Exception):
    """A call of the library that failed in a program in a pod."""

    def __init__(self, kind: str, code: int, message: str, retryable: bool) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.code = code
        self.message = message
        self.retryable = retryable


@dataclass
class Pod:
    """A pod whose API server is the stand-in."""

    root: Path
    server: StandIn
    token: str = TOKEN
    namespace: str | None = "layer-3-production"
    ca: bytes = b""
    #: More variables for the programs in it.
    variables: dict[str, str] = field(default_factory=dict)
    #: Options of in-pod.
    options: tuple[str, ...] = ()
    #: All that programs wrote, to check for what they must not write.
    written: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ca = self.ca or self.server.authority.certificate
        self._service_account = KubeletFolder(self.root / "serviceaccount")
        self._secrets = self.root / "secrets"
        self._secrets.mkdir()
        self.publish()

    def publish(self) -> None:
        """Put token, ca.crt and namespace where programs find them, as kubelet does."""
        files = {"token": self.token.encode(), "ca.crt": self.ca}
        if self.namespace is not None:
            files["namespace"] = self.namespace.encode()
        self._service_account.publish(files)

    @property
    def service_account(self) -> Path:
        """The folder of the service account."""
        return self._service_account.path

    def mount(self, name: str) -> KubeletFolder:
        """Mount a Secret as a volume, which is empty until something is published."""
        return KubeletFolder(self._secrets / name)

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a program in it."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(OTHERS) and name.lower() not in PROXIES
        }
        return {
            **kept,
            "HOME": str(self.root),
            "KSTACK_LIBRARY": os.environ["KSTACK_LIBRARY"],
            "PYTHONPATH": str(REPOSITORY / "bindings" / "python" / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "KSTACK_POD_SERVICE_ACCOUNT": str(self.service_account),
            "KSTACK_POD_SECRETS": str(self._secrets),
            "KUBERNETES_SERVICE_HOST": "127.0.0.1",
            "KUBERNETES_SERVICE_PORT": str(self.server.port),
            **self.variables,
        }

    def command(self, *command: str | Path) -> list[str]:
        """Return a command that runs another one in it."""
        return [str(IN_POD), *self.options, "--", *map(str, command)]

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program in it."""
        done = subprocess.run(
            self.command(*command),
            env=self.environment,
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self.written += [done.stdout, done.stderr]
        return done

    def python(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run Python in it."""
        return self.run(sys.executable, *arguments)


class Agent:
    """A Python program in a pod that calls the library on request, until the test ends it.

    The methods are those of agent.py; what they raise is CallError.
    """

    def __init__(self, pod: Pod, timeout_ms: int = 0) -> None:
        self.pod = pod
        self._process = subprocess.Popen(
            pod.command(sys.executable, Path(__file__).with_name("agent.py")),
            env=pod.environment,
            cwd=pod.root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log: list[str] = []
        self.call("new", timeout_ms=timeout_ms)

    @property
    def pid(self) -> int:
        """The process ID."""
        return self._process.pid

    def call(self, function: str, **arguments: Any) -> Any:
        """Call a function, and return its result."""
        assert self._process.stdin is not None and self._process.stdout is not None
        assert self._process.stderr is not None
        watch = threading.Timer(PATIENCE, self._process.kill)
        watch.start()
        try:
            self._process.stdin.write(json.dumps({"function": function, **arguments}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            watch.cancel()
        if not line:
            raise AssertionError(f"the program ended: {self._process.wait()}: {self._process.stderr.read()}")
        answer = json.loads(line)
        self.log += answer["log"]
        self.pod.written += answer["log"]
        if "error" in answer:
            failed = CallError(**answer["error"])
            self.pod.written.append(failed.message)
            raise failed
        return answer["result"]

    def credentials(
        self, service: str = "s3", layer: str = "layer3", environment: str | None = None
    ) -> dict[str, bytes]:
        """Look credentials up, and return their bytes."""
        given = self.call("credentials", service=service, layer=layer, environment=environment)
        return {name: base64.b64decode(value) for name, value in given["values"].items()}

    def close(self) -> None:
        """End it, and check that it printed nothing."""
        output, errors = self._process.communicate(timeout=PATIENCE)
        self.pod.written.append(errors)
        assert (self._process.returncode, output, errors) == (0, "", "")


def python(*lines: str) -> Sequence[str]:
    """Return the arguments that make Python run these lines."""
    return ("-c", "\n".join(lines))
