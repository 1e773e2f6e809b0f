"""A person's own mouths: the lower face in many frames of a film, by what the lips do in them.

For a mouth that is wanted, the borders of those nearest in shape and pose say which shape this
person gives it; their weights fall to zero before another one takes their place, so that nothing
jumps. How it looks is taken from pictures that are near in shape, pose and light; which of them
serve in consecutive frames, `mouth_path` decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lipwright.engines.warp.face_frame import LEFT_CORNER, RIGHT_CORNER, FaceFrame, smoothstep
from lipwright.engines.warp.face_look import lip_softness
from lipwright.engines.warp.landmark_transfer import centred
from lipwright.engines.warp.mouth_examples import Example
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.own_shape import OwnShape, ShapeReader
from lipwright.engines.warp.wanted_shape import WantedShape, fitted
from lipwright.face.face import Face

SHAPES = 8  # shapes that are mixed; a bank needs more mouths than that
COUNTS = np.array([2.0, 1.0, 0.5, 1.0, 0.5, 0.5])
"""How much opening, width, jaw, height of the corners, upper and lower border of the red count."""
POSE = 0.004  # mw of distance for each degree of yaw or pitch
LIGHT = 0.3  # mw for light that differs by a factor of e
BLURRED = 1.0  # mw for lips whose edges are softer than usual by a factor of e
USUAL_BLUR, LEAST_BLUR, NO_BLUR = 25, 0.8, 0.12
"""What is usual: a percentile of the bank's mouths, but so many px at least; and by what logarithm
softer lips still count as usual."""
LIT = [205, 425, 57, 287, 164, 199]  # landmarks: both cheeks and corners, below nose and lips
LIT_REACH, DIM = 0.05, 4.0  # mw around them that are looked at, and a grey level that is dark
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


class Candidates(NamedTuple):
    """What the bank has for a wanted mouth."""

    drawn: OwnShape
    """The mouth by rule."""
    costs: np.ndarray
    """float64 (n,), mw²: how unlike it each entry is; empty where none is to be lent."""
    form: np.ndarray
    """float64 (4, 11, 2), mw: by how much this person's borders differ from those by rule."""
    foreign: float
    """How little the bank has of the kind, [0, 1]: 1 if the mouth has to be drawn."""


class Chosen(NamedTuple):
    """What is lent for a wanted mouth."""

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
        self._lights = np.array([_light(one.picture, one.face) for one in self.entries])
        self._blurs = _blurs(self.entries)
        self._poses = np.array([one.face.pose[:2] for one in self.entries])
        self._curves = np.array([one.own.curves for one in self.entries])

    def candidates(self, want: Mouth, image: np.ndarray, face: Face) -> Candidates:
        """Return what there is for a wanted mouth in a frame.

        image: BGR uint8 (h, w, 3) of the frame; face: in px of it.
        """
        drawn = self._wanted.shape(want)
        if len(self.entries) <= SHAPES:
            return Candidates(drawn, np.zeros(0), np.zeros_like(drawn.curves), 1.0)
        shape = (COUNTS * (self._features - _features(drawn))) ** 2
        away = shape.sum(axis=1) + ((POSE * (self._poses - face.pose[:2])) ** 2).sum(axis=1)
        order = np.argpartition(away, SHAPES)[: SHAPES + 1]
        order = order[np.argsort(away[order])]
        shapes = _weights(away[order])
        distance = float(np.sqrt(shapes @ shape[order[:-1]].sum(axis=1)))
        foreign = 0.0 if self._always_own else float(smoothstep(*FOREIGN, distance))
        like = np.tensordot(shapes, self._curves[order[:-1]], 1)
        light = ((self._lights - _light(image, face)) ** 2).mean(axis=1)
        costs = away + LIGHT**2 * light + (BLURRED * self._blurs) ** 2
        return Candidates(drawn, costs, like - drawn.curves, foreign)

    def chosen(self, there: Candidates, shares: Mapping[int, float], form: np.ndarray) -> Chosen:
        """Return a mixture of pictures for a wanted mouth.

        there: what there is for it; shares: of pictures, by their numbers, which add up to 1; form:
        float64 (4, 11, 2), mw, as in `Candidates`, perhaps averaged over time.
        """
        drawn, foreign = there.drawn, there.foreign
        if not len(there.costs):
            return Chosen((), (), foreign, drawn)
        curves = fitted(drawn.curves + form, drawn.curves) * (1 - foreign) + drawn.curves * foreign
        target = self._reader.shape_of(curves, drawn.mouth.jaw)
        entries = tuple(self.entries[number] for number in shares)
        return Chosen(entries, tuple(shares.values()), foreign, target)

    def choose(self, want: Mouth, image: np.ndarray, face: Face) -> Chosen:
        """Return the nearest picture for a frame on its own.

        image: BGR uint8 (h, w, 3) of the frame; face: in px of it.
        """
        there = self.candidates(want, image, face)
        nearest = int(there.costs.argmin()) if len(there.costs) else 0
        return self.chosen(there, {nearest: 1.0}, there.form)


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


def _blurs(entries: Sequence[Entry]) -> np.ndarray:
    """Return how much softer than usual lips are, float64 (n,): logarithms, 0 where they are not.

    Lips that were caught in fast movement would lend their smear as a halo.
    """
    if not entries:
        return np.zeros(0)
    frames = [FaceFrame.of(centred(one.face)) for one in entries]
    soft = [lip_softness(frame, one.picture) for frame, one in zip(frames, entries, strict=True)]
    least = LEAST_BLUR / np.array([frame.unit for frame in frames])
    usual = np.maximum(np.percentile(soft, USUAL_BLUR), least)
    more = np.log(np.maximum(soft, 1e-6) / usual) - NO_BLUR
    blurs: np.ndarray = np.maximum(more, 0)
    return blurs


def _light(image: np.ndarray, face: Face) -> np.ndarray:
    """Return how bright the skin around the mouth is, float64 (6,): logarithms."""
    points = face.landmarks[:, :2]
    reach = max(
        1, round(LIT_REACH * float(np.linalg.norm(points[LEFT_CORNER] - points[RIGHT_CORNER])))
    )
    height, width = image.shape[:2]
    places = np.clip(points[LIT].astype(int), 0, [width - 1, height - 1])
    seen = [
        image[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1].mean()
        for x, y in places
    ]
    light: np.ndarray = np.log(np.array(seen) + DIM)
    return light


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
