"""How far a person's chin moves, by its skin.

A face tracker moves a chin with the lips as most people do, and takes some of it for the head's
movement. So the skin below the lips is looked for in a frame where the template frame has it, up
and down (normalised cross-correlation). What a tracker says is set right by it, and serves where
the skin is not found: by how much more this person's chin moves is taken from the film as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.face_frame import CHIN, LOWER_OUTER, FaceFrame, smoothstep_of
from lipwright.engines.warp.landmark_transfer import LandmarkTransfer
from lipwright.engines.warp.mouth_examples import Example
from lipwright.face.face import Face

SEEN = 1.4
"""Times further than the tracker has it a chin goes down (0.8 to 1.9 over six speakers of GRID,
their skin matched with that of a still chin): where nothing else is known."""
MOST = 80  # frames from which a person's own factor is taken
TRUST = 0.01  # mw²: movement, squared and summed, from which what is seen counts by half
LEAST, GREATEST = 0.9, 2.2
SIZE = 40  # px per mw at which skin is compared
HALF, BELOW_LIP, BELOW_CHIN = 0.3, 0.12, 0.04  # mw of skin beside, above and below a chin's middle
UP, DOWN, ASIDE = 0.1, 0.35, 0.08  # mw within which it is looked for
ALIKE = 0.75, 0.9  # correlation from which it is the same skin, at first a little
APART = 0.2, 0.1  # mw between what is seen and what is told: the first is something else
INSIDE = 0.9  # of the skin must be in the picture
OF_SKIN = 0.88
"""What the chin goes down where the skin above it does by 1: lips that part draw that further down.
With 1 the skin of a dub went against the film's own, by a tenth of its way."""


class Sight(NamedTuple):
    """Where the skin of a chin is seen."""

    down: float
    """How far it has gone down, mw."""
    sure: float
    """How sure that is, [0, 1]."""


class ChinMovement:
    """Sees how far one person's chin has gone down in frames."""

    def __init__(
        self,
        image: np.ndarray,
        frame: FaceFrame,
        carrying: LandmarkTransfer,
        examples: Sequence[Example] = (),
    ) -> None:
        """Look at frames with other mouths.

        image: BGR uint8 (h, w, 3), of a closed mouth; frame: of its face; carrying: from it to
        other frames; examples: these.
        """
        self._frame, self._carrying = frame, carrying
        self._top = float(frame.points[LOWER_OUTER][:, 1].max()) + BELOW_LIP
        self._bottom = float(frame.points[CHIN, 1]) + BELOW_CHIN
        self._skin: np.ndarray | None = None
        if self._bottom - self._top >= BELOW_LIP:
            self._skin = self._part(image, np.eye(2, 3), 0.0, 0.0, 0.0)
        self.seen = self._factor(examples)
        """Times further than the tracker has it that the chin goes down."""

    def down(self, told: float, image: np.ndarray, face: Face) -> float:
        """Return how far a chin has gone down in a frame, mw, as a tracker would have it.

        told: what the tracker has; image: BGR uint8 (h, w, 3); face: in px of it.
        """
        sight = self._sight(image, face)
        if sight is None:
            return told
        off = sight.down / self.seen - told
        sure = sight.sure * smoothstep_of(*APART, abs(off) * self.seen)
        return told + sure * off

    def _factor(self, examples: Sequence[Example]) -> float:
        places = np.linspace(0, len(examples), min(len(examples), MOST), endpoint=False)
        both = square = 0.0
        for place in places.astype(int).tolist():
            picture, face, _ = examples[place]
            sight = self._sight(picture, face)
            if sight is not None:
                told = float(self._carrying.moved(face, [CHIN])[0, 1])
                both += sight.sure * told * sight.down
                square += sight.sure * told**2
        return float(np.clip((both + TRUST * SEEN) / (square + TRUST), LEAST, GREATEST))

    def _sight(self, image: np.ndarray, face: Face) -> Sight | None:
        """Return where the skin is in a frame; None where it is not to be seen."""
        if self._skin is None:
            return None
        part = self._part(image, self._carrying.forward(face), UP, DOWN, ASIDE)
        if part is None:
            return None
        alike = cv2.matchTemplate(part, self._skin, cv2.TM_CCOEFF_NORMED)
        _, most, _, (column, row) = cv2.minMaxLoc(alike)
        if most <= ALIKE[0] or not 0 < row < len(alike) - 1:
            return None
        before, here, after = alike[row - 1 : row + 2, column].tolist()
        between = (before - after) / min(2 * (before - 2 * here + after), -1e-9)
        skin = (row + between) / SIZE - UP
        return Sight(OF_SKIN * skin, smoothstep_of(*ALIKE, most))

    def _part(
        self, image: np.ndarray, forward: np.ndarray, up: float, down: float, aside: float
    ) -> np.ndarray | None:
        """Return the skin, uint8 (h, w); None where it is not in the picture.

        forward: float64 (2, 3), px of the template frame to px of the picture; up, down, aside: mw
        around it.
        """
        frame = self._frame
        axes = forward[:, :2] @ np.c_[frame.right, frame.down] * frame.unit
        start = forward[:, :2] @ frame.centre + forward[:, 2]
        low = np.array([-HALF - aside, self._top - up])
        high = np.array([HALF + aside, self._bottom + down])
        corners = np.array([(x, y) for x in (low[0], high[0]) for y in (low[1], high[1])])
        whole = Rect.around(corners @ axes.T + start)
        seen = whole.clipped(Rect.whole(image))
        if seen.empty or seen.width * seen.height < INSIDE * whole.width * whole.height:
            return None
        grey = cv2.cvtColor(image[seen.slices], cv2.COLOR_BGR2GRAY)
        coarser = float(np.sqrt(abs(np.linalg.det(axes)))) / SIZE
        if coarser > 1:
            grey = cv2.GaussianBlur(grey, (0, 0), coarser / 2)
        there = np.c_[axes / SIZE, start + axes @ low - [seen.x0, seen.y0]]
        width, height = np.round((high - low) * SIZE).astype(int).tolist()
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        skin: np.ndarray = cv2.warpAffine(
            grey, there, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return skin
