"""Credentials from the vault of the working directory's project."""

from kstack_lib.any.security import get_credentials

with get_credentials("s3", layer="layer3", environment="dev") as credentials:
    for name, value in credentials.items():
        print(f"{name} = {value}")
