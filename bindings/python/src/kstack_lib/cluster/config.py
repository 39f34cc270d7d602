"""Config maps and routes of the pod's cluster."""

from kstack_lib._core.functions import get_configmap, set_active_route

__all__ = ["get_configmap", "set_active_route"]
