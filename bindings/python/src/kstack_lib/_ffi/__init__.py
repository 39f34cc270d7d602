"""Pointers, calls and errors of the library, without the meaning of its functions."""
