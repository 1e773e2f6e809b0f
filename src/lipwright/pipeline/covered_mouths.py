"""Frames of a video that are left alone because something is before the speaker's mouth."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from lipwright.core.neighbours import with_neighbours
from lipwright.face.person_look import PersonLook

if TYPE_CHECKING:
    from lipwright.face.tracker import TrackedFrame

AROUND = 2
"""Frames before and after a covered one that are left alone as well: a hand that comes is already
before a part of the mouth. Shorter gaps are closed."""
FADE = 2
"""Frames over which the new mouth comes and goes. With `AROUND` no more than are read after a chunk
(`chunks.LOOKAHEAD`), so that a chunk made alone is the same."""


def mark_covered(frames: Iterable[TrackedFrame], look: PersonLook) -> Iterator[TrackedFrame]:
    """Yield the frames of one person with `TrackedFrame.covered`, in order, some frames late."""
    seen = ((frame, _is_covered(frame, look)) for frame in frames)
    for around, place in with_neighbours(seen, AROUND + FADE):
        yield _marked(around, place)


def _is_covered(frame: TrackedFrame, look: PersonLook) -> bool:
    return frame.texture is not None and look.is_covered(frame.texture)


def _marked(held: deque[tuple[TrackedFrame, bool]], place: int) -> TrackedFrame:
    """The frame at a place, with what covered frames of its shot nearby make of it."""
    frame = held[place][0]
    away = [
        abs(other - place)
        for other, (near, covered) in enumerate(held)
        if covered and near.shot == frame.shot
    ]
    if frame.face is None or not away:
        return frame
    share = 1 - (min(away) - AROUND) / (FADE + 1)
    return replace(frame, covered=float(min(max(share, 0.0), 1.0)))
