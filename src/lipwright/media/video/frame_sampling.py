"""Which frames of a video are sampled beforehand, to know who is in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

CLOSELY, MAX_CLOSELY = 0.2, 30
"""Seconds between samples at the beginning of a video, and the largest number of them."""
MAX_LATER = 30
"""The largest number of key frames in the rest of it."""
APART, BETWEEN = 3.0, 60.0
"""Seconds from which on two samples are far apart, and the most seconds of video decoded to fill
such gaps."""


def places_of(count: int, fps: float, keys: Sequence[int]) -> list[int]:
    """Return frame numbers in order: many at the beginning, then key frames spread over the rest.

    Where these are far apart there are some between them.

    count, fps: of the video. keys: frames that can be decoded without the ones before them.
    """
    step = max(1, round(fps * CLOSELY))
    begun = list(range(0, min(count, MAX_CLOSELY * step), step))
    later = [number for number in keys if number >= begun[-1] + step]
    every = max(1, -(-len(later) // MAX_LATER))
    return _filled(begun + later[::every], count, fps, keys)


def _filled(sample_frames: list[int], count: int, fps: float, keys: Sequence[int]) -> list[int]:
    """Add frames between those that are too far apart, while it costs little."""
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
