"""Exceptions, layers and contexts."""

from __future__ import annotations

import pickle
import re

import pytest

import kstack_lib.any
from conftest import REPOSITORY
from kstack_lib import _errors
from kstack_lib._ffi.library import lib
from kstack_lib.any import (
    Context,
    KStackEnvironmentError,
    KStackError,
    KStackInvalidArgumentError,
    Layer,
    LogLevel,
    VaultResult,
    context_reason,
    current_context,
    exceptions,
    guard,
    is_in_cluster,
)

HEADER = (REPOSITORY / "Include" / "kstack.h").read_text()

TABLE = {
    1: ("KStackInvalidArgumentError", ValueError),
    2: ("KStackEnvironmentError", Exception),
    3: ("KStackConfigurationError", Exception),
    4: ("KStackServiceNotFoundError", KeyError),
    5: ("KStackLayerAccessError", Exception),
    6: ("KStackRouteError", Exception),
    7: ("KStackVaultError", Exception),
    8: ("KStackClusterError", Exception),
    9: ("KStackIOError", OSError),
    10: ("KStackInternalError", Exception),
    11: ("KStackConflictError", Exception),
    12: ("KStackTimeoutError", TimeoutError),
    13: ("KStackCancelledError", Exception),
}


def constants(pattern: str) -> dict[str, int]:
    return {name: int(value) for name, value in re.findall(rf"#define {pattern} \(\(\w+\)(\d+)\)", HEADER)}


@pytest.mark.parametrize("code", TABLE)
def test_every_status_has_its_exception(code: int) -> None:
    name, builtin = TABLE[code]
    error = _errors.exception_for(code, "what 'happened'", True)
    assert type(error) is getattr(kstack_lib.any, name)
    assert isinstance(error, KStackError)
    assert isinstance(error, builtin)
    assert str(error) == "what 'happened'"
    assert (error.code, error.retryable, error.report) == (code, True, [])
    assert type(error)("alone").code == code
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.code, again.retryable) == (type(error), str(error), code, True)


def test_an_unknown_status_is_a_failure() -> None:
    error = _errors.exception_for(99, "new", False)
    assert type(error) is KStackError
    assert error.code == 99


def test_codes_match_the_header() -> None:
    assert set(constants(r"(KSTACK_ERROR_\w+)").values()) == set(TABLE)
    assert set(TABLE) == set(_errors._BY_CODE)
    for number in TABLE:
        name = lib.kstack_status_name(number).decode()
        assert constants(f"({name})") == {name: number}


def test_enums_match_the_header() -> None:
    assert constants(r"KSTACK_LOG_(\w+)") == {one.name: one.value for one in LogLevel}
    assert constants(r"KSTACK_CONTEXT_(\w+)") == {one.name: one.value for one in Context}
    assert constants(r"KSTACK_VAULT_(UNCHANGED|WRITTEN|CONFLICT|FAILED|STALE|ENCRYPTED|DECRYPTED|EDITED|IN_CLEAR)") == {
        one.name: one.value for one in VaultResult
    }
    assert constants(r"KSTACK_VAULT_(FILE\w+|OVERWRITE|CHECK)") == {
        "FILES_DECRYPTED": 0,
        "FILES_ENCRYPTED": 1,
        "OVERWRITE": 1,
        "CHECK": 2,
        "FILE_READABLE": 1,
        "FILE_CURRENT": 2,
        "FILE_POST_QUANTUM": 4,
    }


def test_an_unknown_result_is_a_failure() -> None:
    assert VaultResult(17) is VaultResult.FAILED


def test_context() -> None:
    assert is_in_cluster() is False
    assert current_context() is Context.LOCAL
    assert context_reason()
    guard(Context.LOCAL)
    with pytest.raises(KStackEnvironmentError):
        guard(Context.CLUSTER)


@pytest.mark.parametrize(
    ("layer", "namespace", "display_name"),
    [
        (Layer.LAYER0, "layer-0-applications", "Layer 0: Applications"),
        (Layer.LAYER1, "layer-1-tenant-infra", "Layer 1: Tenant Infrastructure"),
        (Layer.LAYER2, "layer-2-global-services", "Layer 2: Global Services"),
        (Layer.LAYER3, "layer-3-global-infra", "Layer 3: Global Infrastructure"),
    ],
)
def test_layers(layer: Layer, namespace: str, display_name: str) -> None:
    assert layer.namespace == namespace
    assert layer.display_name == display_name
    assert str(layer) == f"layer{layer.number}"
    for text in (f"layer{layer.number}", f"LAYER{layer.number}", str(layer.number), namespace, namespace.upper()):
        assert Layer.parse(text) is layer


@pytest.mark.parametrize("text", ["", "layer", "layer4", "4", "-1", "layer-3", "layer3\u00a0", "layer03", "\uff13"])
def test_invalid_layers(text: str) -> None:
    with pytest.raises(KStackInvalidArgumentError):
        Layer.parse(text)


def test_all_is_complete() -> None:
    for module in (kstack_lib.any, exceptions):
        for name in module.__all__:
            assert getattr(module, name) is not None
