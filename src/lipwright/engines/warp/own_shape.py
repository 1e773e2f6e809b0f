"""What a frame's own mouth does, against the person's face with a closed mouth.

The landmarks that speech does not move say where the lips would rest in a frame
(`landmark_transfer`); how far each is from there is the frame's own speech and expression.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lipwright.engines.warp.face_frame import (
    CHIN,
    LEFT_CORNER,
    LOWER_INNER,
    LOWER_OUTER,
    RIGHT_CORNER,
    UPPER_INNER,
    UPPER_OUTER,
    FaceFrame,
)
from lipwright.engines.warp.expression import JAW_AT_CORNERS
from lipwright.engines.warp.landmark_transfer import LandmarkTransfer
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.face.face import Face

LIP_CURVES = UPPER_OUTER, UPPER_INNER, LOWER_INNER, LOWER_OUTER
PLACES = [*np.concatenate(LIP_CURVES).tolist(), CHIN]
POINTS = len(UPPER_OUTER)
JAW_OPENS = 1.0  # mw by which lips part per mw that the jaw goes down


class OwnShape(NamedTuple):
    """The mouth of one frame, in the face frame of the person's closed mouth."""

    curves: np.ndarray
    """float64 (4, 11, 2), mw: where the outer and inner border of the upper lip and the inner and
    outer border of the lower one are, from the image's left to its right."""
    mouth: Mouth
    """The movement of jaw and corners in it, and how far the jaw alone would open the lips."""
    shift: float
    """How far the mouth as a whole is to the right, mw."""

    gap: float
    """The opening in the middle, mw; never less than 0."""


class ShapeReader:
    """Reads the own shape of frames of one person."""

    def __init__(self, frame: FaceFrame, carrying: LandmarkTransfer) -> None:
        """Prepare for a person.

        frame: of the face with a closed mouth; carrying: from it to other frames, for `PLACES`.
        """
        self._frame, self._carrying = frame, carrying
        self._rest = frame.points[PLACES]

    def offsets(self, face: Face) -> np.ndarray:
        """Return float64 (45, 2): how far `PLACES` of a frame are from rest, mw.

        Of several frames of one shot they can be averaged.
        """
        return self._carrying.moved(face, PLACES)

    def shape(self, offsets: np.ndarray) -> OwnShape:
        """Return the shape of a mouth of `offsets`."""
        curves = (self._rest + offsets)[:-1].reshape(len(LIP_CURVES), POINTS, 2)
        jaw = float(offsets[-1, 1])
        left, right = offsets[0], offsets[POINTS - 1]
        middle = slice(POINTS // 2 - 1, POINTS // 2 + 2)
        gap = float((curves[2, middle, 1] - curves[1, middle, 1]).mean())
        mouth = Mouth(
            jaw=jaw,
            gap=float(np.clip(JAW_OPENS * jaw, 0.0, max(gap, 0.0))),
            wide=float(right[0] - left[0]),
            lift=float(JAW_AT_CORNERS * jaw - (left[1] + right[1]) / 2),
        )
        return OwnShape(curves, mouth, float(left[0] + right[0]) / 2, max(gap, 0.0))


assert PLACES[0] == LEFT_CORNER and PLACES[POINTS - 1] == RIGHT_CORNER
