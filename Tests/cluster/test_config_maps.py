"""Config maps: read by name, and written by the only function that writes, which sets the route."""

from __future__ import annotations

import json

import pytest

from apiserver import End, Reply, Request, StandIn, answer, status_body
from pods import Agent, CallError, Pod

NAMESPACE = "layer-3-production"
PATH = f"/api/v1/namespaces/{NAMESPACE}/configmaps/kstack-route"


def failure(agent: Agent, function: str, **arguments: str) -> CallError:
    """Call a function, and return how it failed."""
    with pytest.raises(CallError) as failed:
        agent.call(function, **arguments)
    return failed.value


# -------------------------------------------------------------------------------------------------------------- reading


def test_a_key(agent: Agent, server: StandIn) -> None:
    server.objects.put_config_map("settings", {"a.yaml": "päß: 1\n", "empty": "", "b": " kept \n"})
    for key, value in {"a.yaml": "päß: 1\n", "empty": "", "b": " kept \n"}.items():
        assert agent.call("config_map", layer="layer3", name="settings", key=key) == value
    assert {request.path for request in server.requests} == {f"/api/v1/namespaces/{NAMESPACE}/configmaps/settings"}


def test_the_recorded_config_map(agent: Agent, server: StandIn) -> None:
    server.next(server.play("configmap_get_200"))
    assert agent.call("config_map", layer="layer3", name="kstack-route", key="route") == "a"


@pytest.mark.parametrize(
    ("pod_namespace", "layer", "namespace"),
    [
        # The pod's own layer is in the pod's own namespace, another in that of its environment.
        ("layer-3-production", "layer3", "layer-3-production"),
        ("layer-3-production", "layer1", "layer-1-production"),
        ("layer-1-dev", "layer0", "layer-0-dev"),
        # A pod in the fixed namespace of its layer finds the others in theirs.
        ("layer-3-global-infra", "layer3", "layer-3-global-infra"),
        ("layer-3-global-infra", "layer1", "layer-1-tenant-infra"),
        ("layer-0-applications", "layer2", "layer-2-global-services"),
    ],
)
def test_the_namespace_of_a_layer(pod_namespace: str, layer: str, namespace: str, pod: Pod, server: StandIn) -> None:
    pod.namespace = pod_namespace
    pod.publish()
    server.objects.put_config_map("settings", {"key": "value"}, namespace)
    agent = Agent(pod)
    assert agent.call("config_map", layer=layer, name="settings", key="key") == "value"
    agent.close()
    assert server.requests[0].path == f"/api/v1/namespaces/{namespace}/configmaps/settings"


@pytest.mark.parametrize("data", [None, {}, {"other-key": "value"}])
def test_a_missing_key(data: dict[str, str] | None, agent: Agent, server: StandIn) -> None:
    server.objects.put_config_map("settings", data)
    failed = failure(agent, "config_map", layer="layer3", name="settings", key="the-key")
    assert (failed.kind, failed.retryable) == ("KStackServiceNotFoundError", False)
    assert "the-key" in failed.message
    assert "settings" in failed.message
    assert NAMESPACE in failed.message


def test_a_missing_config_map(agent: Agent) -> None:
    failed = failure(agent, "config_map", layer="layer3", name="settings", key="key")
    assert failed.kind == "KStackServiceNotFoundError"
    for part in ("config map", "settings", NAMESPACE):
        assert part in failed.message


def test_a_config_map_that_is_not_allowed(agent: Agent) -> None:
    failed = failure(agent, "config_map", layer="layer3", name="others", key="key")
    assert failed.kind == "KStackClusterError"
    for part in ("get", "configmaps", "others", NAMESPACE, "exist"):
        assert part in failed.message


@pytest.mark.parametrize("value", [1, None, ["a"], {"a": "b"}], ids=repr)
def test_a_value_that_is_not_a_string(value: object, agent: Agent, server: StandIn) -> None:
    server.objects.put_raw("configmaps", "settings", {"data": {"key": value}})
    failed = failure(agent, "config_map", layer="layer3", name="settings", key="key")
    assert failed.kind in ("KStackClusterError", "KStackConfigurationError")


