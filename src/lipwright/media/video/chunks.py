"""A long video in chunks, each of which can be made without those before it.

A run that broke off goes on at the beginning of a chunk, and comes to the same pictures as one
that was left alone: whoever follows something from frame to frame starts anew with each chunk.
So that nothing jumps there, a chunk is looked at from some frames before to some frames after.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from lipwright.media.video.yuv_frame import YuvFrame

SECONDS = 20
OVERLAP, LOOKAHEAD = 18, 4
"""Frames before and after a chunk."""


@dataclass
class Chunk:
    """Some frames of a video, with those around them."""

    number: int
    overlap: int
    """So many of `frames` come before the chunk."""
    count: int
    """So many of them are the chunk; the others come after it."""
    frames: Iterator[YuvFrame]
    """To be read to the end, before the next chunk is; each has memory of its own."""


def chunk_length(fps: Fraction) -> int:
    """Return how many frames a chunk has."""
    return max(1, round(SECONDS * fps))


def first_needed(first: int) -> int:
    """Return the number of the frame from which a video is read to be given from `first` on."""
    return max(0, first - OVERLAP)


def split_chunks(frames: Iterator[YuvFrame], first: int, stop: int, length: int) -> Iterator[Chunk]:
    """Yield the chunks of a video from frame number `first`, which begins one, up to `stop`.

    frames: from number `first_needed(first)` on, up to `stop`. length: frames of a chunk.
    """
    before = deque(islice(frames, first - first_needed(first)))
    while first < stop:
        end = min(first + length, stop)
        overlap, begun = min(first, OVERLAP), len(before)
        held: deque[YuvFrame] = deque()
        shown = _shown(
            frames, before, held, overlap + end - first, min(LOOKAHEAD, stop - end), begun
        )
        yield Chunk(first // length, overlap, end - first, shown)
        for _ in shown:
            pass
        before, first = held, end


def _shown(
    frames: Iterator[YuvFrame],
    before: deque[YuvFrame],
    held: deque[YuvFrame],
    count: int,
    lookahead: int,
    begun: int,
) -> Iterator[YuvFrame]:
    """`before`, then frames as they come; what the next chunk needs of them is `held`."""
    for number in range(count + lookahead):
        frame = before.popleft() if number < begun else next(frames)
        if number >= count - OVERLAP:
            held.append(frame.copy())
        yield frame
