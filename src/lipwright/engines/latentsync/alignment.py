"""How a face is laid out for LatentSync: rotated and scaled by brows and nose.

As the authors' program does it, in float32; theirs rounds to float16, which moves what is sampled
by up to 0.45 px. Points are px with pixel centres at whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lipwright.engines.base import CropSpec

ASPECT = 0.75
"""Width over height of the aligned face, which is then stretched to a square."""
TEMPLATE = ((17.0, 20.0), (58.0, 20.0), (37.5, 40.0))
"""Where the middles of the brows and of the nose stand in a face of 75 x 100."""
LEFT_BROW = (70, 63, 105, 66, 107)
"""Landmarks (of 478) along the upper edge of the brow that is on the left in the picture."""
RIGHT_BROW = (300, 293, 334, 296, 336)
NOSE = (195, 4, 48, 278)
"""On its ridge, its tip, and both of its wings."""
GROUPS = (LEFT_BROW, RIGHT_BROW, NOSE)
UNIT = 2.8 / 256
"""px of the aligned face for each unit of the template and each px of the square."""
KEPT_BIAS = 0.2
"""How much of the smoothed shift of a frame is the one before's."""


@dataclass(frozen=True)
class Alignment:
    """How one frame's face is laid out."""

    matrix: np.ndarray
    """float32 (2, 3): from px of the picture to px of the aligned face."""
    bias: np.ndarray
    """float32 (2,): the smoothed shift, for the frame that comes after."""


def aligned_size(size: int) -> tuple[int, int]:
    """Return width and height of an aligned face in px, before it is stretched to `size`."""
    height = round(100 * UNIT * size)
    return round(ASPECT * height), height


def soft_crop(size: int) -> CropSpec:
    """Return how the pipeline cuts out faces of `size` px: by the authors' three points."""
    places = [(x / (100 * ASPECT), y / 100) for x, y in TEMPLATE]
    return CropSpec(size, template=tuple(zip(GROUPS, places, strict=True)), aspect=ASPECT)


def three_points(landmarks: np.ndarray) -> np.ndarray:
    """Return both brows and the nose of a face, float64 (3, 2), rounded to whole px.

    landmarks: float32 (478, 3) in px, pixel edges at whole numbers.
    """
    means = [landmarks[list(group), :2].mean(axis=0) for group in GROUPS]
    return np.round(np.array(means, np.float64) - 0.5)


def align(points: np.ndarray, size: int, bias: np.ndarray | None = None) -> Alignment:
    """Bring three points to the template: rotation, one scale, shift.

    The scale is the ratio of the deviations of all six numbers. The shift is moved by how far the
    nose is off, in deviations (under one px), smoothed over the frames of a clip.

    Args:
        points: float64 (3, 2) in px of the picture.
        size: of the square in px.
        bias: of the frame before; None for a first frame.
    """
    source = points.astype(np.float32)
    target = (np.array(TEMPLATE) * (UNIT * size)).astype(np.float32)
    source_middle, target_middle = source.mean(axis=0), target.mean(axis=0)
    source, target = source - source_middle, target - target_middle
    source_spread, target_spread = source.std(ddof=1), target.std(ddof=1)
    source, target = source / source_spread, target / target_spread
    left, _, right = np.linalg.svd(source.T @ target)
    rotation = (left @ right).T * (target_spread / source_spread)
    off = target[2] - source[2]
    smooth = off if bias is None else KEPT_BIAS * bias + (1 - KEPT_BIAS) * off
    shift = target_middle - rotation @ source_middle + smooth
    return Alignment(np.column_stack([rotation, shift]).astype(np.float32), smooth)
