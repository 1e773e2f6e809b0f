"""A long film in stretches, each of which can be made without those before it.

A run that broke off goes on at the beginning of a stretch, and comes to the same pictures as one
that was left alone: whoever follows something from frame to frame starts anew with each stretch.
So that nothing jumps there, a stretch is looked at from some frames before to some frames after.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from lipwright.media.frames import YuvFrame

SECONDS = 20
RUN_UP, RUN_OUT = 18, 4
"""Frames before and after a stretch."""


@dataclass
class Stretch:
    """Some frames of a film, with those around them."""

    number: int
    run_up: int
    """So many of `frames` come before the stretch."""
    count: int
    """So many of them are the stretch; the others come after it."""
    frames: Iterator[YuvFrame]
    """To be read to the end, before the next stretch is; each has memory of its own."""


def stretch_length(fps: Fraction) -> int:
    """Frames of a stretch."""
    return max(1, round(SECONDS * fps))


def first_needed(first: int) -> int:
    """The number of the frame from which a film is read to be given from `first` on."""
    return max(0, first - RUN_UP)


def cut_stretches(
    frames: Iterator[YuvFrame], first: int, stop: int, length: int
) -> Iterator[Stretch]:
    """The stretches of a film from frame number `first`, which begins one, up to `stop`.

    frames: from number `first_needed(first)` on, up to `stop`. length: frames of a stretch.
    """
    before = deque(islice(frames, first - first_needed(first)))
    while first < stop:
        end = min(first + length, stop)
        run_up, begun = min(first, RUN_UP), len(before)
        held: deque[YuvFrame] = deque()
        shown = _shown(frames, before, held, run_up + end - first, min(RUN_OUT, stop - end), begun)
        yield Stretch(first // length, run_up, end - first, shown)
        for _ in shown:
            pass
        before, first = held, end


def _shown(
    frames: Iterator[YuvFrame],
    before: deque[YuvFrame],
    held: deque[YuvFrame],
    count: int,
    run_out: int,
    begun: int,
) -> Iterator[YuvFrame]:
    """`before`, then frames as they come; what the next stretch needs of them is `held`."""
    for number in range(count + run_out):
        frame = before.popleft() if number < begun else next(frames)
        if number >= count - RUN_UP:
            held.append(frame.copy())
        yield frame
