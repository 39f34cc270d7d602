"""Holds credentials until it reads a line, then closes all.

It only counts them. The first line is a canary, which it keeps on its heap.
"""

import sys

from kstack_lib.any.container import KStackContainer

canary = sys.stdin.readline()
container = KStackContainer()
credentials = container.get_credentials("s3", "layer3", "dev")
print("held", len(credentials), flush=True)
sys.stdin.readline()
credentials.close()
container.close()
print("closed", flush=True)
sys.stdin.readline()
assert canary
