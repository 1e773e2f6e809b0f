"""Which part of a face is put back, as the authors' program does it: jaw, cheeks and mouth.

The face stands in a square of its surroundings, which is parsed at 512 x 512 into classes of
CelebAMask-HQ, by a network or here by landmarks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from lipwright.core.rect import Rect
from lipwright.face.face import Face
from lipwright.face.landmark_indices import FACE_OVAL, LIPS

PARSED_SIZE = 512
SKIN, NOSE, MOUTH, UPPER_LIP, LOWER_LIP, NECK = 1, 10, 11, 12, 13, 14
LIP_CLASSES = (MOUTH, UPPER_LIP, LOWER_LIP)
CHEEK = 90
"""Px of 512 from the middle within which cheeks are not thinned."""
EXPAND = 1.5
"""Size of the square beside the face's box."""
SOFT_LIVE, SOFT_OFFLINE = 0.1, 0.05
"""Width of the mask's soft edge, in sides of the square: in the authors' real-time program, and
when it makes files."""
NOSE_POINTS = (168, 129, 358, 98, 327, 2, 198, 420, 48, 278)
"""Landmarks whose hull is the nose."""

Mode = Literal["jaw", "raw", "neck"]
Parse = Callable[[np.ndarray], np.ndarray | None]
"""Gives classes, uint8 (512, 512), of a square picture, BGR uint8 (512, 512, 3); or None."""


def square_around(box: Rect) -> Rect:
    """Return the square that is parsed; it may reach outside the picture. box: of the face, px."""
    x, y = (box.x0 + box.x1) // 2, (box.y0 + box.y1) // 2
    half = int(max(box.width, box.height) // 2 * EXPAND)
    return Rect(x - half, y - half, x + half, y + half)


def parsed_mask(labels: np.ndarray, mode: Mode = "jaw", cheek: int = CHEEK) -> np.ndarray:
    """Return what of a parsed square is put back: uint8 (512, 512), 255 there.

    Args:
        labels: classes, uint8 (512, 512).
        mode: "jaw" is the skin moved down over the jaw, thinned at the cheeks and without the nose,
            and the mouth; "raw" the skin and the mouth as they are; "neck" these and the neck.
        cheek: px of 512 from the middle within which cheeks are not thinned.
    """
    lips = np.isin(labels, LIP_CLASSES)
    if mode != "jaw":
        kept = lips | (labels == SKIN) | ((labels == NECK) & (mode == "neck"))
        return _full(kept)
    skin = _full(labels == SKIN)
    lowered = cv2.dilate(skin, _jaw_kernel())
    thin = cv2.erode(lowered, _cheek_kernel(), iterations=2)
    middle = PARSED_SIZE // 2
    face = lowered.copy()
    face[:, : middle - cheek + 1] = thin[:, : middle - cheek + 1]
    face[:, middle + cheek :] = thin[:, middle + cheek :]
    return _full(lips | ((face == 255) & (labels != NOSE)))


def _full(mask: np.ndarray) -> np.ndarray:
    """A mask of bool as one of 0 and 255."""
    return mask.astype(np.uint8) * np.uint8(255)


def _jaw_kernel() -> np.ndarray:
    """uint8 (33, 33): a cone that opens downwards from the 11th row on, then a column of 21."""
    rows, columns = np.mgrid[:33, -16:17]
    kernel: np.ndarray = (rows >= 10) & (abs(columns) <= np.minimum(rows - 10, 10))
    return kernel.astype(np.uint8)


def _cheek_kernel() -> np.ndarray:
    """uint8 (3, 35): a flat ellipse."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (35, 3))


def soft_mask(parsed: np.ndarray, box: Rect, square: Rect, soft: float) -> np.ndarray:
    """Return how far the drawn face covers the square: uint8 (side, side).

    Args:
        parsed: what is put back, uint8 (512, 512).
        box: of the face, px.
        square: around it.
        soft: width of the soft edge, in sides of the square.
    """
    side = square.width
    whole = np.asarray(Image.fromarray(parsed).resize((side, side)))
    kept = np.zeros((side, side), np.uint8)
    inside = box.moved(-square.x0, -square.y0).slices
    kept[inside] = whole[inside]
    kept[: side // 2] = 0
    size = int(soft * side // 2 * 2) + 1
    blurred: np.ndarray = cv2.GaussianBlur(kept, (size, size), 0)
    return blurred


def crop_square(image: np.ndarray, square: Rect) -> np.ndarray:
    """Return a square of a picture, BGR uint8 (h, w, 3), black outside of it: (side, side, 3)."""
    inside = square.clipped(Rect.whole(image))
    part = np.zeros((square.height, square.width, 3), np.uint8)
    part[inside.moved(-square.x0, -square.y0).slices] = image[inside.slices]
    return part


def parse_square(image: np.ndarray, square: Rect, parse: Parse) -> np.ndarray | None:
    """Return the classes of a square of a picture, uint8 (512, 512); None without a parser."""
    return parse(to_parsed_size(crop_square(image, square)))


def to_parsed_size(part: np.ndarray) -> np.ndarray:
    """Return a picture, uint8 (h, w, 3), at 512 x 512."""
    size = (PARSED_SIZE, PARSED_SIZE)
    return np.asarray(Image.fromarray(part).resize(size, Image.Resampling.BILINEAR))


def labels_by_landmarks(face: Face, square: Rect) -> np.ndarray:
    """Return skin, nose and lips of a face in a square by its landmarks: uint8 (512, 512)."""
    labels = np.zeros((PARSED_SIZE, PARSED_SIZE), np.uint8)
    points = (face.landmarks[:, :2] - (square.x0, square.y0)) * (PARSED_SIZE / square.width)
    for group, label in ((FACE_OVAL, SKIN), (NOSE_POINTS, NOSE), (LIPS, MOUTH)):
        outline = cv2.convexHull(np.round(points[list(group)] - 0.5).astype(np.int32))
        cv2.fillConvexPoly(labels, outline, label)
    return labels
