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
from lipwright.engines.warp.landmark_transfer import LandmarkTransfer
from lipwright.engines.warp.lip_gaps import gaps_of, middle_of, unseen, with_gaps
from lipwright.engines.warp.mouth_warp import JAW_AT_CORNERS, Mouth
from lipwright.face.face import Face

LIP_CURVES = UPPER_OUTER, UPPER_INNER, LOWER_INNER, LOWER_OUTER
PLACES = [*np.concatenate(LIP_CURVES).tolist(), CHIN]
POINTS = len(UPPER_OUTER)
JAW_OPENS, JAW_NARROWS = 1.0, 0.10
"""Mw by which lips part and corners come together per mw that the jaw goes down."""
CORNERS = 0.95  # of the way that the mouth widens its corners go apart


class OwnShape(NamedTuple):
    """The mouth of one frame, in the face frame of the person's closed mouth."""

    curves: np.ndarray
    """float64 (4, 11, 2), mw: where the outer and inner border of the upper lip and the inner and
    outer border of the lower one are, from the image's left to its right."""
    mouth: Mouth
    """The movement of jaw and corners in it, and how far the jaw alone would open the lips."""
    shift: float
    """How far the mouth as a whole is to the right, mw."""

    @property
    def gaps(self) -> np.ndarray:
        """The opening from corner to corner, float64 (11,) in mw; never less than 0."""
        return gaps_of(self.curves)

    @property
    def gap(self) -> float:
        """The opening in the middle, mw; never less than 0."""
        return middle_of(self.gaps)


class ShapeReader:
    """Reads the own shape of frames of one person."""

    def __init__(self, frame: FaceFrame, carrying: LandmarkTransfer, chin_seen: float) -> None:
        """Prepare for a person.

        frame: of the face with a closed mouth; carrying: from it to other frames, for `PLACES`;
        chin_seen: times further than the tracker has it that this person's chin goes down.
        """
        self._frame, self._carrying, self._chin_seen = frame, carrying, chin_seen
        self._rest = frame.points[PLACES]
        self._borders = self._rest[:-1].reshape(len(LIP_CURVES), POINTS, 2)

    def offsets(self, face: Face) -> np.ndarray:
        """Return float64 (45, 2): how far `PLACES` of a frame are from rest, mw.

        Of several frames of one shot they can be averaged.
        """
        offsets: np.ndarray = self._carrying.moved(face, PLACES)
        return offsets

    def wry_offsets(self, tilt: float, shift: float) -> np.ndarray:
        """Return float64 (45, 2), mw: what of `offsets` a wry mouth makes (see `Mouth`)."""
        return np.stack([np.full(len(PLACES), shift), tilt * self._rest[:, 0]], -1)

    def wry(self, face: Face) -> tuple[float, float]:
        """Return tilt and shift of a frame's mouth, mw (see `Mouth`)."""
        left, right, _ = self._carrying.moved(face)
        return float(right[1] - left[1]), float(left[0] + right[0]) / 2

    def shape(self, offsets: np.ndarray) -> OwnShape:
        """Return the shape of a mouth by its `offsets`, float64 (45, 2) in mw.

        It is as far open as a face tracker's landmarks let expect (see `lip_gaps`).
        """
        curves = self._borders + offsets[:-1].reshape(self._borders.shape)
        curves = with_gaps(curves, unseen(gaps_of(curves)))
        return self.shape_of(curves, self._chin_seen * float(offsets[-1, 1]))

    def between(self, one: OwnShape, other: OwnShape, share: float) -> OwnShape:
        """Return the shape that is by a share of the way, [0, 1], at the other one."""
        curves = one.curves + share * (other.curves - one.curves)
        return self.shape_of(curves, one.mouth.jaw + share * (other.mouth.jaw - one.mouth.jaw))

    def shape_of(self, curves: np.ndarray, jaw: float) -> OwnShape:
        """Return the shape with these borders, float64 (4, 11, 2), and jaw, mw."""
        left, right = (curves - self._borders)[0, [0, -1]]
        still = OwnShape(curves, Mouth(), float(left[0] + right[0]) / 2)
        mouth = Mouth(
            jaw=jaw,
            gap=float(np.clip(JAW_OPENS * jaw, 0.0, still.gap)),
            wide=float(right[0] - left[0]) / CORNERS + JAW_NARROWS * jaw,
            lift=float(JAW_AT_CORNERS * jaw - (left[1] + right[1]) / 2),
        )
        return still._replace(mouth=mouth)


assert PLACES[0] == LEFT_CORNER and PLACES[POINTS - 1] == RIGHT_CORNER
