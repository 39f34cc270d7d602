"""Config maps and routes of the pod's cluster."""

from __future__ import annotations

from kstack_lib.any.container import default_container
from kstack_lib.any.protocols import LayerArgument
from kstack_lib.cluster import _guards as _guards

__all__ = ["get_configmap", "set_active_route"]


def get_configmap(layer: LayerArgument, name: str, key: str) -> str:
    """Give the value of a key of a config map in a layer's namespace.

    Raises:
        KStackError: as KStackContainer.get_configmap.

    """
    return default_container().get_configmap(layer, name, key)


def set_active_route(layer: LayerArgument, route: str) -> None:
    """Set the route of a layer, in config map `kstack-route` of its namespace, which has to be there.

    Raises:
        KStackError: as KStackContainer.set_active_route.

    """
    default_container().set_active_route(layer, route)
