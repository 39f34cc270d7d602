"""Fixtures of pytest; a `conftest.py` loads them by `pytest_plugins = ["kstack_lib.testing.fixtures"]`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kstack_lib._core.container import default_container
from kstack_lib.testing import FakeSecrets

__all__ = ["kstack_secrets"]


@pytest.fixture
def kstack_secrets() -> Iterator[FakeSecrets]:
    """Fake secrets that answer all look-ups of the default container, and of module functions, during a test."""
    fake = FakeSecrets()
    with default_container().override_providers(secrets_provider=fake):
        yield fake
