"""Prints the names of a service's credentials, never their values."""

import sys

from kstack_lib.any.security import get_credentials

print(sorted(get_credentials(sys.argv[1], layer="layer3")))
