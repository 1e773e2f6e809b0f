"""Things before a mouth: a hand, a microphone, a mug."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from lipwright.face.face import Face

CHEEKS = 50, 280
LIPS = 0, 17
CORNERS = 61, 291

Cover = Callable[[np.ndarray, Face, float], np.ndarray]
"""(picture, face, how far beside the mouth in its widths) -> the picture with the thing in it."""


def hand(picture: np.ndarray, face: Face, beside: float = 0.0) -> np.ndarray:
    """Fingers of the cheeks' own colour, from the image's left."""
    middle, width = _mouth(face)
    places = face.landmarks[list(CHEEKS), :2].astype(int)
    smooth = cv2.blur(picture, (9, 9))
    skin = np.mean([smooth[y, x] for x, y in places], axis=0)
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    across, down = (x - middle[0]) / width + beside, (y - middle[1]) / width
    inside = (np.abs(down) < 0.95) & (across < 1.1 - 0.3 * down**2)
    fingers = 0.95 + 0.07 * np.cos(down / 0.45 * 2 * np.pi)
    drawn = np.clip(skin * fingers[..., None], 0, 255).astype(np.uint8)
    return np.where(inside[..., None], drawn, picture)


def microphone(picture: np.ndarray, face: Face, beside: float = 0.0) -> np.ndarray:
    """A dark ball."""
    middle, width = _mouth(face)
    drawn = picture.copy()
    place = round(middle[0] - beside * width), round(middle[1])
    cv2.circle(drawn, place, round(0.7 * width), (34, 30, 30), cv2.FILLED, cv2.LINE_AA)
    return drawn


def mug(picture: np.ndarray, face: Face, beside: float = 0.0) -> np.ndarray:
    """A white mug, from below."""
    middle, width = _mouth(face)
    drawn = picture.copy()
    left, top = round(middle[0] - (0.9 + beside) * width), round(middle[1] - 0.4 * width)
    right, bottom = left + round(1.8 * width), top + round(2 * width)
    cv2.rectangle(drawn, (left, top), (right, bottom), (226, 230, 231), cv2.FILLED)
    return drawn


def _mouth(face: Face) -> tuple[np.ndarray, float]:
    left, right = face.landmarks[list(CORNERS), :2]
    return face.landmarks[list(LIPS), :2].mean(axis=0), float(np.linalg.norm(right - left))