@pytest.mark.parametrize(
    ("layer", "name", "key"),
    [
        ("layer4", "settings", "key"),
        ("layer3", "", "key"),
        ("layer3", "../secrets/x", "key"),
        ("layer3", "Settings", "key"),
        ("layer3", "settings?watch=1", "key"),
        ("layer3", "settings", ""),
    ],
)
def test_invalid_names_are_never_sent(layer: str, name: str, key: str, agent: Agent, server: StandIn) -> None:
    assert failure(agent, "config_map", layer=layer, name=name, key=key).kind == "KStackInvalidArgumentError"
    assert server.accepted == 0


def test_a_config_map_of_another_kind(agent: Agent, server: StandIn) -> None:
    server.next(server.play("secret_get_200"))
    failed = failure(agent, "config_map", layer="layer3", name="settings", key="key")
    assert failed.kind == "KStackClusterError"


# -------------------------------------------------------------------------------------------------------------- writing


def patches(server: StandIn) -> list[Request]:
    """Return the writing requests."""
    return [request for request in server.requests if request.method == "PATCH"]


def route(server: StandIn) -> str | None:
    """Return the route in the cluster."""
    data = server.objects.data("configmaps", "kstack-route", NAMESPACE) or {}
    held = data.get("active-route")
    return held if isinstance(held, str) else None


@pytest.mark.parametrize(
    ("given", "held"),
    [("staging", "staging"), ("prod", "production"), ("dev", "development"), ("data-collection", "data-collection")],
)
def test_setting_a_route(given: str, held: str, agent: Agent, server: StandIn) -> None:
    agent.call("set_route", layer="layer3", route=given)
    assert route(server) == held
    (patch,) = patches(server)
    assert patch.path == PATH
    assert patch.headers["content-type"] == "application/merge-patch+json"
    # A merge patch of one key: other keys of the config map stay.
    body = json.loads(patch.body)
    assert body["data"] == {"active-route": held}
    assert server.objects.data("configmaps", "kstack-route")["route"] == "a"


def test_setting_a_route_of_another_layer(agent: Agent, server: StandIn) -> None:
    server.objects.put_config_map("kstack-route", {}, "layer-1-production")
    agent.call("set_route", layer="layer1", route="staging")
    assert server.objects.data("configmaps", "kstack-route", "layer-1-production") == {"active-route": "staging"}


@pytest.mark.parametrize("given", ["", "nowhere", "Staging", 'a","b":"c', "päß"])
def test_an_unknown_route_is_never_sent(given: str, agent: Agent, server: StandIn) -> None:
    failed = failure(agent, "set_route", layer="layer3", route=given)
    assert failed.kind in ("KStackRouteError", "KStackInvalidArgumentError")
    if given == "nowhere":
        assert failed.kind == "KStackRouteError"
        assert "staging" in failed.message
    assert server.accepted == 0


def test_an_absent_config_map_is_not_made(agent: Agent, server: StandIn) -> None:
    server.objects.remove("configmaps", "kstack-route")
    failed = failure(agent, "set_route", layer="layer3", route="staging")
    assert (failed.kind, failed.retryable) == ("KStackServiceNotFoundError", False)
    assert "kstack-route" in failed.message
    assert route(server) is None


def test_a_role_that_may_only_read(agent: Agent, server: StandIn) -> None:
    server.objects.subjects[agent.pod.token].allowed.discard(("patch", "configmaps", "*", "kstack-route"))
    failed = failure(agent, "set_route", layer="layer3", route="staging")
    assert (failed.kind, failed.retryable) == ("KStackClusterError", False)
    for part in ("patch", "configmaps", "kstack-route", NAMESPACE, "403"):
        assert part in failed.message


