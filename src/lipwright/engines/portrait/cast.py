"""Who is in a film, and which of its frames lends each of them the lower face."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.engines.portrait.geometry import CHIN, FaceFrame
from lipwright.engines.portrait.lower_face import LowerFace
from lipwright.face.base import Face
from lipwright.face.regions import LIPS
from lipwright.face.track import TrackedFrame

LIKENESS = 0.88
"""Correlation of two looks from which they are one person: of frames of one speaker of GRID 99 %
are more alike (0.93 and up), of frames of two speakers 98 % are less (median 0.64)."""
YAW_COST = 0.004  # mouth widths of lip gap that a degree of yaw is as bad as
LOOK_SIZE = 32  # px
LOOK_POINTS = (33, 263, 2)  # outer eye corners, below the nose
LOOK_PLACES = np.array([[4.8, 9.6], [25.6, 9.6], [15.2, 25.6]], np.float32)
FINE, COARSE = 1.2, 6.0  # px: what is finer or coarser says little about who it is


@dataclass
class Role:
    """A person as seen in a part of the film."""

    look: np.ndarray
    image: np.ndarray
    face: Face
    cost: float
    """How unfit the frame is to lend its mouth: the gap between the lips, and a turned head."""
    lower_face: LowerFace | None = None


class Cast:
    """The roles of a film, found in examples of its frames."""

    def __init__(self, examples: Iterable[TrackedFrame]) -> None:
        self._roles: list[Role] = []
        for frame in examples:
            if frame.face is not None and is_inside(frame.image, frame.face):
                self._audition(frame.image, frame.face)

    def lower_face(self, frame: TrackedFrame) -> LowerFace | None:
        """The lower face for the shot that begins with a frame: that of the role most like it.

        Who is like none of the roles lends it to himself. None where the mouth is not to be seen.
        """
        if frame.face is None or not is_inside(frame.image, frame.face):
            return None
        role = self._nearest(describe_look(frame.image, frame.face))
        if role is None:
            return LowerFace(frame.image.copy(), frame.face)
        if role.lower_face is None:
            role.lower_face = LowerFace(role.image, role.face)
        return role.lower_face

    def _audition(self, image: np.ndarray, face: Face) -> None:
        look = describe_look(image, face)
        role = self._nearest(look)
        if role is None:
            self._roles.append(Role(look, image.copy(), face, _cost(face)))
        elif (cost := _cost(face)) < role.cost:
            role.look, role.image, role.face, role.cost = look, image.copy(), face, cost

    def _nearest(self, look: np.ndarray) -> Role | None:
        best = max(self._roles, key=lambda role: _likeness(look, role.look), default=None)
        return best if best is not None and _likeness(look, best.look) >= LIKENESS else None


def describe_look(image: np.ndarray, face: Face) -> np.ndarray:
    """float32 (n,) of length 1: the face above the mouth, small and without its brightness."""
    points = face.landmarks[list(LOOK_POINTS), :2].astype(np.float32)
    matrix = cv2.getAffineTransform(points, LOOK_PLACES)
    crop = cv2.warpAffine(
        image, matrix, (LOOK_SIZE, LOOK_SIZE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY).astype(np.float32)
    look = (cv2.GaussianBlur(grey, (0, 0), FINE) - cv2.GaussianBlur(grey, (0, 0), COARSE)).ravel()
    look -= look.mean()
    return look / max(float(np.linalg.norm(look)), 1e-6)


def _likeness(look: np.ndarray, other: np.ndarray) -> float:
    return float(look @ other)


def is_inside(image: np.ndarray, face: Face) -> bool:
    """Whether mouth and chin are in the picture."""
    height, width = image.shape[:2]
    x, y = face.landmarks[[*LIPS, CHIN], :2].T
    return bool(x.min() >= 0 and y.min() >= 0 and x.max() <= width and y.max() <= height)


def _cost(face: Face) -> float:
    return FaceFrame.of(face.landmarks).gap + YAW_COST * abs(face.pose[0])
