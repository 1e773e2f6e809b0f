"""Several people of one picture, each moved by an engine in the own part of it.

The parts meet halfway between two faces, nearer to the smaller one, in a soft edge, so that
nothing tears where what moves with one reaches over to another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from lipwright.core.rect import Box

if TYPE_CHECKING:
    from lipwright.engines.base import Engine
    from lipwright.face.face import Face
    from lipwright.speech.speech import Speech

SOFT = 0.25
"""Half the width of the edge between two parts, as a difference of distances in face heights."""


@dataclass(frozen=True)
class PreparedSpeaker:
    """One of those who speak."""

    number: int
    engine: Engine
    avatar: Any
    """What `engine.prepare` made of the picture and the face."""
    face: Face
    """In px of that picture."""

    @property
    def dirty_box(self) -> Box | None:
        """(x0, y0, x1, y1) in px outside which all frames are the same; None: not known."""
        return getattr(self.avatar, "dirty_box", None)

    def frames(self, speech: Speech, fps: Fraction, first: int = 0) -> Iterator[np.ndarray]:
        """The frames of the member saying `speech`, as `Engine.frames` gives them."""
        return self.engine.frames(self.avatar, speech, fps, first)


def carry_plane(frames: Iterator[np.ndarray], plane: np.ndarray) -> np.ndarray:
    """A plane of the picture, uint8 (h, w), as the last of an engine's frames moved the picture."""
    warp_plane = getattr(frames, "warp_plane", None)
    return plane if warp_plane is None else warp_plane(plane)


class BlendRegion(NamedTuple):
    """Where one member is seen."""

    box: Box
    share: np.ndarray
    """float32 (h, w) over the box: 1 where nobody else is seen."""

    def composite(self, drawn: np.ndarray, below: np.ndarray) -> None:
        """Lays a member's picture, or plane, over one of all, which is changed; both uint8."""
        x0, y0, x1, y1 = self.box
        there = np.s_[y0:y1, x0:x1]
        upper, lower = (np.ascontiguousarray(layer[there]) for layer in (drawn, below))
        below[there] = cv2.blendLinear(upper, lower, self.share, 1 - self.share)


def parts_of(members: Sequence[PreparedSpeaker], size: tuple[int, int]) -> list[BlendRegion]:
    """Where each of several members is seen; size: (width, height) of the picture, px."""
    boxes = [member.dirty_box or (0, 0, *size) for member in members]
    faces = [member.face for member in members]
    return [BlendRegion(box, part_of(place, faces, box)) for place, box in enumerate(boxes)]


def joined_box(members: Sequence[PreparedSpeaker]) -> Box | None:
    """(x0, y0, x1, y1) in px outside which all frames are the same; None: not known."""
    boxes = [member.dirty_box for member in members]
    known = [box for box in boxes if box is not None]
    if len(known) < len(boxes):
        return None
    x0, y0, x1, y1 = zip(*known, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


class EnsembleFrames(Iterator[np.ndarray]):
    """The frames of one run in which all of them speak, each valid until the next."""

    def __init__(
        self,
        image: np.ndarray,
        members: Sequence[PreparedSpeaker],
        speeches: Sequence[Speech],
        fps: Fraction,
        first: int = 0,
    ) -> None:
        """The frames from number `first` on.

        image: BGR uint8 (h, w, 3), which all avatars were made of; so are the frames. speeches:
        what each member says, all of one length.
        """
        self._image, self._frame = image, image.copy()
        self._parts = parts_of(members, (image.shape[1], image.shape[0]))
        self._performances = [
            member.frames(speech, fps, first)
            for member, speech in zip(members, speeches, strict=True)
        ]
        self._together = zip(*self._performances, strict=True)

    def __next__(self) -> np.ndarray:
        pictures = next(self._together)
        for (x0, y0, x1, y1), _ in self._parts:
            self._frame[y0:y1, x0:x1] = self._image[y0:y1, x0:x1]
        for picture, part in zip(pictures, self._parts, strict=True):
            part.composite(picture, self._frame)
        return self._frame

    def warp_plane(self, plane: np.ndarray) -> np.ndarray:
        """A plane of the picture, uint8 (h, w), as the last of these frames moved the picture."""
        moved = plane.copy()
        for frames, part in zip(self._performances, self._parts, strict=True):
            part.composite(carry_plane(frames, plane), moved)
        return moved


def part_of(place: int, faces: Sequence[Face], box: Box) -> np.ndarray:
    """float32 (h, w) over a box: 1 in the part of the face at `place`, 0 in those of the others."""
    x0, y0, x1, y1 = box
    x, y = np.arange(x0, x1, dtype=np.float32) + 0.5, np.arange(y0, y1, dtype=np.float32) + 0.5
    far = [_distances(face, x, y[:, None]) for face in faces]
    nearest = np.min([other for number, other in enumerate(far) if number != place], axis=0)
    share = ((nearest - far[place]) / (2 * SOFT) + 0.5).clip(0, 1)
    return (share * share * (3 - 2 * share)).astype(np.float32)


def _distances(face: Face, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """From the middle of a face, in its heights."""
    left, top, right, bottom = face.box
    return np.hypot(x - (left + right) / 2, y - (top + bottom) / 2) / face.height
