"""What the generator sees of a picture: a box around the face, brought to 96 px."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from lipwright.core.errors import FaceError
from lipwright.face.face import Face

SIZE = 96  # px
OFFICIAL_PAD = 10
"""Px below the chin in the authors' program, whatever the size of the face."""
PAD = 0.05
"""The same as a share of the box's height: that of their usual faces, some 200 px high."""


class Box(NamedTuple):
    """Px of the picture, x1 and y1 excluded."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0

    def of(self, image: np.ndarray) -> np.ndarray:
        """That part of a picture: a view."""
        return image[self.y0 : self.y1, self.x0 : self.x1]


def face_box(face: Face, image: np.ndarray, official: bool = False) -> Box:
    """The face and a little below the chin, inside the picture.

    official: pads (0, 10, 0, 0) px as the authors' program has them, else 5 % below the chin.
    Raises FaceError where next to nothing of the face is in the picture.
    """
    x0, y0, x1, y1 = face.box
    y1 += OFFICIAL_PAD if official else PAD * (y1 - y0)
    height, width = image.shape[:2]
    box = Box(max(0, int(x0)), max(0, int(y0)), min(width, int(x1)), min(height, int(y1)))
    if min(box.width, box.height) < 8:
        raise FaceError("The face lies outside the picture: use one in which it is seen whole.")
    return box


def shrink(part: np.ndarray, official: bool = False) -> np.ndarray:
    """A part of a picture at 96 px, uint8 (96, 96, 3).

    official: sampled as the authors' program does, which aliases large faces.
    """
    larger = min(part.shape[:2]) > SIZE
    method = cv2.INTER_AREA if larger and not official else cv2.INTER_LINEAR
    return cv2.resize(part, (SIZE, SIZE), interpolation=method)


def network_input(crop: np.ndarray) -> np.ndarray:
    """float32 (6, 96, 96) in [0, 1]: the crop with its lower half black, then the crop, BGR."""
    reference = crop.transpose(2, 0, 1).astype(np.float32) / 255
    masked = reference.copy()
    masked[:, SIZE // 2 :] = 0
    return np.concatenate([masked, reference])
