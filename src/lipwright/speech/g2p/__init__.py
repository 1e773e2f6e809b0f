"""Grapheme to phoneme conversion."""
