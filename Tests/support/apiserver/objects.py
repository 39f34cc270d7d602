"""The Secrets and config maps of a cluster, who may read them, and the answer to each request."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apiserver.recordings import Recording, Recordings
from apiserver.reply import Reply

#: The served kinds: their names in paths, and in objects.
KINDS = {"secrets": "Secret", "configmaps": "ConfigMap"}

NAMED = re.compile(r"/api/v1/namespaces/([^/]+)/(secrets|configmaps)/([^/]+)")
NAMESPACE = re.compile(r"/api/v1/namespaces/([^/]+)")
LISTED = re.compile(r"/api/v1/namespaces/([^/]+)/(secrets|configmaps)")


@dataclass
class Subject:
    """The owner of a token, and what the Roles allow them."""

    name: str = "system:serviceaccount:layer-3-production:layer3"
    #: (verb, resource, namespace, name) of each permission; "*" allows any, so that what is absent is a 404.
    allowed: set[tuple[str, str, str, str]] = field(default_factory=set)

    def may(self, *wanted: str) -> bool:
        """Return whether a verb, resource, namespace and name are allowed."""
        return any(all(one in ("*", asked) for one, asked in zip(rule, wanted)) for rule in self.allowed)


#: Allows everything.
ANYTHING = {("*", "*", "*", "*")}


class Objects:
    """The objects in the cluster; it starts with the recorded ones."""

    def __init__(self, recordings: Recordings) -> None:
        self.recordings = recordings
        self.subjects: dict[str, Subject] = {}
        self._lock = threading.Lock()
        self._version = 1000
        self._objects: dict[tuple[str, str, str], Recording] = {}
        for kind, name in (("secrets", "secret_get_200"), ("configmaps", "configmap_get_200")):
            recording = recordings[name]
            metadata = recording.json()["metadata"]
            self._objects[metadata["namespace"], kind, metadata["name"]] = recording

    def _put(self, namespace: str, kind: str, name: str, content: Mapping[str, Any]) -> str:
        """Store an object in the form of a recorded one, and return its version."""
        with self._lock:
            self._version += 1
            version = str(self._version)
            recorded = self.recordings["secret_get_200" if kind == "secrets" else "configmap_get_200"]
            metadata = {"name": name, "namespace": namespace, "uid": f"uid-{version}", "resourceVersion": version}
            body = {"kind": KINDS[kind], "apiVersion": "v1", "metadata": metadata, **content}
            self._objects[namespace, kind, name] = recorded.with_body(json.dumps(body, indent=2).encode())
            return version

    def put_secret(self, name: str, values: Mapping[str, bytes] | None, namespace: str = "layer-3-production") -> str:
        """Store or replace a Secret, without data if None, and return its version."""
        data = None if values is None else {key: base64.b64encode(value).decode() for key, value in values.items()}
        return self._put(namespace, "secrets", name, {"type": "Opaque", **({} if data is None else {"data": data})})

    def put_raw(self, kind: str, name: str, content: Mapping[str, Any], namespace: str = "layer-3-production") -> str:
        """Store an object with exactly these fields."""
        return self._put(namespace, kind, name, content)

    def put_config_map(self, name: str, data: Mapping[str, str] | None, namespace: str = "layer-3-production") -> str:
        """Store or replace a config map, without data if None, and return its version."""
        return self._put(namespace, "configmaps", name, {} if data is None else {"data": dict(data)})

    def apply(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Store the Secrets and config maps among the items, and ignore the others."""
        plurals = {kind: plural for plural, kind in KINDS.items()}
        for item in items:
            if item["kind"] in plurals:
                metadata = item["metadata"]
                content = {key: value for key, value in item.items() if key not in ("kind", "apiVersion", "metadata")}
                self._put(metadata["namespace"], plurals[item["kind"]], metadata["name"], content)

    def remove(self, kind: str, name: str, namespace: str = "layer-3-production") -> None:
        """Remove an object."""
        with self._lock:
            self._objects.pop((namespace, kind, name), None)

    def data(self, kind: str, name: str, namespace: str = "layer-3-production") -> Any:
        """Return the field `data` of an object, or None."""
        with self._lock:
            held = self._objects.get((namespace, kind, name))
        return None if held is None else held.json().get("data")

    def reply(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Return the answer to a request."""
        return Reply(self._answer(method, path, headers, body).data())

    def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Recording:
        authorization = headers.get("authorization")
        if authorization is None:
            return self.recordings["auth_401_no_token"]
        # The kubernetes client in a pod sends "bearer", which a real server accepts as well.
        scheme, _, token = authorization.partition(" ")
        subject = self.subjects.get(token) if scheme.lower() == "bearer" else None
        if subject is None:
            return self.recordings["auth_401_garbage_token"]
        if path == "/version":
            return self.recordings["version_200"]
        discovered = discovery(path)
        if discovered is not None:
            return self.recordings["version_200"].with_body(json.dumps(discovered).encode())
        if "//" in path:
            return self.recordings["path_double_slash"]
        if (listed := LISTED.fullmatch(path)) is not None and method == "GET":
            kind = listed[2]
            return self.recordings["secret_list_403"].replacing(
                kind=("secrets", kind), user=(Subject().name, subject.name), space=("layer-3-production", listed[1])
            )
        if (named := NAMED.fullmatch(path)) is None or method not in ("GET", "PATCH"):
            return self.recordings["path_wrong_404_api_v2"]
        namespace, kind, name = named.groups()
        verb = method.lower()
        if not subject.may(verb, kind, namespace, name):
            return self._forbidden(subject, verb, kind, namespace, name)
        with self._lock:
            held = self._objects.get((namespace, kind, name))
        if held is None:
            # The recordings name objects that do not exist.
            recording = self.recordings["secret_get_404_any_secret_sa"]
            return recording.replacing(kind=("secrets", kind), name=("no-such-secret", name))
        return held if method == "GET" else self._patch(namespace, kind, name, held, headers, body)

    def _forbidden(self, subject: Subject, verb: str, kind: str, namespace: str, name: str) -> Recording:
        recorded = "secret_get_403_absent_name" if kind == "secrets" else "configmap_get_403_other_name"
        return self.recordings[recorded].replacing(
            verb=("cannot get", f"cannot {verb}"),
            name=("no-such-secret" if kind == "secrets" else "kube-root-ca.crt", name),
            space=('namespace \\"layer-3-production\\"', f'namespace \\"{namespace}\\"'),
            user=(Subject().name, subject.name),
        )

    def _patch(
        self, namespace: str, kind: str, name: str, held: Recording, headers: Mapping[str, str], body: bytes
    ) -> Recording:
        if headers.get("content-type") != "application/merge-patch+json":
            return self.recordings["configmap_patch_415_json"]
        patch = json.loads(body)
        present = held.json()
        version = patch.get("metadata", {}).get("resourceVersion")
        if version is not None and version != present["metadata"]["resourceVersion"]:
            return self.recordings["configmap_patch_409_stale_resourceversion"].replacing(name=("kstack-route", name))
        data = {**(present.get("data") or {}), **(patch.get("data") or {})}
        if any(not isinstance(value, (str, type(None))) for value in data.values()):
            return self.recordings["configmap_patch_422_non_string_value"]
        self._put(namespace, kind, name, {"data": {key: value for key, value in data.items() if value is not None}})
        with self._lock:
            return self._objects[namespace, kind, name]


def discovery(path: str) -> dict[str, Any] | None:
    """Return the answer to a discovery request, or None for any other path."""
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
    if path == "/apis":
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": []}
    if path == "/api/v1":
        resources = [
            {"name": plural, "singularName": kind.lower(), "namespaced": True, "kind": kind, "verbs": ["get", "patch"]}
            for plural, kind in KINDS.items()
        ]
        return {"kind": "APIResourceList", "groupVersion": "v1", "resources": resources}
    if (namespace := NAMESPACE.fullmatch(path)) is not None:
        return {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": namespace[1]}}
    return None
