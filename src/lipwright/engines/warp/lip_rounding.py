"""What rounding does to lips: they touch at the sides, and what stays open is an oval.

Their middle comes forward, so it is drawn fuller and hardly narrower; their sides fold inwards and
the corners come in. Rounding is in mw, as in `articulation.CHANNELS`.
"""

from __future__ import annotations

from math import exp, log

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import FaceFrame, smoothstep, smoothstep_of

NARROWING = 0.95  # of the distance between the corners, per rounding
MIDDLE = 0.2  # of the corners' way in that the middle of rounded lips is compressed
ROUNDED = 0.02, 0.18  # rounding from which lips begin to touch at the sides, and do so wholly
ROUND_WIDTH, ROUND_GROWTH = 0.22, 1.0  # mw that a rounded opening is wide, and more per height
ROUND_END = 0.8  # exponent: how blunt its ends are
GROWTH, ROUND_LIP_GROWTH = 0.55, 1.1  # by which the moved part of a lip is wider, per mw beside it
FOLD = 0.7  # how much the red at the sides is folded inwards, per rounding
_EPSILON = 1e-6
_LOG_EPSILON = log(_EPSILON) + 1e-3
_NOTHING = np.float32(-1000)


class OpeningProfile:
    """How much of its full opening the mouth has at fixed points: 1 in the middle, 0 at the ends.

    Rounded lips touch at the sides: what stays open between them is an oval.
    """

    def __init__(self, frame: FaceFrame, u: np.ndarray, r: np.ndarray, thinness: float) -> None:
        """Precompute for points, float32 of one shape such as (h, w).

        u: mouth coordinate; r: distance below the line where the lips part, mw; thinness: of the
        lip, 1 for a thin one.
        """
        self._round_growth = thinness * ROUND_LIP_GROWTH
        inner = frame.u(frame.slit.x[[0, -1]])
        middle, half = float(inner.mean()), float(np.ptp(inner)) / 2
        self._away = np.abs(u - middle).astype(np.float32)
        self._half = half * 0.97
        self._distance = np.abs(r).astype(np.float32)
        self._near = np.exp(-((r / 0.12) ** 2)).astype(np.float32)
        self._wide = self._log(self._half, GROWTH)

    def __call__(
        self, opening: float, rounding: float, drop: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return two profiles, float32, as wide as the mouth and of the opening.

        Their shape is that of the points: (n,) or (rows, columns). They are one and the same for
        lips that are not rounded. opening: in the middle; drop: of it what a lower lip makes that
        is turned out; all mw.
        """
        # a narrow opening is short
        usual = self._near * np.float32(1.3 * exp(-opening / 0.05))
        usual += np.float32(1.1)
        wide = usual * self._wide
        np.exp(wide, out=wide)
        roundness = roundness_of(rounding)
        if roundness == 0:
            return wide, wide
        width = (ROUND_WIDTH + ROUND_GROWTH * opening + drop) / (1 - MIDDLE * NARROWING * rounding)
        oval = min(width / 2, self._half)
        half = self._half + roundness * (oval - self._half)
        raised = self._log(half, GROWTH + roundness * (self._round_growth - GROWTH))
        # the exponent: from the usual one to that of an oval
        usual *= np.float32(1 - roundness)
        usual += np.float32(roundness * ROUND_END)
        raised *= usual
        np.exp(raised, out=raised)
        return wide, raised

    def _log(self, half: float, growth: float) -> np.ndarray:
        """Return the logarithm of 1 - t ** 2.3, t being 1 at the ends.

        half: their distance from the middle at the opening; growth: more of it per mw beside it.
        Beyond the ends it is so low that every power is 0.
        """
        reach = self._distance * np.float32(growth)
        reach += np.float32(half)
        t: np.ndarray = cv2.pow(self._away / reach, 2.3)
        np.subtract(1, t, out=t)
        np.maximum(t, np.float32(_EPSILON), out=t)
        np.log(t, out=t)
        np.copyto(t, _NOTHING, where=t <= _LOG_EPSILON)
        return t


def roundness_of(rounding: float) -> float:
    """Return how round a mouth is: 0 not at all, 1 so that lips touch at the sides."""
    return smoothstep_of(*ROUNDED, rounding)


def thinness_of(height: float) -> float:
    """Return 1 for a thin lip, less for a full one, of the height of its red, mw."""
    return min(1.0, 0.11 / height)


def fullness(side: np.ndarray, height: float) -> np.ndarray:
    """Return how much rounding thickens a lip: in the middle; at the sides it is folded inwards.

    side: distance from the middle in the mouth's own coordinate, float32 (n,) or
    (rows, columns); height: of the red, mw.
    """
    # a full lip has little left to turn outwards
    middle = (0.55 + 0.7 * thinness_of(height)) * np.exp(-((side / 0.27) ** 2))
    folded: np.ndarray = middle - FOLD * np.exp(-(((side - 0.42) / 0.13) ** 2))
    return folded


def purse(side: np.ndarray) -> np.ndarray:
    """Return how far a point comes in with rounding, of the way in proportion to its distance.

    side: distance from the middle in the mouth's own coordinate, float32 (n,) or
    (rows, columns).
    """
    share: np.ndarray = NARROWING * (MIDDLE + (1 - MIDDLE) * smoothstep(0.05, 0.48, side))
    return share
