"""Pointers, calls and failures of the library; nothing of what kstack means."""
