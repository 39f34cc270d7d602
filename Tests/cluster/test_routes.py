"""The active route of a layer: from the variable, else the config map, and the default only where none is set."""

from __future__ import annotations

import pytest

from apiserver import StandIn, answer, status_body
from pods import Agent, CallError


def failure(agent: Agent) -> CallError:
    """Look the active route up, and return the failure."""
    with pytest.raises(CallError) as failed:
        agent.call("active_route", layer="layer3")
    return failed.value


def test_the_route_that_was_set(agent: Agent) -> None:
    agent.call("set_route", layer="layer3", route="staging")
    assert agent.call("active_route", layer="layer3") == "staging"


def test_the_variable_comes_first(agent: Agent, server: StandIn) -> None:
    agent.call("set_variable", name="KSTACK_ROUTE", value="scratch")
    assert agent.call("active_route", layer="layer3") == "scratch"
    agent.call("set_variable", name="KSTACK_ROUTE", value="nowhere")
    assert failure(agent).kind == "KStackRouteError"
    assert server.accepted == 0


@pytest.mark.parametrize("state", ["absent", "no data", "no key"])
def test_the_default_route(state: str, agent: Agent, server: StandIn) -> None:
    server.objects.remove("configmaps", "kstack-route")
    if state != "absent":
        server.objects.put_config_map("kstack-route", None if state == "no data" else {"route": "a"})
    assert agent.call("active_route", layer="layer3") == "development"


@pytest.mark.parametrize("status", [401, 403, 422])
def test_no_silent_default(status: int, agent: Agent, server: StandIn) -> None:
    server.always(answer(status, status_body(status)))
    assert failure(agent).kind == "KStackClusterError"


def test_an_unknown_route_in_the_cluster(agent: Agent, server: StandIn) -> None:
    server.objects.put_config_map("kstack-route", {"active-route": "nowhere"})
    assert failure(agent).kind == "KStackRouteError"


def test_a_route_with_a_line_break(agent: Agent, server: StandIn) -> None:
    # As `kubectl create configmap --from-file` reads it from a file.
    server.objects.put_config_map("kstack-route", {"active-route": "production\n"})
    failed = failure(agent)
    assert failed.kind == "KStackRouteError"
    assert "'production' with a line break at its end" in failed.message
