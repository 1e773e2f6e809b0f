"""Pictures of a person's mouth from all over a film, in bounded memory."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lipwright.core.rect import Rect
from lipwright.face.face import Face
from lipwright.face.landmark_indices import LIPS

MOST, MOST_BYTES = 600, 64 << 20
SPARE = 1.25  # times as many are kept before they are thinned out
BESIDE, ABOVE, BELOW = 0.6, 0.7, 0.9  # mouth widths around the lips that are kept
WAYS = ((13, 14), (61, 291), (0, 17), (78, 308))
"""Lip landmarks whose distances tell which mouths are alike."""


class Example(NamedTuple):
    """The lower face in one frame."""

    picture: np.ndarray
    """BGR uint8 (h, w, 3)."""
    face: Face
    """In px of the picture."""


class ExampleStore:
    """Keeps mouths that differ from each other."""

    def __init__(self) -> None:
        self.examples: list[Example] = []
        self._shapes: list[np.ndarray] = []

    def add(self, image: np.ndarray, face: Face) -> None:
        """Keep the mouth in a frame, BGR uint8 (h, w, 3); face: in px of it."""
        lips = face.landmarks[LIPS, :2]
        width = float(np.ptp(lips[:, 0]))
        low = lips.min(axis=0) - width * np.array([BESIDE, ABOVE])
        high = lips.max(axis=0) + width * np.array([BESIDE, BELOW])
        part = Rect.around(np.stack([low, high])).clipped(Rect.whole(image))
        self.examples.append(Example(image[part.slices].copy(), face.moved(-part.x0, -part.y0)))
        points = face.landmarks[:, :2]
        shape = [np.linalg.norm(points[one] - points[other]) / width for one, other in WAYS]
        self._shapes.append(np.append(shape, np.array(face.pose[:2]) / 100))
        limit = min(MOST, max(1, MOST_BYTES // self.examples[-1].picture.nbytes))
        if len(self.examples) > SPARE * limit:
            self._thin(limit)

    def _thin(self, limit: int) -> None:
        """Leave those that are furthest from each other, always with the next one most unlike."""
        shapes = np.array(self._shapes)
        kept = [0]
        away = np.linalg.norm(shapes - shapes[0], axis=1)
        while len(kept) < limit:
            kept.append(int(away.argmax()))
            away = np.minimum(away, np.linalg.norm(shapes - shapes[kept[-1]], axis=1))
        kept.sort()
        self.examples = [self.examples[place] for place in kept]
        self._shapes = [self._shapes[place] for place in kept]
