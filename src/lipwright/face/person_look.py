"""How one person's lower face looks in a video, and in which frames something is before it.

A face is read at places between its landmarks (lips, the skin around them, chin) but not between
the lips, so that speech changes hardly anything: the texture without the shape of an active
appearance model (Cootes, Edwards and Taylor 2001). Most frames of a video agree in it. What is
before a mouth (a hand, a microphone, a cup, hair) agrees with none of them: neither in colour,
whatever the light, nor in its pattern, that of red lips in skin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from lipwright.face.face import Face

OUTER_LIPS = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
)  # fmt: skip
RINGS = (
    (76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 408, 304, 303, 302, 11, 72, 73, 74, 184),
    OUTER_LIPS,
    (57, 43, 106, 182, 83, 18, 313, 406, 335, 273, 287, 410, 322, 391, 393, 164, 167, 165, 92, 186),
    (212, 202, 204, 194, 201, 200, 421, 418, 424, 422, 432, 436, 426, 327, 326, 2, 97, 98, 206,
     216),
    (214, 210, 211, 32, 208, 199, 428, 262, 431, 430, 434, 427, 425, 327, 326, 2, 97, 98, 205, 207),
)  # fmt: skip
"""Landmarks around the mouth, from the middle of the red outwards; each ring begins at the corner
on the image's left and goes by the lower lip."""
UPPER_FACE = (4, 5, 195, 197, 6, 50, 280, 117, 346, 101, 330, 36, 266, 142, 371, 123, 352)
"""Places on nose and cheeks that say in which light the face is."""
EYES = 33, 263  # outer corners
UNIT = 0.6  # widths of a mouth at rest in the distance of these
SCALE = 24.0  # px per mouth width at which a face is looked at, at most
LIGHTNESS = 0.5  # how much L of CIE Lab counts beside a and b: shadows come and go
RED, SKIN = slice(0, 2), slice(3, 5)  # rings of places on the lips, and beside them
GREY = 0.75  # Lab of chroma at most in the texture of a black-and-white picture
FEWEST = 8  # textures that tell how somebody looks
MOST = 64  # entries
APART = 2.0  # Lab by which they differ at least
LIKE = 0.8
"""Correlation with the likest entry from which a pattern is the person's. Over 31 films of
uncovered mouths, some of turning heads, it was at least 0.68, over 20 of covered ones at most
0.35."""
FAR, FARTHEST, TIMES = 11.0, 14.0, 2.5
"""Lab, at least and at most, and times as much as entries differ from each other: what is nearer to
one has the person's colours. Uncovered mouths were up to 9.7 away, covered ones 15 to 78."""
ALIEN, AWAY = 0.45, 6.0
"""Of a pattern that is no more like the person's than this, so much is enough: in little light
colours differ less."""
WITHIN = 0.9  # quantile of the entries' own differences
FEW = 5  # as many connected places at least have to differ
LEAST_SEEN = 0.8
"""Share of the places that has to be in the picture: landmarks beside its edge are guessed."""
MAJORITY, SURE = 0.5, 0.8
"""Share of a video that has to agree for it to be the person, and from which it surely is: of less
the lips have to be redder than of the rest, which may be a mouth seldom uncovered."""


class Texture(NamedTuple):
    """The colours of one face's lower half."""

    values: np.ndarray
    """float32 (places, 3): CIE Lab, L halved, against the upper face's: rings of 20 places each."""
    seen: np.ndarray
    """bool (places,): which of them are in the picture."""


