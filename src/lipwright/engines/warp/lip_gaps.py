"""How far apart lips are, which is more than a face tracker sees where they hardly part.

It takes barely parted lips for closed ones. Mouths that were opened evenly by warping, in eleven
films of ten people and in mouths of 33 to 105 px, were seen .005 mw open where they were .017, and
.011 for .035, .026 for .053, .051 for .072 and .079 for .090; from .12 on the two agree. So what is
read is opened by as much before frames are compared and reshaped, and so are wanted mouths, which
are learnt from what a tracker sees.
"""

from __future__ import annotations

import numpy as np

from lipwright.engines.warp.face_frame import smoothstep_of

UNSEEN = 0.024  # mw that hardly parted lips are further apart than they seem
CLOSED, PARTED, OPEN = (0.004, 0.03), 0.04, 0.13
"""Mw, as seen, between which it sets in, and between which it ends."""
OF_UPPER = 0.3  # of a further opening that the upper lip makes
MIDDLE = slice(4, 7)  # of the eleven places: where an opening is measured


def gaps_of(curves: np.ndarray) -> np.ndarray:
    """Return the opening from corner to corner, float64 (11,) in mw, never less than 0.

    curves: float64 (4, 11, 2), the borders of both lips as in `OwnShape`, mw.
    """
    gaps: np.ndarray = np.maximum(curves[2, :, 1] - curves[1, :, 1], 0)
    return gaps


def middle_of(gaps: np.ndarray) -> float:
    """Return the mean opening in the middle, mw, of gaps, float64 (11,) in mw."""
    middle: list[float] = gaps[MIDDLE].tolist()
    return sum(middle) / len(middle)


def unseen(seen: np.ndarray) -> np.ndarray:
    """Return gaps, float64 (11,) in mw, as they are instead of as a face tracker sees them."""
    middle = middle_of(seen)
    more = UNSEEN * smoothstep_of(*CLOSED, middle) * smoothstep_of(OPEN, PARTED, middle)
    gaps: np.ndarray = seen * (1 + more / max(middle, CLOSED[0]))
    return gaps


def with_gaps(curves: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Return borders, float64 (4, 11, 2), whose lips are so far apart, float64 (11,), mw."""
    further = gaps - (curves[2, :, 1] - curves[1, :, 1])
    moved = curves.copy()
    moved[:2, :, 1] -= OF_UPPER * further
    moved[2:, :, 1] += (1 - OF_UPPER) * further
    return moved
