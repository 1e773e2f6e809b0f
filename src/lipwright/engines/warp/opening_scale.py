"""How far a portrait's lips are drawn apart so that they look as far apart as was asked.

Curves say how far a landmark network sees the lips of speakers apart. What it sees of a drawn mouth
depends on the picture: on thin lips, lit teeth, a beard, a head that is turned. So a few openings
are drawn and looked at by the same network, and what it sees is inverted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.readonly import freeze
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.mouth_warp import OPENED, Mouth
from lipwright.face.finder import FaceFinder

if TYPE_CHECKING:
    from lipwright.engines.warp.renderer import Renderer
    from lipwright.face.face import Face

INNER_LIPS = [13, 14]
LEVELS = (0.2, 0.32)
"""Openings that are drawn, mouth widths."""
LOOKS = 2  # at each: a chin that goes down as far as before changes what is seen of less open lips
SMALL = 0.1
"""Openings up to this are drawn as usual: what is seen of them depends on the sound too much."""
LEAST, MOST = 0.8, 1.2
"""Bounds of drawn over asked opening: beyond them it is the network that errs."""
SEEN = 0.5
"""Of a drawn opening, the least that must be seen of it: of some paintings nothing is."""


@dataclass(frozen=True, eq=False)
class OpeningScale:
    """Drawn openings for asked ones, each float64 (n,), growing from 0, mouth widths."""

    asked: np.ndarray
    drawn: np.ndarray

    def __post_init__(self) -> None:
        freeze(self)

    @classmethod
    def usual(cls) -> OpeningScale:
        """Return the scale of a picture of which nothing else is known."""
        return cls(np.array([0.0, 1.0]), np.array([0.0, OPENED]))

    def apply(self, mouth: Mouth) -> Mouth:
        """Return a mouth with the opening that is to be drawn for the one it has."""
        asked = mouth.opening
        if asked <= 0:
            return mouth
        inside = min(asked, self.asked[-1])
        return mouth.opened(float(np.interp(inside, self.asked, self.drawn)) / inside)


def open_mouth(opening: float) -> Mouth:
    """Return a mouth that is open as in the vowels of running speech; opening in mouth widths."""
    return Mouth(
        jaw=0.85 * opening, gap=0.9 * opening, drop=0.1 * opening, raise_=0.045, spread=0.012
    )


def measure_openings(look: Callable[[Mouth], float | None]) -> OpeningScale:
    """Return the scale by which a portrait's mouth is seen as open as it was asked to be.

    Args:
        look: draws a mouth, and returns how far its lips are seen apart, mouth widths, or None
            where no face is seen.
    """
    factors = []
    for level in LEVELS:
        factor = 1.0
        for _ in range(LOOKS):
            reading = look(open_mouth(level).opened(factor))
            if reading is None or reading < SEEN * level * factor:
                return OpeningScale.usual()
            factor = min(max(factor * level / reading, LEAST), MOST)
        factors.append(factor)
    asked = np.array([0.0, SMALL, *LEVELS])
    drawn = asked * np.array([OPENED, OPENED, *factors])
    return OpeningScale(asked, np.maximum.accumulate(drawn))


def seen_openings(renderer: Renderer, face: Face) -> OpeningScale:
    """Return the scale of a portrait, by drawing its mouth a few times.

    face: as it was found in the picture, px.
    """
    finder, buffers = FaceFinder(), renderer.allocate()
    view = face.surroundings(renderer.portrait.image)
    near = face.moved(-view.x0, -view.y0)

    def look(mouth: Mouth) -> float | None:
        picture = renderer.render(mouth, MotionState(), buffers)[view.slices]
        found = finder.refine(picture, near)
        if found is None:
            return None
        upper, lower = found.landmarks[INNER_LIPS, :2]
        return float((lower - upper) @ renderer.frame.down) / renderer.frame.unit

    return measure_openings(look)
