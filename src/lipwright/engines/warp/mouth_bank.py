"""A person's own mouths: the lower face in many frames of a film, by what the lips do in them.

For a mouth that is wanted, a few of those nearest in shape, pose and sharpness are mixed (Video
Rewrite, Bregler, Covell and Slaney 1997, takes one). Their weights fall to zero before another one
takes their place, so that nothing jumps, and depend on nothing but the wanted mouth and the frame:
any frame can be drawn alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.mouth_examples import Example
from lipwright.engines.warp.mouth_warp import DisplacementLayer, Mouth
from lipwright.engines.warp.own_shape import LIP_CURVES, PLACES, OwnShape, ShapeReader
from lipwright.face.face import Face

MIXED = 3
INNER, OUTER, SIDEWAYS = 2.0, 1.0, 0.7  # how much borders count, and places along the mouth
POSE = 0.004  # mw of distance for each degree of yaw or pitch
JAW = 0.3  # how much the jaw counts


@dataclass(frozen=True, eq=False)
class Entry:
    """One mouth of the bank."""

    picture: np.ndarray
    """BGR uint8 (h, w, 3)."""
    face: Face
    own: OwnShape


class Chosen(NamedTuple):
    """Mouths that are near to a wanted one."""

    entries: tuple[Entry, ...]
    weights: tuple[float, ...]
    """They add up to 1."""
    distance: float
    """Of their shapes from the wanted one, mw."""


class MouthBank:
    """The mouths of one person."""

    def __init__(
        self, frame: FaceFrame, reader: ShapeReader, examples: Sequence[Example]
    ) -> None:
        """Measure examples. frame: of the closed mouth; reader: of shapes against it."""
        self.entries = tuple(
            Entry(one.picture, one.face, reader.shape(reader.offsets(one.face)))
            for one in examples
        )
        self._wanted = _WantedShape(frame)
        self._features = np.array(
            [_features(e.own.curves, e.own.mouth.jaw) for e in self.entries]
        ).reshape(len(self.entries), -1)
        self._poses = np.array([e.face.pose[:2] for e in self.entries]).reshape(-1, 2)

    def nearest(self, want: Mouth, face: Face) -> Chosen | None:
        """Return the mouths nearest to a wanted one in a frame; None from an empty bank."""
        if not self.entries:
            return None
        wanted = _features(self._wanted.curves(want), want.jaw)
        shape = ((self._features - wanted) ** 2).mean(axis=1)
        pose = ((POSE * (self._poses - face.pose[:2])) ** 2).sum(axis=1)
        away = shape + pose
        count = min(MIXED + 1, len(away))
        order = np.argpartition(away, count - 1)[:count]
        order = order[np.argsort(away[order])]
        if count <= MIXED:
            order, weights = order[:1], np.ones(1)
        else:
            limit = away[order[-1]]
            order = order[:-1]
            weights = (1 - away[order] / max(limit, 1e-12)) ** 2 + 1e-9
        weights = weights / weights.sum()
        distance = float(np.sqrt(weights @ shape[order]))
        entries = tuple(self.entries[place] for place in order)
        return Chosen(entries, tuple(weights.tolist()), distance)


class _WantedShape:
    """Where a wanted mouth has its borders."""

    def __init__(self, frame: FaceFrame) -> None:
        rest = frame.points[PLACES[:-1]].reshape(len(LIP_CURVES), -1, 2).copy()
        rest[1:3, :, 1] = frame.slit.at(rest[1:3, :, 0])
        self._rest = rest
        x, y = (rest[..., axis].astype(np.float32) for axis in (0, 1))
        one = np.ones_like(x[:2])
        self._upper = DisplacementLayer(frame, x[:2], y[:2], one, upper=True)
        self._lower = DisplacementLayer(frame, x[2:], y[2:], one, upper=False)

    def curves(self, mouth: Mouth) -> np.ndarray:
        """Return the borders as `OwnShape.curves` has them, float64 (4, 11, 2), mw."""
        moved: np.ndarray = self._rest + np.concatenate(
            [self._upper(mouth), self._lower(mouth)]
        )
        return moved


def _features(curves: np.ndarray, jaw: float) -> np.ndarray:
    weights = np.array([OUTER, INNER, INNER, OUTER])[:, None, None] * [SIDEWAYS, 1.0]
    return np.append((curves * weights).ravel(), JAW * jaw)
