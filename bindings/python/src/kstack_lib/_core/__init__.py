"""The implementation of the public packages; it imports none of them."""
