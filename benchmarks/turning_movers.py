"""Ways to turn the head of a picture: the library's, and two that know more than a portrait says.

A turned picture shows at p what the picture has at p + d; d is a pair of float32 (h, w), px, right
and down, and pixel centres lie at whole numbers.
"""

from __future__ import annotations

from math import cos, radians, sin

import cv2
import numpy as np
from turning_measures import STEADY, apply, fit_similarity

from lipwright.engines.warp.head_depth import HeadDepth
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.person_field import PersonField, PersonShape
from lipwright.engines.warp.person_frame import PersonFrame
from lipwright.engines.warp.person_matte import cut_person
from lipwright.engines.warp.sampling_grid import STEP
from lipwright.face.face import Face

Field = tuple[np.ndarray, np.ndarray]
EARS = (234, 454)
SPREAD = 0.06  # face widths over which a landmark takes its surroundings along
FIXED_ROUNDS = 8  # to find where a landmark goes from where pixels come from


class Turner:
    """Turns the head of one picture; the only place that knows how the library does it."""

    def __init__(self, image: np.ndarray, face: Face) -> None:
        """image: BGR uint8 (h, w, 3); face: with pixel centres at whole numbers."""
        frame = PersonFrame.of(face.landmarks)
        window = frame.window(image.shape)
        alpha = cut_person(image[window.slices], frame, window).alpha
        depth = HeadDepth(face.landmarks, alpha, frame, window)
        self._shape = PersonShape.of(frame, depth, alpha, window, image.shape)
        self._size = (image.shape[1], image.shape[0])

    def displacement(self, x: np.ndarray, y: np.ndarray, yaw: float, pitch: float) -> Field:
        """On evenly spaced places. Angles in degrees, as in `Face.pose`, from the picture."""
        return PersonField(self._shape, x, y).displacement(MotionState(yaw=yaw, pitch=pitch))

    def move_points(self, points: np.ndarray, yaw: float, pitch: float) -> np.ndarray:
        """Where the turned picture shows points (n, 2) of the picture."""
        axes = (np.arange(0, n + STEP, STEP, dtype=np.float32) for n in self._size)
        columns, rows = np.meshgrid(*axes)
        field = self.displacement(columns, rows, yaw, pitch)
        moved = points.astype(np.float32)
        for _ in range(FIXED_ROUNDS):
            x, y = (np.ascontiguousarray(axis)[None] / STEP for axis in moved.T)
            way = [
                cv2.remap(d, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]
                for d in field
            ]
            moved = points - np.stack(way, axis=-1)
        return moved


def known_displacement(
    x: np.ndarray, y: np.ndarray, landmarks: np.ndarray, wanted: np.ndarray
) -> Field:
    """Bring landmarks (478, 3) to where another frame has them, but for a similarity.

    What a smooth motion that knew the answer could do: no turn of a portrait gets nearer.
    """
    back = fit_similarity(wanted[STEADY, :2], landmarks[STEADY, :2])
    places = np.stack(apply(back, *wanted[:468, :2].T.astype(np.float64)), axis=1)
    ways = landmarks[:468, :2] - places
    spread = 2 * (SPREAD * float(np.ptp(landmarks[:468, 0]))) ** 2
    near_x = np.exp(-((x[0][:, None] - places[:, 0]) ** 2) / spread)
    near_y = np.exp(-((y[:, 0][:, None] - places[:, 1]) ** 2) / spread)
    total = np.einsum("yp,xp->yx", near_y, near_x) + 1e-6
    right, down = (np.einsum("yp,xp->yx", near_y * way, near_x) / total for way in ways.T)
    return right.astype(np.float32), down.astype(np.float32)


def turned_in_space(landmarks: np.ndarray, yaw: float, pitch: float) -> np.ndarray:
    """Landmarks (478, 3) turned about the middle between the ears, with the network's depth."""
    side, nod = radians(yaw), radians(pitch)
    about_y = np.array(
        [[cos(side), 0, -sin(side)], [0, 1, 0], [sin(side), 0, cos(side)]]
    )  # the nose, at z < 0, goes right
    about_x = np.array([[1, 0, 0], [0, cos(nod), -sin(nod)], [0, sin(nod), cos(nod)]])
    middle = landmarks[list(EARS)].mean(axis=0)
    turned: np.ndarray = (landmarks - middle) @ (about_x @ about_y).T + middle
    return turned


def moved(picture: np.ndarray, field: Field) -> np.ndarray:
    """The picture, (h, w) or (h, w, 3), moved by a field over all of it."""
    x, y = pixels(picture.shape)
    return cv2.remap(
        picture, x + field[0], y + field[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def pixels(shape: tuple[int, ...]) -> Field:
    """x and y of all pixels of a picture."""
    x, y = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in shape[1::-1]))
    return x, y
