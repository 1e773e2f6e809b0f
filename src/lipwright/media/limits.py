"""How large pictures from strangers may be, still or moving."""

MAX_PIXELS = 80_000_000
MIN_SIDE = 64
"""Pixels; a face has to be at least this high to be animated."""
