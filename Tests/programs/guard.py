from kstack_lib.any import is_in_cluster, KStackEnvironmentError

print(f"In cluster: {is_in_cluster()}")  # False on a developer's machine
try:
    from kstack_lib.cluster import _guards
except KStackEnvironmentError as e:
    print(f"Guard works: {e}")
