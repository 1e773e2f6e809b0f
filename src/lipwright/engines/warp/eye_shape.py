"""The geometry of one eye: lids, brow and iris, in the eye's own coordinates.

Origin midway between the eye's corners, x along them to the image's right, y across them
downwards, unit one eye width.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from math import ceil, floor

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.face_frame import OVAL, smooth_curve

# MediaPipe indices from the picture's left to its right: upper lid, lower lid, lower and upper
# edge of the brow, iris (centre and rim)
LEFT_EYE = {
    "upper": [33, 246, 161, 160, 159, 158, 157, 173, 133],
    "lower": [33, 7, 163, 144, 145, 153, 154, 155, 133],
    "brow": [46, 53, 52, 65, 55],
    "brow_top": [70, 63, 105, 66, 107],
    "iris": [468, 469, 470, 471, 472],
}
RIGHT_EYE = {
    "upper": [362, 398, 384, 385, 386, 387, 388, 466, 263],
    "lower": [362, 382, 381, 380, 374, 373, 390, 249, 263],
    "brow": [285, 295, 282, 283, 276],
    "brow_top": [336, 296, 334, 293, 300],
    "iris": [473, 474, 475, 476, 477],
}
REACH = 1.0  # tables go from -REACH to REACH
TABLE = 401
LASH_LINE = 0.022  # the lid's rim and lashes, below the lid's landmarks
LASH_HEIGHT = 0.13  # the strip above it in which lashes stand
# how far the lid's movement goes on beyond the corners
CORNER_FADE = 0.10
CORNERS = -0.5, 0.5


@dataclass(frozen=True)
class Columns:
    """Curves y(x), float32 in eye units, at the columns of a window."""

    upper: np.ndarray  # the lash line of the open eye
    lower: np.ndarray
    top: np.ndarray  # above this nothing moves when the lid closes
    closing: np.ndarray  # 1 where the lid closes wholly, 0 where it does not move
    bell: np.ndarray  # 0 at the corners and outside, 1 in between
    brow: np.ndarray  # the middle of the brow
    above: np.ndarray  # where lashes, liner or the eye begin above the lash line
    below: np.ndarray  # where they end below it


@dataclass(frozen=True)
class Aperture:
    """Where an eye ends in the picture, eye widths."""

    x: np.ndarray  # float64 (n,)
    top: np.ndarray
    bottom: np.ndarray
    deeper: float
    """How far the eye goes on below its landmarks."""
    ends: tuple[float, float]
    """x of the corners."""


class EyeShape:
    """One eye of one portrait."""

    def __init__(self, landmarks: np.ndarray, indices: dict[str, list[int]]) -> None:
        """Measure the eye of landmarks, float32 (478, 3) in px, by their indices."""
        points = {name: landmarks[rows, :2].astype(np.float64) for name, rows in indices.items()}
        inner, outer = points["upper"][0], points["upper"][-1]
        self.centre = (inner + outer) / 2
        self.width = max(float(np.linalg.norm(outer - inner)), 1.0)
        self.right = (outer - inner) / self.width
        self.down = np.array([-self.right[1], self.right[0]])
        local = {name: self._to_local(place) for name, place in points.items()}
        self.iris = local["iris"][0].astype(np.float32)
        self.iris_radius = float(
            np.linalg.norm(local["iris"][1:] - local["iris"][0], axis=1).mean()
        )
        self.cheek = _ends(self._to_local(landmarks[OVAL, :2].astype(np.float64)))
        """x at which the face ends on both sides of the eye."""
        self._set(_make_tables(local))

    def _set(self, tables: Columns) -> None:
        self._tables = tables
        middle = np.abs(np.linspace(-REACH, REACH, TABLE)) < 0.55
        self.lid_top = float(tables.top[middle].min())
        self.open_top = float(tables.upper[middle].min())
        self.open_bottom = float(tables.lower[middle].max())
        self.brow_middle = float(tables.brow[middle].mean())

    def widen(self, aperture: Aperture) -> None:
        """Let the eye reach as far as it does in the picture."""
        x = np.linspace(-REACH, REACH, TABLE)
        top, bottom = (np.interp(x, aperture.x, y) for y in (aperture.top, aperture.bottom))
        seen = (x > aperture.x[0]) & (x < aperture.x[-1])
        old, bell = self._tables, _bell(x, aperture.ends)
        tables = replace(
            old,
            lower=np.maximum(old.lower, old.upper) + aperture.deeper * np.sqrt(bell),
            closing=_closing(x, aperture.ends),
            bell=bell,
            above=np.where(seen, np.minimum(top, old.above), old.above),
            below=np.where(seen, np.maximum(bottom, old.lower), old.lower),
        )
        self._set(_single(tables))

    def _to_local(self, px: np.ndarray) -> np.ndarray:
        offset = (px - self.centre) / self.width
        return np.stack([offset @ self.right, offset @ self.down], axis=-1)

    def locate(self, px_x: np.ndarray, px_y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return eye coordinates, float32 (h, w) each, of px positions (h, w)."""
        off_x, off_y = px_x - np.float32(self.centre[0]), px_y - np.float32(self.centre[1])
        right = (self.right / self.width).astype(np.float32)
        down = (self.down / self.width).astype(np.float32)
        x = cv2.addWeighted(off_x, float(right[0]), off_y, float(right[1]), 0)
        return x, cv2.addWeighted(off_x, float(down[0]), off_y, float(down[1]), 0)

    def columns(self, x: np.ndarray) -> Columns:
        """Return the curves at positions x, float32 (h, w), in eye units."""
        index = np.clip((x + REACH) * ((TABLE - 1) / (2 * REACH)) + 0.5, 0, TABLE - 1)
        index = index.astype(np.int32)
        tables = self._tables
        return Columns(
            *(
                getattr(tables, name).take(index)
                for name in ("upper", "lower", "top", "closing", "bell", "brow", "above", "below")
            )
        )

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Rect:
        """Return the px around a rectangle in eye coordinates."""
        # with plain numbers: arrays of two cost ten times as much, and a frame asks six times
        across, over = (
            [start + self.width * (x * right + y * down) for x in (x0, x1) for y in (y0, y1)]
            for start, right, down in zip(
                self.centre.tolist(), self.right.tolist(), self.down.tolist(), strict=True
            )
        )
        return Rect(
            floor(min(across)), floor(min(over)), ceil(max(across)) + 1, ceil(max(over)) + 1
        )


