"""The two sample portraits with their faces, as the warp engine sees them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from lipwright.core.readonly import read_only
from lipwright.core.rect import Rect
from lipwright.engines.warp.person_frame import PersonFrame
from lipwright.face import Face, find_faces
from tests.helpers import astronaut_path, hopper_path, read_picture

PATHS = {"hopper": hopper_path, "astronaut": astronaut_path}
NAMES = tuple(PATHS)


@cache
def load(name: str) -> tuple[np.ndarray, Face]:
    """BGR uint8 (h, w, 3), read-only, and its face with pixel centres at whole numbers."""
    image = read_picture(PATHS[name]())
    (face,) = find_faces(image)
    landmarks = face.landmarks.copy()
    landmarks[:, :2] -= 0.5
    return read_only(image), replace(face, landmarks=landmarks)


def crop(name: str, part: Rect) -> tuple[np.ndarray, Face]:
    """A part of a portrait, and the face in px of it."""
    image, face = load(name)
    landmarks = face.landmarks - np.array([part.x0, part.y0, 0], np.float32)
    return np.ascontiguousarray(image[part.slices]), replace(face, landmarks=landmarks)


def face_units(image: np.ndarray, face: Face) -> tuple[np.ndarray, np.ndarray]:
    """Each pixel's place (u, v) in the face's own units, float32 (h, w) each."""
    x, y = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in image.shape[1::-1]))
    return PersonFrame.of(face.landmarks).units(x, y)
