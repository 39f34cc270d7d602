from kstack_lib.local.security import (
    KStackVault,
)  # KStackEnvironmentError in a pod, at the import

vault = KStackVault("dev")
vault.decrypt()
