"""Transfer the lower face of one frame to other frames, however the head is turned.

A camera is fitted to the landmarks that speech does not move, in three dimensions; it gives the
places of lips and chin at rest. An affine mapping of the image through those places moves the lower
face there. The camera only turns, moves and scales: the nearest such one to the best affine camera
(Koenderink and van Doorn 1991). The affine one itself stretches with the cheeks when a jaw goes
down, and would take a part of that movement for the head's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from lipwright.engines.warp.face_frame import CHIN, LEFT_CORNER, RIGHT_CORNER, FaceFrame
from lipwright.face.face import Face

# nose, eye corners, cheeks, temples, the jaw's upper ends: what keeps still while one speaks
STEADY = [
    1, 2, 4, 5, 6, 168, 197, 195, 33, 133, 362, 263, 98, 327, 129, 358, 50, 280, 205, 425, 36, 266,
    101, 330, 117, 346, 123, 352, 116, 345, 234, 454, 93, 323, 127, 356, 118, 347,
]  # fmt: skip
# lips, what is above and below them, and the chin: what is carried
CARRIED = [
    0, 17, 61, 291, 164, 167, 393, 18, 200, 199, 175, 37, 267, 84, 314, 92, 322, 43, 273, 106, 335,
    57, 287,
]  # fmt: skip
ARTICULATED = [LEFT_CORNER, RIGHT_CORNER, CHIN]
FACES_KEPT = 16  # of which the mapping is asked for several times


class _Fitted(NamedTuple):
    """The mapping to a frame with a certain face."""

    camera: np.ndarray
    """float64 (3, 2)."""
    middle: np.ndarray
    """float64 (2,), px of the frame."""
    forward: np.ndarray
    """float64 (2, 3): px of the template frame to px of this one."""


class LandmarkTransfer:
    """The mapping from one frame with a closed mouth to others."""

    def __init__(self, landmarks: np.ndarray, frame: FaceFrame) -> None:
        """Prepare the mapping from a frame with a closed mouth.

        landmarks: float32 (478, 3), px of the frame, pixel centres at whole numbers; frame: of
        them.
        """
        self._frame = frame
        flat, depth = frame.to_px(frame.points), landmarks[:, 2:]
        steady = landmarks[STEADY].astype(np.float64)
        self._middle = steady.mean(axis=0)
        self._fit = np.linalg.pinv(steady - self._middle)
        self._rest = np.c_[flat, depth] - self._middle
        self._affine = np.linalg.pinv(_with_one(flat[CARRIED]))
        self._fitted = lru_cache(FACES_KEPT)(self._fit_to)

    def forward(self, face: Face) -> np.ndarray:
        """Return float64 (2, 3): px of the template frame to px of a frame with this face."""
        return self._fitted(face).forward

    def at_rest(self, face: Face, landmarks: Sequence[int]) -> np.ndarray:
        """Return where landmarks of a frame would be at rest, px, float64 (n, 2)."""
        fitted = self._fitted(face)
        return self._places(fitted.camera, fitted.middle, landmarks)

    def _fit_to(self, face: Face) -> _Fitted:
        steady = centred(face)[STEADY, :2]
        middle = steady.mean(axis=0)
        camera = nearest_camera(self._fit @ (steady - middle))
        forward = (self._affine @ self._places(camera, middle, CARRIED)).T
        forward.flags.writeable = False
        return _Fitted(camera, middle, forward)

    def _places(
        self, camera: np.ndarray, middle: np.ndarray, landmarks: Sequence[int]
    ) -> np.ndarray:
        places: np.ndarray = self._rest[landmarks] @ camera + middle
        return places

    def moved(self, face: Face, landmarks: Sequence[int] = ARTICULATED) -> np.ndarray:
        """Return the displacement from rest of landmarks, float64 (n, 2).

        In mouth widths, to the right and down in the template frame. Of left corner, right corner
        and chin unless others are named.
        """
        off = centred(face)[landmarks, :2] - self.at_rest(face, landmarks)
        turn = self.forward(face)[:, :2]
        axes = np.array([self._frame.right, self._frame.down])
        offsets: np.ndarray = off @ np.linalg.inv(turn).T @ axes.T / self._frame.unit
        return offsets


def nearest_camera(affine: np.ndarray) -> np.ndarray:
    """Return the camera nearest to an affine one, float64 (3, 2), that only turns and scales.

    The orthogonal factor of the affine one's polar decomposition, times the mean of its singular
    values; of two columns both follow from their lengths and their angle.
    """
    (long, skew), (_, high) = (affine.T @ affine).tolist()
    area = max(long * high - skew * skew, 1e-12) ** 0.5
    inverse = np.array([[high + area, -skew], [-skew, long + area]])
    camera: np.ndarray = affine @ inverse * (0.5 / area)
    return camera


def centred(face: Face) -> np.ndarray:
    """Return landmarks with pixel centres at whole numbers, float64 (478, 3)."""
    return face.landmarks.astype(np.float64) - [0.5, 0.5, 0.0]


def _with_one(points: np.ndarray) -> np.ndarray:
    columns: np.ndarray = np.c_[points, np.ones(len(points))]
    return columns
