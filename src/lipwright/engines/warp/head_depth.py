"""The relief of a whole head: the face by its landmarks, hair and ears by their outline."""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.person_frame import PersonFrame

EARS = (234, 454)
SIDE = 96  # cells of the grid, which spans a head in face units from LOW to HIGH
LOW, HIGH = (-1.5, -1.45), (1.5, 1.15)
SPREAD = 0.045  # face widths
ROOM = 0.10  # face widths around the oval that belong to the face whatever the matte says
HAIR = 0.75, 0.42  # face widths around it where every head ends, above and beside the mouth
BELOW = 0.86  # face heights below the middle where the neck takes over
ROUNDS = 260


class HeadDepth:
    """The depth of one head: px towards the camera, 0 at the ears and where the head ends."""

    def __init__(
        self, landmarks: np.ndarray, alpha: np.ndarray, frame: PersonFrame, window: Rect
    ) -> None:
        """Measure a head.

        landmarks: float32 (478, 3), px. alpha: uint8 (h, w), the person's matte in the window.
        """
        self._frame = frame
        columns = np.linspace(LOW[0], HIGH[0], SIDE, dtype=np.float32)
        rows = np.linspace(LOW[1], HIGH[1], SIDE, dtype=np.float32)
        u, v = np.meshgrid(columns, rows)
        self._scale = (SIDE - 1) / np.array([HIGH[0] - LOW[0], HIGH[1] - LOW[1]], np.float32)
        face = self._face_relief(landmarks, u, v)
        self._depth = self._whole_head(face, self._seen_person(alpha, window, u, v), v)

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the depth, float32 px, at px positions x, y of any shape (h, w)."""
        u, v = self._frame.units(x, y)
        depth: np.ndarray = cv2.remap(
            self._depth,
            ((u - LOW[0]) * self._scale[0]).astype(np.float32),
            ((v - LOW[1]) * self._scale[1]).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
        )
        return depth

    def _face_relief(self, landmarks: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        points = landmarks[:468].astype(np.float32)
        height = points[list(EARS), 2].mean() - points[:, 2]
        at_u, at_v = self._frame.units(points[:, 0], points[:, 1])
        aspect = self._frame.height / self._frame.width
        near_u = np.exp(-((u[0][:, None] - at_u) ** 2) / (2 * SPREAD**2))
        near_v = np.exp(-(((v[:, 0][:, None] - at_v) * aspect) ** 2) / (2 * SPREAD**2))
        # so small that einsum is quicker than waking the threads behind `@`
        total = np.einsum("yp,xp->yx", near_v, near_u)
        weighted = np.einsum("yp,xp->yx", near_v * height, near_u)
        relief: np.ndarray = weighted / (total + 1e-6)
        return relief

    def _seen_person(
        self, alpha: np.ndarray, window: Rect, u: np.ndarray, v: np.ndarray
    ) -> np.ndarray:
        frame = self._frame
        place_x = frame.centre[0] + u * frame.width * frame.right[0]
        place_x = place_x + v * frame.height * frame.down[0] - window.x0
        place_y = frame.centre[1] + u * frame.width * frame.right[1]
        place_y = place_y + v * frame.height * frame.down[1] - window.y0
        seen = cv2.remap(
            alpha,
            place_x.astype(np.float32),
            place_y.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        person: np.ndarray = seen > 127
        return person

    def _whole_head(self, face: np.ndarray, person: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Continue the face's relief to the end of the head: its square is harmonic there."""
        oval: np.ndarray = np.zeros((SIDE, SIDE), np.uint8)
        outline = self._frame.oval
        at = np.stack(self._frame.units(outline[:, 0], outline[:, 1]), -1)
        cells = (at - np.array(LOW)) * self._scale
        cv2.fillPoly(oval, [np.round(cells).astype(np.int32).reshape(-1, 1, 2)], 1)
        away: np.ndarray = cv2.distanceTransform(1 - oval, cv2.DIST_L2, 5) / self._scale[0]
        ends = (
            ((~person) & (away > ROOM)) | (away > np.where(v < 0, HAIR[0], HAIR[1])) | (v > BELOW)
        )
        known = (oval > 0) | ends
        square = np.where(oval > 0, np.maximum(face, 0) ** 2, 0).astype(np.float32)
        fixed = square.copy()
        for _ in range(ROUNDS):
            square = cv2.blur(square, (3, 3)).astype(np.float32)
            square[known] = fixed[known]
        depth: np.ndarray = cv2.GaussianBlur(np.sqrt(square), (0, 0), 1.0)
        return depth