def _ends(outline: np.ndarray) -> tuple[float, float]:
    """Return x beside the eye at which an outline, float64 (n, 2), crosses y = 0."""
    ahead = np.roll(outline, -1, axis=0)
    crossing = (outline[:, 1] < 0) != (ahead[:, 1] < 0)
    start, step = outline[crossing], (ahead - outline)[crossing]
    x = start[:, 0] - start[:, 1] * step[:, 0] / step[:, 1]
    # on a turned head the far side's outline may lie in front of the eye's corner
    return float(x.min(initial=CORNERS[0])), float(x.max(initial=CORNERS[1]))


def _make_tables(local: dict[str, np.ndarray]) -> Columns:
    x = np.linspace(-REACH, REACH, TABLE)

    def curve(name: str, smoothing: int) -> np.ndarray:
        ordered = local[name][np.argsort(local[name][:, 0])]
        return smooth_curve(np.interp(x, ordered[:, 0], ordered[:, 1]), smoothing)

    upper, lower = curve("upper", 21), curve("lower", 21)
    lower = np.maximum(lower, upper)
    brow, brow_top = curve("brow", 41), curve("brow_top", 41)
    bell = _bell(x, CORNERS)
    lash = upper + LASH_LINE * bell
    return _single(
        Columns(
            lash,
            np.maximum(lower, lash),
            np.minimum(upper - 0.10, 0.55 * brow + 0.45 * upper),
            _closing(x, CORNERS),
            bell,
            (brow + brow_top) / 2,
            upper,
            lower,
        )
    )


def _bell(x: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    t = np.clip((x - ends[0]) / (ends[1] - ends[0]), 0, 1)
    bell: np.ndarray = np.minimum(1, 4 * t * (1 - t))
    return bell


def _closing(x: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    beyond = np.maximum(np.maximum(ends[0] - x, x - ends[1]), 0)
    closing: np.ndarray = np.exp(-((beyond / CORNER_FADE) ** 2))
    return closing


def _single(tables: Columns) -> Columns:
    return Columns(*(getattr(tables, field.name).astype(np.float32) for field in fields(tables)))
