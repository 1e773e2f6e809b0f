"""Pictures of a person's mouth from all over a film, in bounded memory."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lipwright.core.rect import Rect
from lipwright.face.face import Face
from lipwright.face.landmark_indices import LIP_DISTANCES, LIPS
from lipwright.face.person_look import PersonLook, Texture

MOST, MOST_BYTES = 600, 64 << 20
SPARE = 1.25  # times as many are kept before they are thinned out
BESIDE, ABOVE, BELOW = 0.6, 0.7, 0.9  # mouth widths around the lips that are kept
EYES = 33, 263  # outer corners: their distance is the unit, which speech leaves alone
TURN = 0.005  # of that unit: as much does a degree of yaw or pitch count


class Example(NamedTuple):
    """The lower face in one frame."""

    picture: np.ndarray
    """BGR uint8 (h, w, 3)."""
    face: Face
    """In px of the picture."""
    texture: Texture | None = None
    """Of the lower face, by which covered mouths are told."""


class ExampleStore:
    """Keeps mouths that differ from each other."""

    def __init__(self) -> None:
        self.examples: list[Example] = []
        self._shapes: list[np.ndarray] = []
        self._bytes = 0

    def add(self, image: np.ndarray, face: Face, texture: Texture | None = None) -> None:
        """Keep the mouth in a frame.

        image: BGR uint8 (h, w, 3); face: in px of it; texture: of its lower face.
        """
        lips = face.landmarks[LIPS, :2]
        width = float(np.ptp(lips, axis=0).max())
        low = lips.min(axis=0) - width * np.array([BESIDE, ABOVE])
        high = lips.max(axis=0) + width * np.array([BESIDE, BELOW])
        part = Rect.around(np.stack([low, high])).clipped(Rect.whole(image))
        picture = image[part.slices].copy()
        self.examples.append(Example(picture, face.moved(-part.x0, -part.y0), texture))
        self._shapes.append(_shape_of(face))
        self._bytes += picture.nbytes
        if len(self.examples) > SPARE * MOST or self._bytes > SPARE * MOST_BYTES:
            self._thin()

    def uncovered(self, look: PersonLook) -> list[Example]:
        """Return the mouths that nothing is before, as far as that is known."""
        return [
            one for one in self.examples if one.texture is None or not look.is_covered(one.texture)
        ]

    def _thin(self) -> None:
        """Leave those that are furthest from each other, always with the next one most unlike."""
        shapes = np.array(self._shapes)
        sizes = [example.picture.nbytes for example in self.examples]
        kept, self._bytes = [0], sizes[0]
        away = np.linalg.norm(shapes - shapes[0], axis=1)
        while len(kept) < MOST and away.max() > 0:
            place = int(away.argmax())
            if self._bytes + sizes[place] > MOST_BYTES:
                break
            kept.append(place)
            self._bytes += sizes[place]
            away = np.minimum(away, np.linalg.norm(shapes - shapes[place], axis=1))
        kept.sort()
        self.examples = [self.examples[place] for place in kept]
        self._shapes = [self._shapes[place] for place in kept]


def _shape_of(face: Face) -> np.ndarray:
    """Return what tells whether mouths are alike, float64 (6,)."""
    points = face.landmarks.astype(np.float64)  # in depth too, so that a turned mouth is no less
    unit = np.linalg.norm(points[EYES[0]] - points[EYES[1]])
    shape = [np.linalg.norm(points[one] - points[other]) / unit for one, other in LIP_DISTANCES]
    return np.append(shape, TURN * np.array(face.pose[:2]))
