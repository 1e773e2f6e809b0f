"""A person's own mouths: the lower face in many frames of a film, by what the lips do in them.

For a mouth that is wanted, a few of those nearest in shape and pose are mixed (Video Rewrite,
Bregler, Covell and Slaney 1997, takes one): their borders say which shape this person gives it,
their pictures how it looks. Weights fall to zero before another one takes their place, so that
nothing jumps, and depend on nothing but the wanted mouth and the frame: any frame can be drawn
alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lipwright.engines.warp.face_frame import FaceFrame, smoothstep
from lipwright.engines.warp.mouth_examples import Example
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.own_shape import OwnShape, ShapeReader
from lipwright.engines.warp.wanted_shape import WantedShape, fitted
from lipwright.face.face import Face

PICTURES, SHAPES = 2, 8
"""How many pictures are mixed, and how many shapes; a bank needs more mouths than that."""
COUNTS = np.array([2.0, 1.0, 0.5, 1.0, 0.5, 0.5])
"""How much opening, width, jaw, height of the corners, upper and lower border of the red count."""
POSE = 0.004  # mw of distance for each degree of yaw or pitch
FOREIGN = 0.10, 0.22  # mw from the nearest mouths of the bank between which a mouth is drawn


@dataclass(frozen=True, eq=False)
class Entry:
    """One mouth of the bank."""

    picture: np.ndarray
    """BGR uint8 (h, w, 3)."""
    face: Face
    """In px of the picture."""
    own: OwnShape
    """Its shape, apart from how wry it is."""
    wry: tuple[float, float]
    """Its tilt and shift, mw (see `Mouth`)."""


class Chosen(NamedTuple):
    """What the bank has for a wanted mouth."""

    entries: tuple[Entry, ...]
    weights: tuple[float, ...]
    """They add up to 1, or are empty."""
    foreign: float
    """How little the bank has of the kind, [0, 1]: 1 if the mouth has to be drawn."""
    shape: OwnShape
    """What the mouth shall be like."""


class MouthBank:
    """The mouths of one person."""

    def __init__(
        self,
        frame: FaceFrame,
        reader: ShapeReader,
        examples: Sequence[Example],
        always_own: bool = False,
    ) -> None:
        """Measure examples.

        frame: of the closed mouth; reader: of shapes against it; always_own: whether they serve
        however unlike the wanted mouth they are.
        """
        self._always_own = always_own
        self._reader, self._wanted = reader, WantedShape(frame, reader)
        self.entries = tuple(_measured(one, reader) for one in examples)
        self._features = np.array([_features(one.own) for one in self.entries])
        self._poses = np.array([one.face.pose[:2] for one in self.entries])
        self._curves = np.array([one.own.curves for one in self.entries])

    def choose(self, want: Mouth, face: Face) -> Chosen:
        """Return what there is for a wanted mouth in a frame with this face."""
        drawn = self._wanted.shape(want)
        if len(self.entries) <= SHAPES:
            return Chosen((), (), 1.0, drawn)
        shape = (COUNTS * (self._features - _features(drawn))) ** 2
        away = shape.sum(axis=1) + ((POSE * (self._poses - face.pose[:2])) ** 2).sum(axis=1)
        order = np.argpartition(away, SHAPES)[: SHAPES + 1]
        order = order[np.argsort(away[order])]
        pictures = _weights(away[order[: PICTURES + 1]])
        shapes = _weights(away[order])
        distance = float(np.sqrt(shapes @ shape[order[:-1]].sum(axis=1)))
        foreign = 0.0 if self._always_own else float(smoothstep(*FOREIGN, distance))
        like = np.tensordot(shapes, self._curves[order[:-1]], 1)
        curves = fitted(like, drawn.curves) * (1 - foreign) + drawn.curves * foreign
        entries = tuple(self.entries[place] for place in order[:PICTURES])
        target = self._reader.shape_of(curves, drawn.mouth.jaw)
        return Chosen(entries, tuple(pictures.tolist()), foreign, target)


def _measured(example: Example, reader: ShapeReader) -> Entry:
    """Return an example with its mouth made straight."""
    wry = reader.wry(example.face)
    own = reader.shape(reader.offsets(example.face) - reader.wry_offsets(*wry))
    return Entry(example.picture, example.face, own, wry)


def _weights(away: np.ndarray) -> np.ndarray:
    """Return weights, float64 (n,), of all but the last, which are 0 where they are as far away.

    away: squared distances, the least first, float64 (n + 1,).
    """
    weights = (1 - away[:-1] / max(float(away[-1]), 1e-12)) ** 3 + 1e-9
    normalised: np.ndarray = weights / weights.sum()
    return normalised


def _features(shape: OwnShape) -> np.ndarray:
    """Return what `COUNTS` weighs, float64 (6,), mw."""
    curves = shape.curves
    corners, middle = curves[0, [0, -1]], curves[:, curves.shape[1] // 2, 1]
    return np.array(
        [
            shape.gap,
            corners[1, 0] - corners[0, 0],
            shape.mouth.jaw,
            corners[:, 1].mean(),
            middle[0],
            middle[3],
        ]
    )