def texture_of(image: np.ndarray, face: Face) -> Texture:
    """Read the colours of a face's lower half.

    image: BGR uint8 (h, w, 3); face: in px of it.
    """
    points = _places(face.landmarks)
    height, width = image.shape[:2]
    inside = (points >= 0) & (points <= [width, height])
    seen = inside[:, 0] & inside[:, 1]
    left, right = face.landmarks[list(EYES)]
    reduced = max(1.0, UNIT * float(np.linalg.norm(right - left)) / SCALE)
    low = np.clip(np.floor(points.min(axis=0) - 2 * reduced), 0, [width - 1, height - 1])
    high = np.clip(np.ceil(points.max(axis=0) + 2 * reduced), low + 1, [width, height])
    (x0, y0), (x1, y1) = low.astype(int), high.astype(int)
    part = image[y0:y1, x0:x1]
    size = max(1, round((x1 - x0) / reduced)), max(1, round((y1 - y0) / reduced))
    small = cv2.blur(cv2.resize(part, size, interpolation=cv2.INTER_AREA), (3, 3))
    at = ((points - low) * (np.array(size) / (high - low)) - 0.5).astype(np.float32)
    mapped = cv2.remap(
        small, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    colours = mapped.astype(np.float32)
    lab: np.ndarray = cv2.cvtColor(colours / 255, cv2.COLOR_BGR2LAB)[0]
    lab[:, 0] *= LIGHTNESS
    lower = len(points) - len(UPPER_FACE)
    light = np.median(lab[lower:], axis=0)
    return Texture(lab[:lower] - light, seen[:lower])


class PersonLook:
    """How one person's lower face looks in a video."""

    def __init__(self, textures: Sequence[Texture]) -> None:
        """Compare what was seen all over the video, and keep what most of it agrees in.

        With few textures, or where no lips are seen in most of them, nothing counts as covered.
        """
        self._entries, self._far = np.zeros((0, 0, 3), np.float32), FAR
        whole = [one.values for one in textures if one.seen.all()]
        if len(whole) < FEWEST:
            return
        values = np.array(whole)
        grey = np.array([_is_grey(one) for one in values])
        self._grey = bool(grey.mean() > MAJORITY)
        entries = _entries_of(values[grey == self._grey], MAJORITY * len(values))
        if entries is None:
            return
        self._entries = entries
        self._patterns = _patterns(entries)
        apart = [_disagreement(one, entries) for one in entries]
        nearest = [float(np.partition(away, 1)[1]) for away in apart] if len(entries) > 1 else [0.0]
        self._far = float(np.clip(TIMES * np.quantile(nearest, WITHIN), FAR, FARTHEST))

    def is_covered(self, texture: Texture) -> bool:
        """Return whether something is before the mouth."""
        values, seen = texture
        if not len(self._entries) or seen.mean() < LEAST_SEEN:
            return False
        entries, patterns = self._entries, self._patterns
        if self._grey or _is_grey(values):
            values, entries = (one * np.array([1, 0, 0], np.float32) for one in (values, entries))
            patterns = _patterns(entries)
        if not seen.all():
            patterns = _patterns(entries[:, seen])
        like = float((patterns @ _patterns(values[None, seen])[0]).max())
        if like >= LIKE:
            return False
        away = float(_disagreement(values, entries, seen).min())
        return away > (AWAY if like < ALIEN else self._far)


def likeness(one: Texture, other: Texture) -> float:
    """Return the correlation of the patterns of two faces, -1 to 1."""
    return float(_patterns(one.values[None])[0] @ _patterns(other.values[None])[0])


def _places(landmarks: np.ndarray) -> np.ndarray:
    """Return where a face is looked at, float64 (places, 2) in px; those of the upper face last."""
    red, lips, *around = (landmarks[list(ring), :2].astype(np.float64) for ring in RINGS)
    near, middle, outer = around
    rings = (
        red,
        (red + lips) / 2,
        (lips + near) / 2,
        near,
        (near + middle) / 2,
        middle,
        (middle + outer) / 2,
        outer,
    )
    return np.concatenate([*rings, landmarks[list(UPPER_FACE), :2]])


def _is_grey(values: np.ndarray) -> bool:
    """Return whether a texture is that of a black-and-white picture."""
    return float(np.abs(values[:, 1:]).mean()) < GREY


def _entries_of(values: np.ndarray, least: float) -> np.ndarray | None:
    """Return textures that differ from each other, without those that most disagree with.

    None where it cannot be told which are the person's. values: float32 (n, places, 3); least: so
    many have to agree.
    """
    median = np.median(values, axis=0)
    usual = _patterns(values) @ _patterns(median[None])[0] >= LIKE
    usual |= _disagreement(median, values) <= FAR
    if usual.sum() < least:
        return None
    if usual.mean() < SURE and _redness(values[~usual]) > _redness(values[usual]):
        return None
    values = values[usual]
    kept = [int((_patterns(values) @ _patterns(median[None])[0]).argmax())]
    away = _disagreement(values[kept[0]], values)
    while len(kept) < MOST and away.max() > APART:
        kept.append(int(away.argmax()))
        away = np.minimum(away, _disagreement(values[kept[-1]], values))
    entries: np.ndarray = values[kept]
    return entries


def _patterns(values: np.ndarray) -> np.ndarray:
    """Return textures whose products are their correlations, float32 (n, places * 3)."""
    flat = (values - values.mean(axis=1, keepdims=True)).reshape(len(values), -1)
    patterns: np.ndarray = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    return patterns


def _disagreement(
    one: np.ndarray, others: np.ndarray, seen: np.ndarray | None = None
) -> np.ndarray:
    """Return by how much a connected part of a texture differs from each of others, Lab (n,).

    one: float32 (places, 3); others: float32 (n, places, 3); seen: bool (places,), None for all.
    """
    away = np.linalg.norm(one - others, axis=2)
    if seen is not None:
        away *= seen
    rings = away.reshape(len(others), -1, len(OUTER_LIPS))
    beside = (np.roll(rings, 1, axis=2) + rings + np.roll(rings, -1, axis=2)) / 3
    padded = np.pad(beside, ((0, 0), (1, 1), (0, 0)), "edge")
    smooth = ((padded[:, :-2] + beside + padded[:, 2:]) / 3).reshape(len(others), -1)
    result: np.ndarray = -np.partition(-smooth, FEW - 1, axis=1)[:, FEW - 1]
    return result


def _redness(values: np.ndarray) -> float:
    """Return by how much lips are redder than skin in the median of textures, Lab, all around."""
    rings = np.median(values, axis=0).reshape(-1, len(OUTER_LIPS), 3)
    red, skin = (rings[part, :, 1].mean(axis=0) for part in (RED, SKIN))
    return float(np.median(red - skin))
