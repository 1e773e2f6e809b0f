"""Several people of one picture, each seen in a part of it.

The parts meet halfway between two faces, nearer to the smaller one, in a soft edge, so that
nothing tears where what moves with one reaches over to another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from lipwright.core.rect import Box

if TYPE_CHECKING:
    from lipwright.face.face import Face

SOFT = 0.25
"""Half the width of the edge between two parts, as a difference of distances in face heights."""


class BlendRegion(NamedTuple):
    """Where one person is seen."""

    box: Box
    share: np.ndarray
    """float32 (h, w) over the box: 1 where nobody else is seen."""

    def composite(self, drawn: np.ndarray, below: np.ndarray) -> None:
        """Lay what was drawn over a picture, or a plane, of all, which is changed.

        drawn: uint8 (h, w) or (h, w, 3) of the box. below: uint8, the whole picture or plane.
        """
        x0, y0, x1, y1 = self.box
        there = np.s_[y0:y1, x0:x1]
        upper, lower = np.ascontiguousarray(drawn), np.ascontiguousarray(below[there])
        below[there] = cv2.blendLinear(upper, lower, self.share, 1 - self.share)


def blend_regions(
    faces: Sequence[Face], boxes: Sequence[Box | None], size: tuple[int, int]
) -> list[BlendRegion]:
    """Return where each of several people is seen.

    boxes: outside which nothing of each changes, px; None: not known. size: (width, height) of the
    picture, px.
    """
    known = [box or (0, 0, *size) for box in boxes]
    return [BlendRegion(box, share_of(place, faces, box)) for place, box in enumerate(known)]


def joined_box(boxes: Sequence[Box | None]) -> Box | None:
    """Return (x0, y0, x1, y1) in px around all boxes; None where one is not known."""
    known = [box for box in boxes if box is not None]
    if len(known) < len(boxes):
        return None
    x0, y0, x1, y1 = zip(*known, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def share_of(place: int, faces: Sequence[Face], box: Box) -> np.ndarray:
    """Return float32 (h, w) over a box: 1 near the face at `place`, 0 near the others."""
    x0, y0, x1, y1 = box
    x, y = np.arange(x0, x1, dtype=np.float32) + 0.5, np.arange(y0, y1, dtype=np.float32) + 0.5
    far = [_distances(face, x, y[:, None]) for face in faces]
    nearest = np.min([other for number, other in enumerate(far) if number != place], axis=0)
    share = ((nearest - far[place]) / (2 * SOFT) + 0.5).clip(0, 1)
    result: np.ndarray = (share * share * (3 - 2 * share)).astype(np.float32)
    return result


def _distances(face: Face, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """From the middle of a face, in its heights."""
    left, top, right, bottom = face.box
    return np.hypot(x - (left + right) / 2, y - (top + bottom) / 2) / face.height
