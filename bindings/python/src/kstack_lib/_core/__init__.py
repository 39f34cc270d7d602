"""What the public packages are made of; imports none of them."""
