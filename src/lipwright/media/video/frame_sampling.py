"""Which frames of a video are sampled beforehand, to know who is in it and how they speak."""

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

MOUTHS_PER_SECOND, FEWEST_MOUTHS, MOST_MOUTHS = 5, 64, 600
"""Frames in which the mouths of people are looked at for each second, and how many at least and at
most of a whole video."""
MOUTH_STEP, RUN = 0.08, 6
"""Seconds between them, and how many at least follow each other, where not all of a video is
decoded."""
DECODED = 4
"""A video of up to so many times `MOUTH_STEP` for each mouth is decoded whole."""


def places_of(count: int, fps: float, keys: Sequence[int]) -> list[int]:
    """Return frame numbers in order: many at the beginning, then key frames spread over the rest.

    Where these are far apart there are some between them. Of a video that `runs_of` decodes whole
    they are frames of its run, as far as that reaches, so that they are decoded once.

    count, fps: of the video. keys: frames that can be decoded without the ones before them.
    """
    runs = runs_of(count, fps, keys)
    places = _spread_places(count, fps, keys)
    if len(runs) > 1:
        return places
    step = runs[0].step
    # not the ones before: key frames begin shots
    return sorted({min(-(-number // step) * step, runs[0][-1]) for number in places})


def _spread_places(count: int, fps: float, keys: Sequence[int]) -> list[int]:
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


def runs_of(count: int, fps: float, keys: Sequence[int]) -> list[range]:
    """Return runs of frames in which many mouths of each person are seen, in order, none twice.

    Of a long video they begin at key frames all over it, so that little is decoded in vain; where
    there are few of these the runs are longer.

    count, fps: of the video. keys: frames that can be decoded without the ones before them.
    """
    most = round(min(max(MOUTHS_PER_SECOND * count / fps, FEWEST_MOUTHS), MOST_MOUTHS))
    step = max(1, round(fps * MOUTH_STEP))
    if count <= step * most * DECODED:
        return [range(0, count, max(1, -(-count // most)))]
    places = np.array(sorted({0, *keys}))
    wanted = np.linspace(0, count - RUN * step, most // RUN)
    begins = sorted({int(places[np.abs(places - place).argmin()]) for place in wanted})
    length = step * max(RUN, most // len(begins))
    return [
        range(begin, min(begin + length, following), step)
        for begin, following in zip(begins, [*begins[1:], count], strict=True)
    ]
