"""The suite that every secrets provider passes, for the vault's and for a program's own.

Tests/cluster/test_conformance.py runs it over the pod's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import conformance
from conftest import Project
from kstack_lib.any import KStackContainer, KStackServiceNotFoundError


class Own:
    """A program's own provider."""

    def get_credentials(self, service: str, layer: str, environment: str | None = None) -> dict[str, str]:
        assert layer == "layer3"
        assert environment in (None, "production")
        if service != "s3":
            raise KStackServiceNotFoundError(f"no service {service}")
        return conformance.SERVICE

    def load_secrets(self, layer: str, environment: str | None = None) -> dict[str, str]:
        return conformance.LAYER


@pytest.fixture(params=["vault", "own"])
def provider(request: pytest.FixtureRequest, project: Project) -> Iterator[Any]:
    (project.root / ".kstack.yaml").write_text("environment: production\n")
    with KStackContainer() as container:
        if request.param == "own":
            container.secrets_provider.override(Own())
            yield container.client()
        else:
            # JSON is YAML.
            project.encrypt(json.dumps({"s3": conformance.SERVICE}), environment="production")
            project.encrypt(json.dumps(conformance.LAYER), "mail.yaml", environment="production")
            yield container.secrets_provider()


@pytest.mark.parametrize("name", conformance.CHECKS)
def test_provider(provider: Any, name: str) -> None:
    conformance.CHECKS[name](provider)
