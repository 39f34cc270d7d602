from kstack_lib.any.security import get_credentials  # works anywhere

creds = get_credentials("s3", layer="layer3", environment="dev")
