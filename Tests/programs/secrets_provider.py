from kstack_lib.any.container import KStackContainer  # wired by context

container = KStackContainer()
secrets_provider = container.secrets_provider()
