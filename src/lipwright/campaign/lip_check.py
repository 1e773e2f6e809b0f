"""Whether lips that were drawn are seen shut where m, b and p are spoken."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from lipwright.articulation.from_phones import LEAD
from lipwright.articulation.viseme_targets import BILABIALS
from lipwright.face.finder import FaceFinder

if TYPE_CHECKING:
    from lipwright.face.face import Face
    from lipwright.speech.speech import Phone, Speech

INNER_LIPS, CORNERS = [13, 14], [61, 291]
SHUT = 0.06
"""Mouth widths by which lips may be seen further apart than at rest, for the network errs."""


class LipCheck:
    """Looks at the frames of one passage as they are drawn."""

    def __init__(self, face: Face, speech: Speech, fps: Fraction) -> None:
        """face: as it was found in the portrait, px. speech: with its phones. fps: of the frames.

        Speech whose phones are not known is not looked at.
        """
        self._face, self._finder = face, FaceFinder()
        self._closures = [
            (phone, _frames_of(phone, fps))
            for phone in speech.phones or ()
            if phone.symbol in BILABIALS
        ]
        self._wanted = {0, *(number for _, numbers in self._closures for number in numbers)}
        self._gaps: dict[int, float] = {}

    def see(self, number: int, image: np.ndarray) -> None:
        """Look at frame `number`, BGR uint8 (h, w, 3), where it is one that matters."""
        if number not in self._wanted:
            return
        view = self._face.surroundings(image)
        near = self._face.moved(-view.x0, -view.y0)
        found = self._finder.refine(image[view.slices], near)
        if found is not None:
            inner, corners = found.landmarks[INNER_LIPS, :2], found.landmarks[CORNERS, :2]
            width = np.linalg.norm(corners[1] - corners[0])
            self._gaps[number] = float(np.linalg.norm(inner[1] - inner[0]) / width)

    def faults(self) -> list[str]:
        """Return a sentence for each closure in which the lips were seen open."""
        rest = self._gaps.get(0, 0.0)
        found = []
        for phone, numbers in self._closures:
            seen = [self._gaps[number] for number in numbers if number in self._gaps]
            if seen and min(seen) > rest + SHUT:
                found.append(f'lips seen open at {phone.start:.2f} s, in "{phone.symbol}"')
        return found


def _frames_of(phone: Phone, fps: Fraction) -> tuple[int, int]:
    """The two frames around the middle of a closure; the mouth runs ahead of the sound."""
    middle = max(0.0, (phone.start + phone.end) / 2 - LEAD)
    number = int(middle * fps)
    return number, number + 1
