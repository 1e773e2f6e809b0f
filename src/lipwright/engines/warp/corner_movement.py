"""What a person's expression does to the corners of the mouth, apart from the film's own speech.

Speech draws the corners together or apart as lips part, each person in a way of their own. By how
much, the person's mouths in the film as a whole say; what is left of the movement, and slow, is an
expression.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipwright.engines.warp.expression import Expression
from lipwright.engines.warp.landmark_transfer import LandmarkTransfer
from lipwright.engines.warp.mouth_bank import Entry
from lipwright.engines.warp.mouth_warp import JAW_AT_CORNERS
from lipwright.face.face import Face

TRUST = 0.02  # mw²: openings, squared and summed, from which what they do counts by half

MOST = 0.3  # mw per mw of opening: more (.8 of a woman who laughs) is smiles with parted lips


class CornerMovement:
    """Sees what one person's corners of the mouth do in frames, apart from what opening it does."""

    def __init__(self, carrying: LandmarkTransfer, entries: Sequence[Entry] = ()) -> None:
        """Learn from mouths of the person; carrying: from a closed mouth to other frames."""
        self._carrying = carrying
        self.by_opening = np.zeros(2)
        """How much further apart and how much higher the corners are per mw of opening."""
        if entries:
            self.by_opening = self._slopes(entries)

    def expression(self, face: Face, opening: float) -> Expression:
        """Return the expression of a frame.

        face: in px of the frame; opening: of its lips, mw.
        """
        wide, lift, tilt, shift = self._seen(face)
        wide, lift = np.array([wide, lift]) - opening * self.by_opening
        return Expression(float(wide), float(lift), tilt, shift)

    def _seen(self, face: Face) -> tuple[float, float, float, float]:
        """Return how much wider, higher, tilted and shifted the corners are, mw."""
        left, right, chin = self._carrying.moved(face)
        (wide, tilt), (shift, low) = right - left, (left + right) / 2
        return float(wide), float(JAW_AT_CORNERS * chin[1] - low), float(tilt), float(shift)

    def _slopes(self, entries: Sequence[Entry]) -> np.ndarray:
        openings = np.array([one.own.gap for one in entries])
        corners = np.array([self._seen(one.face)[:2] for one in entries])
        openings -= openings.mean()
        together = openings @ (corners - corners.mean(axis=0))
        slopes: np.ndarray = (together / (openings @ openings + TRUST)).clip(-MOST, MOST)
        return slopes
