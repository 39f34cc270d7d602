"""The suite that every secrets provider passes, for the pod's: with the API, and with mounted Secrets."""

from __future__ import annotations

import runpy

import pytest

from apiserver import StandIn
from pods import REPOSITORY, Pod

PROGRAM = REPOSITORY / "bindings" / "python" / "tests" / "conformance.py"
SUITE = runpy.run_path(str(PROGRAM), run_name="suite")


@pytest.mark.parametrize("mounted", [False, True])
def test_the_pods_provider(server: StandIn, pod: Pod, mounted: bool) -> None:
    """A program in the pod runs every check."""
    service = {name: value.encode() for name, value in SUITE["SERVICE"].items()}
    if mounted:
        pod.mount("layer3-s3-credentials").publish(service)
    else:
        server.objects.put_secret("layer3-s3-credentials", service)
    server.objects.put_secret("layer3-secrets", {name: value.encode() for name, value in SUITE["LAYER"].items()})
    done = pod.python("-W", "error", PROGRAM)
    assert (done.returncode, done.stderr, done.stdout.split()) == (0, "", list(SUITE["CHECKS"]))