@pytest.mark.parametrize(
    "name",
    [
        "configmap_patch_401_no_token",
        "configmap_patch_403_may_get_only",
        "configmap_patch_415_json",
        "configmap_patch_422_non_string_value",
    ],
)
def test_recorded_refusals(name: str, agent: Agent, server: StandIn) -> None:
    server.always(server.play(name))
    failed = failure(agent, "set_route", layer="layer3", route="staging")
    assert (failed.kind, failed.retryable) == ("KStackClusterError", False)
    for part in ("patch", "config map", "kstack-route", NAMESPACE):
        assert part in failed.message
    assert len(patches(server)) <= 3


def test_a_conflict_is_retried(agent: Agent, server: StandIn) -> None:
    server.next(server.play("configmap_patch_409_stale_resourceversion"))
    agent.call("set_route", layer="layer3", route="staging")
    assert route(server) == "staging"
    assert len(patches(server)) == 2


def test_conflicts_without_end(hurried: Agent, server: StandIn) -> None:
    server.always(server.play("configmap_patch_409_stale_resourceversion"))
    failed = failure(hurried, "set_route", layer="layer3", route="staging")
    assert (failed.kind, failed.retryable) == ("KStackClusterError", True)
    assert "409" in failed.message


def test_a_request_to_an_overloaded_server_is_retried(agent: Agent, server: StandIn) -> None:
    server.next(server.play("overload_429_patch"))
    agent.call("set_route", layer="layer3", route="staging")
    assert route(server) == "staging"
    assert len(patches(server)) == 2


LOST = {
    "reset": Reply(end=End.RESET),
    "closed": Reply(end=End.CLOSE),
    "cut": answer(200, b'{"kind": "ConfigMap"', length=500, end=End.CLOSE),
    "500": answer(500, status_body(500)),
    "504": answer(504, "gateway"),
}


@pytest.mark.parametrize("name", LOST)
def test_a_write_whose_answer_was_lost_is_not_repeated(name: str, agent: Agent, server: StandIn) -> None:
    def apply_and_lose(request: Request) -> Reply | None:
        if request.method != "PATCH":
            return None
        server.objects.reply(request.method, request.path, request.headers, request.body)
        return LOST[name]

    # It was done, and a read shows that.
    server.hook = apply_and_lose
    agent.call("set_route", layer="layer3", route="staging")
    assert route(server) == "staging"
    assert len(patches(server)) == 1
    assert server.requests[-1].method == "GET"


@pytest.mark.parametrize("name", LOST)
def test_a_write_that_was_lost_is_made_again(name: str, agent: Agent, server: StandIn) -> None:
    server.next(LOST[name])
    agent.call("set_route", layer="layer3", route="staging")
    assert route(server) == "staging"
    assert [request.method for request in server.requests] == ["PATCH", "GET", "PATCH"]


def test_a_write_that_is_stuck(hurried: Agent, server: StandIn) -> None:
    server.always(Reply(end=End.HANG))
    failed = failure(hurried, "set_route", layer="layer3", route="staging")
    assert (failed.kind, failed.retryable) == ("KStackTimeoutError", True)
    assert "not known whether" in failed.message
    assert "may still be made; check kstack-route" in failed.message


@pytest.mark.parametrize("name", ["hang", "500", "504"])
def test_a_write_that_has_not_arrived_may_still_be_made(name: str, hurried: Agent, server: StandIn) -> None:
    def stick(request: Request) -> Reply | None:
        if request.method != "PATCH":
            return None
        return Reply(end=End.HANG) if name == "hang" else LOST[name]

    server.hook = stick
    failed = failure(hurried, "set_route", layer="layer3", route="staging")
    assert failed.retryable
    # The deadline may come while the server answers, and before the next attempt.
    assert failed.kind == "KStackTimeoutError" or (failed.kind == "KStackClusterError" and name != "hang")
    assert "it may still be made; check kstack-route" in failed.message


def test_a_refused_write_is_not_made(agent: Agent, server: StandIn) -> None:
    server.always(answer(403, status_body(403, "Forbidden")))
    assert "may still be made" not in failure(agent, "set_route", layer="layer3", route="staging").message
