"""CIE Lab of sRGB colours, D65.

OpenCV has it too, but builds tables for all its colour spaces at the first conversion, which takes
0.1 s: a tenth of what a portrait's first frame takes.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

_TO_XYZ = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
_WHITE = np.array([0.950456, 1.0, 1.088754])
_FROM_BGR = (_TO_XYZ / _WHITE[:, None])[:, ::-1]
_SHIFT, _ROOT_SHIFT = 12, 15
"""Bits after the point: of the matrix, of cube roots."""
_LINEAR = 255 * 8
"""Linear light in whole numbers: 255 levels of 8 steps."""
_DARK = 216 / 24389
_FINE = 255 * 64
"""The same for values that are not rounded to levels."""
_FROM_ROOTS = np.array([[0.0, 116, 0, -16], [500, -500, 0, 0], [0, 200, -200, 0]])


def lab_of(picture: np.ndarray) -> np.ndarray:
    """Return the Lab of a picture, float32 (h, w, 3): L in [0, 100], a and b signed.

    picture: BGR uint8 (h, w, 3). The values are right to 0.25.
    """
    light, roots = _float_tables()
    xyz = cv2.transform(cv2.LUT(picture, light), _FROM_BGR)
    lab: np.ndarray = cv2.transform(roots[xyz.astype(np.intp)], _FROM_ROOTS)
    return lab


def lab_levels(colours: np.ndarray) -> np.ndarray:
    """Return the Lab of colours, BGR uint8 (..., 3), as OpenCV's levels, uint8 (..., 3).

    L is scaled to 255, a and b are 128 for grey. Bit by bit those of `cv2.COLOR_BGR2LAB`.
    """
    light, matrix, roots, _ = _tables()
    xyz = (light[colours] @ matrix.T + (1 << _SHIFT >> 1)) >> _SHIFT
    x, y, z = np.moveaxis(roots[xyz], -1, 0)
    grey = 128 << _ROOT_SHIFT
    values = np.stack([_scaled_lightness(y), 500 * (x - y) + grey, 200 * (y - z) + grey], -1)
    levels: np.ndarray = np.clip(_rounded(values), 0, 255).astype(np.uint8)
    return levels


def lightness(picture: np.ndarray) -> np.ndarray:
    """Return the first channel of `lab_levels` as float32 (h, w) in [0, 1].

    picture: BGR uint8 (h, w, 3).
    """
    light, matrix, _, levels = _tables()
    # whole numbers below 2**24: float32 holds them exactly
    parts = (light[:, None] * matrix[1]).astype(np.float32)[None]
    luminance = cv2.transform(cv2.LUT(picture, parts), np.ones((1, 3), np.float32))
    whole = (luminance.astype(np.intp) + (1 << _SHIFT >> 1)) >> _SHIFT
    found: np.ndarray = levels[whole]
    return found


@cache
def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Linear light of levels, the matrix, cube roots of light, and lightness of light, [0, 1]."""
    light = np.rint(_LINEAR * _linear(np.arange(256) / 255)).astype(np.int64)
    matrix = np.rint((1 << _SHIFT) * _FROM_BGR).astype(np.int64)
    steps = np.arange(_LINEAR * 3 // 2) / _LINEAR
    # to float32 before they are whole, as OpenCV's are
    roots = ((1 << _ROOT_SHIFT) * _root(steps)).astype(np.float32)
    roots = np.rint(roots).astype(np.int64)
    levels = _rounded(_scaled_lightness(roots)).clip(0, 255).astype(np.float32) / 255
    return light, matrix, roots, levels


@cache
def _float_tables() -> tuple[np.ndarray, np.ndarray]:
    """Linear light of levels in fine steps, and half of one, and cube roots of such light."""
    light = (_FINE * _linear(np.arange(256) / 255) + 0.5).astype(np.float32)
    return light, _root(np.arange(_FINE + 2) / _FINE).astype(np.float32)


def _scaled_lightness(roots: np.ndarray) -> np.ndarray:
    """L in levels, before the bits after the point are dropped."""
    scale, black = (116 * 255 + 50) // 100, (16 * 255 * (1 << _ROOT_SHIFT) + 50) // 100
    scaled: np.ndarray = scale * roots - black
    return scaled


def _rounded(values: np.ndarray) -> np.ndarray:
    rounded: np.ndarray = (values + (1 << _ROOT_SHIFT >> 1)) >> _ROOT_SHIFT
    return rounded


def _linear(values: np.ndarray) -> np.ndarray:
    """Take sRGB's gamma out of values in [0, 1]."""
    linear: np.ndarray = np.where(
        values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4
    )
    return linear


def _root(values: np.ndarray) -> np.ndarray:
    """Return the cube root, with CIE's straight line near black."""
    root: np.ndarray = np.where(values < _DARK, values * 841 / 108 + 16 / 116, np.cbrt(values))
    return root
