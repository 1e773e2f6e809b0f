"""Smooth the landmarks of a face that is followed, without lag (Savitzky and Golay 1964)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from lipwright.face.face import Face
from lipwright.face.finder import make_face
from lipwright.face.landmark_indices import (
    LEFT_IRIS,
    LIPS,
    PICTURE_LEFT_EYE,
    PICTURE_RIGHT_EYE,
    RIGHT_IRIS,
)

REACH = 4
"""Frames on either side over which the head is smoothed."""
FAST_REACH = 2
"""The same for lips and eyes, which move faster than heads."""
FAST = sorted({*LIPS, *PICTURE_LEFT_EYE, *PICTURE_RIGHT_EYE, *LEFT_IRIS, *RIGHT_IRIS})
MOST_OFF = 0.03
"""Widths of the face by which its landmarks may be moved, on average: a head that starts or stops
so suddenly that it would be more is smoothed over fewer frames."""


def smoothed(before: Sequence[Face], face: Face, after: Sequence[Face]) -> Face:
    """Return a face with its landmarks fitted by parabolas through those of the frames around it.

    before, after: the face in the frames next to it, in order, at most `REACH` on either side.
    """
    for reach in range(REACH, 0, -1):
        landmarks = _fitted(before, face, after, reach)
        off = np.linalg.norm((landmarks - face.landmarks)[:, :2], axis=1).mean()
        if off <= MOST_OFF * face.width:
            landmarks[FAST] = _fitted(before, face, after, min(reach, FAST_REACH))[FAST]
            return make_face(landmarks, face.score)
    return face


def _fitted(before: Sequence[Face], face: Face, after: Sequence[Face], reach: int) -> np.ndarray:
    """Return float32 (478, 3): landmarks smoothed over `reach` frames on either side."""
    before, after = before[max(len(before) - reach, 0) :], after[:reach]
    fitted: np.ndarray = np.zeros((478, 3), np.float32)
    weights = parabola_weights(len(before), len(after))
    for weight, one in zip(weights, (*before, face, *after), strict=True):
        fitted += weight * one.landmarks
    return fitted


@cache
def parabola_weights(before: int, after: int) -> np.ndarray:
    """Return the weights, float32 (n,), that give a fitted parabola's value at the frame itself.

    The parabola is fitted to the frames from `before` earlier to `after` later.
    """
    times = np.arange(-before, after + 1, dtype=np.float64)
    degree = 2 if len(times) > 3 else min(1, len(times) - 1)
    powers = np.vander(times, degree + 1, increasing=True)
    weights: np.ndarray = np.linalg.pinv(powers)[0].astype(np.float32)
    return weights
