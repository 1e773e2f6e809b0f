"""Where one frame shows the places of the face frame, however the head is turned.

The landmarks that speech does not move give an affine mapping (`landmark_transfer`); what a turned
head does to the lower face besides, and a wry mouth, is a quadratic function of the place.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.landmark_transfer import CARRIED, LandmarkTransfer
from lipwright.face.face import Face

NODES = 40  # per mw at least; they are no further apart than
MAX_STEP = 8  # px
BENDABLE = 1.2  # mw from the mouth: further out a turned head bends no more


class FrameViews:
    """Makes the views of frames of one person."""

    def __init__(self, frame: FaceFrame, carrying: LandmarkTransfer) -> None:
        """Prepare for a face with a closed mouth; carrying: from it to other frames."""
        self._frame, self._carrying = frame, carrying
        self._bend = np.linalg.pinv(_quadratic(*frame.points[CARRIED].T))

    def of(self, face: Face, wry: tuple[float, float]) -> FrameView:
        """Return the view of a frame with this face.

        wry: tilt and shift of its mouth, mw (see `Mouth`).
        """
        forward = self._carrying.forward(face)
        backward = cv2.invertAffineTransform(forward)
        rest = self._carrying.at_rest(face, CARRIED)
        there = self._frame.to_face(rest @ backward[:, :2].T + backward[:, 2])
        bend = self._bend @ (there - self._frame.points[CARRIED])
        tilt, shift = wry
        bend[0, 0] += shift
        bend[1, 1] += tilt
        return FrameView(self._frame, forward, backward, bend.astype(np.float32))


class FrameView(NamedTuple):
    """How one frame shows the face frame."""

    frame: FaceFrame
    forward: np.ndarray
    """float64 (2, 3): px of the template frame to px of this one."""
    backward: np.ndarray
    """And back."""
    bend: np.ndarray
    """float32 (6, 2): what a turned head and a wry mouth add, mw, as a quadratic function of the
    place."""

    @property
    def step(self) -> int:
        """Px between the nodes at which the lower face is mapped."""
        return int(np.clip(round(self.unit / NODES), 1, MAX_STEP))

    @property
    def unit(self) -> float:
        """Px of the frame per mw."""
        return self.frame.unit * float(np.sqrt(abs(np.linalg.det(self.forward[:, :2]))))

    def places(self, columns: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y, float32 (rows, columns) in mw, of pixels of the frame."""
        across, down = (
            (row[0] * columns + row[1] * rows[:, None] + row[2]).astype(np.float32)
            for row in self.backward
        )
        x, y = self.frame.locate(across, down)
        bent_x, bent_y = self._bent(x, y)
        return x - bent_x, y - bent_y

    def in_picture(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return px of the frame at which it shows places, float32 (h, w) each in mw."""
        bent_x, bent_y = self._bent(x, y)
        axes = np.c_[self.frame.right, self.frame.down] * self.frame.unit
        turn = self.forward[:, :2] @ axes
        start = self.forward[:, :2] @ self.frame.centre + self.forward[:, 2]
        across, down = (
            (x + bent_x) * np.float32(row[0]) + (y + bent_y) * np.float32(row[1]) + np.float32(at)
            for row, at in zip(turn, start, strict=True)
        )
        return across, down

    def in_frame(
        self, x: np.ndarray, y: np.ndarray, right: np.ndarray, down: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return a displacement of places, float32 (h, w) each in mw, in px of the frame."""
        here, there = self._bent(x, y), self._bent(x + right, y + down)
        right, down = right + (there[0] - here[0]), down + (there[1] - here[1])
        axes = self.forward[:, :2] @ np.c_[self.frame.right, self.frame.down] * self.frame.unit
        across, along = (right * row[0] + down * row[1] for row in axes.astype(np.float32))
        return across, along

    def _bent(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, y = np.clip(x, -BENDABLE, BENDABLE), np.clip(y, -BENDABLE, BENDABLE)
        across, down = (
            one + x * (of_x + of_xx * x + of_xy * y) + y * (of_y + of_yy * y)
            for one, of_x, of_y, of_xx, of_xy, of_yy in self.bend.T
        )
        return across, down


def _quadratic(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    terms: np.ndarray = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1)
    return terms
