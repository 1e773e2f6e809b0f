"""Which pictures of a film are looked at beforehand, to know who is in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

CLOSELY, MAX_CLOSELY = 0.2, 30
"""Seconds between pictures at the beginning of a film, and how many of them there are."""
MAX_LATER = 30
"""In the rest of it are so many that can be read quickly."""
APART, BETWEEN = 3.0, 60.0
"""Seconds from which on two pictures are far apart, and how much of a film is decoded, at most, to
see what is between them."""


def places_of(count: int, fps: float, keys: Sequence[int]) -> list[int]:
    """Numbers of pictures, in order: many at the beginning, then those that can be read quickly,
    spread over the rest, and some between them where they are far apart.

    count, fps: of the film's pictures. keys: those that can be read without the ones before them.
    """
    step = max(1, round(fps * CLOSELY))
    begun = list(range(0, min(count, MAX_CLOSELY * step), step))
    later = [number for number in keys if number >= begun[-1] + step]
    every = max(1, -(-len(later) // MAX_LATER))
    return _filled(begun + later[::every], count, fps, keys)


def _filled(sample_frames: list[int], count: int, fps: float, keys: Sequence[int]) -> list[int]:
    """The same with places between those that are too far apart, while it costs little."""
    known = np.array([0, *keys])
    apart = max(round(APART * fps), 3 * count // (2 * MAX_LATER))
    filled, budget = list(sample_frames), BETWEEN * fps
    for place, following in zip(sample_frames, [*sample_frames[1:], count], strict=True):
        last = place
        for number in range(place + apart, following - apart // 4, apart):
            budget -= number - max(last, int(known[known <= number][-1]))
            if budget < 0:
                return sorted(filled)
            filled.append(number)
            last = number
    return sorted(filled)
