"""Keep the smile of the video: the slow movement of its mouth corners is added to the speech.

Movement faster than a second is the video's own speech, which is replaced; slower movement is
facial expression.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np

from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.face.smoothing import parabola_weights

T = TypeVar("T")
LEAST = 0.025  # mw: less is talk, or the landmarks' own error
MOST = 0.3  # mw
BEHIND, AHEAD = 1.0, 0.32  # s that are looked at
STEADY = 2  # frames on either side from which tremble is taken out
MAX_AHEAD = 8  # frames, each of which is held in memory


class Expression(NamedTuple):
    """The displacement of the mouth corners against a neutral mouth, mw."""

    wide: float
    """How much further apart they are."""
    lift: float
    """How much higher."""
    tilt: float = 0.0
    """How much lower the right one is than the left one."""
    shift: float = 0.0
    """How much further to the right both are."""

    def on(self, mouth: Mouth) -> Mouth:
        """Return a mouth that speaks with this expression."""
        values = [float(np.sign(v) * np.clip(abs(v) - LEAST, 0, MOST)) for v in self]
        return replace(mouth, **dict(zip(self._fields, values, strict=True)))


class Observation(NamedTuple):
    """What is seen of the mouth in a frame."""

    expression: Expression
    """Averaged, its slow part."""
    offsets: np.ndarray
    """float64 (45, 2): see `ShapeReader.offsets`. Averaged, without the landmarks' tremble."""


Seen = tuple[int, Observation | None]
"""The number of a shot, and what is seen in one of its frames."""
NOTHING: Seen = -1, None


def with_expressions(
    frames: Iterable[tuple[T, Seen]], fps: float
) -> Iterator[tuple[T, Observation | None]]:
    """Yield each frame with the average of what is seen around it; None where nothing is seen."""
    behind, ahead = round(BEHIND * fps), min(MAX_AHEAD, round(AHEAD * fps))
    # one bell over all of it: with its peak on the frame itself, whatever the speech does shows
    weights = np.hanning(behind + ahead + 3)[1:-1]
    held = deque([NOTHING] * (behind + 1 + ahead), maxlen=behind + 1 + ahead)
    waiting: deque[T] = deque()
    for frame, seen in frames:
        held.append(seen)
        waiting.append(frame)
        if len(waiting) > ahead:
            yield waiting.popleft(), _average(list(held), behind, weights)
    held.extend([NOTHING] * (ahead - len(waiting)))
    while waiting:
        held.append(NOTHING)
        yield waiting.popleft(), _average(list(held), behind, weights)


def _average(held: list[Seen], place: int, weights: np.ndarray) -> Observation | None:
    """Average over one shot, without gaps, around a place."""
    shot, there = held[place]
    if there is None:
        return None
    first, last = place, place
    while first > 0 and _belongs(held[first - 1], shot):
        first -= 1
    while last + 1 < len(held) and _belongs(held[last + 1], shot):
        last += 1
    seen = [one for _, one in held[first : last + 1] if one is not None]
    expressions = np.array([one.expression for one in seen], np.float64)
    slow = np.average(expressions, axis=0, weights=weights[first : last + 1])
    offsets = _steady([one.offsets for one in seen], place - first)
    return Observation(Expression(*slow.tolist()), offsets)


def _steady(offsets: list[np.ndarray], place: int) -> np.ndarray:
    """Fit a parabola through the offsets around a place: it keeps what is as fast as speech."""
    before, after = min(place, STEADY), min(len(offsets) - 1 - place, STEADY)
    near = np.array(offsets[place - before : place + after + 1])
    fitted: np.ndarray = np.tensordot(parabola_weights(before, after), near, axes=1)
    return fitted


def _belongs(seen: Seen, shot: int) -> bool:
    return seen[0] == shot and seen[1] is not None
