"""Video: reading, colour, encoding, concatenation."""
