"""The programs in the documentation run as they stand, and the guards work in both directions."""

from __future__ import annotations

import pytest

from conftest import CREDENTIALS, PROGRAMS, Project, Run


@pytest.mark.parametrize("name", ["get_credentials", "decrypt_vault", "secrets_provider", "guard"])
def test_program(project: Project, run: Run, name: str) -> None:
    done = run(str(PROGRAMS / f"{name}.py"))
    assert (done.returncode, done.stderr) == (0, "")
    if name == "guard":
        first, second = done.stdout.splitlines()
        assert first == "In cluster: False"
        assert second.startswith("Guard works: ")
    else:
        assert done.stdout == ""
    plaintext = project.folder() / "cloud-credentials.yaml"
    if name == "decrypt_vault":
        assert plaintext.read_text() == CREDENTIALS
    else:
        assert not plaintext.exists()


def test_no_program_is_left_out() -> None:
    assert sorted(path.stem for path in PROGRAMS.glob("*.py")) == [
        "decrypt_vault",
        "get_credentials",
        "guard",
        "secrets_provider",
    ]


LOCAL_MODULES = ["kstack_lib.local", "kstack_lib.local._guards", "kstack_lib.local.config", "kstack_lib.local.security"]
CLUSTER_MODULES = [
    "kstack_lib.cluster",
    "kstack_lib.cluster._guards",
    "kstack_lib.cluster.config",
    "kstack_lib.cluster.security",
]

IMPORT_TWICE = """
import importlib, sys
from kstack_lib.any import KStackEnvironmentError
for attempt in range(2):
    try:
        importlib.import_module(sys.argv[1])
    except KStackEnvironmentError as error:
        assert error.code == 2 and not error.retryable
        print("refused:", error)
    else:
        print("imported")
"""


@pytest.mark.parametrize("module", CLUSTER_MODULES)
def test_cluster_modules_are_refused_on_a_developers_machine(run: Run, module: str) -> None:
    done = run("-c", IMPORT_TWICE, module)
    assert done.stderr == ""
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["refused", "refused"]


@pytest.mark.parametrize("module", LOCAL_MODULES)
def test_local_modules_are_refused_in_a_pod(run: Run, module: str) -> None:
    done = run("-c", IMPORT_TWICE, module, pod=())
    assert done.stderr == ""
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["refused", "refused"]


@pytest.mark.parametrize("module", CLUSTER_MODULES)
def test_cluster_modules_are_imported_in_a_pod(run: Run, module: str) -> None:
    done = run("-c", IMPORT_TWICE, module, pod=())
    assert (done.stdout, done.stderr) == ("imported\nimported\n", "")


def test_the_token_decides_and_not_the_binding(run: Run) -> None:
    done = run("-c", "from kstack_lib.any import *; print(is_in_cluster(), current_context().name)", pod=())
    assert (done.stdout, done.stderr) == ("True CLUSTER\n", "")
    done = run("-c", "from kstack_lib.any import *; print(is_in_cluster(), current_context().name)", pod=("--hide",))
    assert (done.stdout, done.stderr) == ("False LOCAL\n", "")


def test_a_pod_without_a_token_is_a_pod(run: Run) -> None:
    done = run(
        "-c",
        "from kstack_lib.any import *; print(is_in_cluster(), context_reason())",
        KUBERNETES_SERVICE_HOST="10.0.0.1",
    )
    assert done.stdout.startswith("True "), done.stderr
    assert "KUBERNETES_SERVICE_HOST" in done.stdout


def test_programs_in_a_pod(project: Project, run: Run) -> None:
    vault = run(str(PROGRAMS / "decrypt_vault.py"), pod=())
    assert vault.returncode != 0
    assert "line 1" in vault.stderr
    assert "KStackEnvironmentError" in vault.stderr
    assert not (project.folder() / "cloud-credentials.yaml").exists()
    container = run(str(PROGRAMS / "secrets_provider.py"), pod=())
    assert (container.returncode, container.stderr) == (0, "")
    guard = run(str(PROGRAMS / "guard.py"), pod=())
    assert (guard.stdout, guard.stderr) == ("In cluster: True\n", "")


IN_A_POD = """
from kstack_lib.any import KStackConfigurationError, KStackContainer, KStackEnvironmentError, get_credentials
container = KStackContainer()
assert container.config_root is None and container.vault_root is None
for call in (
    lambda: container.vault("dev"),
    lambda: container.list_environments(),
    lambda: container.list_services("layer3", "dev"),
):
    try:
        call()
    except KStackEnvironmentError as error:
        assert error.code == 2
        print("refused")
try:
    get_credentials("s3", "layer3", "dev")
except KStackConfigurationError as error:
    # The pod is one of production.
    assert "production" in str(error)
    print("refused")
"""


def test_the_vault_is_closed_in_a_pod(project: Project, run: Run) -> None:
    done = run("-c", IN_A_POD, pod=())
    assert (done.stdout, done.stderr) == ("refused\n" * 4, "")


def test_hidden_signs_make_a_developers_machine(project: Project, run: Run) -> None:
    done = run(str(PROGRAMS / "get_credentials.py"), pod=("--hide",))
    assert (done.returncode, done.stderr) == (0, "")
