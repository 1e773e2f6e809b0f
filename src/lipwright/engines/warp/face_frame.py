"""The face frame: positions on one portrait in units that fit every face.

Origin midway between the mouth corners, x to the image's right, y down, unit one mouth width (mw).
Sideways positions are further mapped to the mouth's own coordinate u: -0.5 and 0.5 at the outer
corners and 0 at the middle of the lips, which on a turned head is not midway between the corners.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

# MediaPipe face mesh indices, from the image's left to its right.
UPPER_INNER = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308]
LOWER_INNER = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308]
UPPER_OUTER = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291]
LOWER_OUTER = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291]
OVAL = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
]  # fmt: skip
LEFT_CORNER, RIGHT_CORNER, CHIN, NOSE_BASE = 61, 291, 152, 2
SKIN_POINTS = [205, 425, 50, 280, 199, 200]
SLIT_POINTS = 161


def smoothstep(low: float, high: float, x: np.ndarray | float) -> np.ndarray:
    """Return 0 at `low`, 1 at `high`, a cubic between; falls where low > high.

    x: any shape such as (h, w), float32 or float64; the result has its shape.
    """
    t = np.asarray((np.asarray(x, np.float32) - low) / (high - low))
    np.maximum(t, 0.0, out=t)
    np.minimum(t, 1.0, out=t)
    weight: np.ndarray = t * t
    t *= -2.0
    t += 3.0
    weight *= t
    return weight


def smoothstep_of(low: float, high: float, x: float) -> float:
    """Return the `smoothstep` of one number, in a tenth of the time."""
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


def smooth_curve(values: np.ndarray, width: int) -> np.ndarray:
    """Return a Hann-smoothed copy of a curve, float64 (n,); `width` odd, in samples."""
    ends = (width - 3) // 2
    padded = np.empty(len(values) + 2 * ends)
    padded[:ends], padded[len(padded) - ends :] = values[0], values[-1]
    padded[ends : ends + len(values)] = values
    return np.convolve(padded, _hann(width), "valid")


@cache
def _hann(width: int) -> np.ndarray:
    """Return the weights of so many samples without the outer two, which are 0; they add to 1."""
    kernel = np.hanning(width)[1:-1]
    weights: np.ndarray = kernel / kernel.sum()
    weights.flags.writeable = False
    return weights


@dataclass(frozen=True)
class Slit:
    """The line along which the lips part: y(x), float64 (n,) in mw, between the inner corners."""

    x: np.ndarray
    y: np.ndarray

    def at(self, x: np.ndarray | float) -> np.ndarray:
        """Return y, float32 in mw, at sideways positions x of any shape such as (h, w)."""
        values: np.ndarray = np.interp(x, self.x, self.y).astype(np.float32)
        return values


@dataclass(frozen=True)
class FaceFrame:
    """The geometry of one face; build it with `FaceFrame.of(landmarks)`. All lengths in mw."""

    centre: np.ndarray  # px
    unit: float  # px per mw
    right: np.ndarray  # unit vector along the mouth, px
    down: np.ndarray  # unit vector across it, px
    points: np.ndarray  # (478, 2) landmarks in the face frame
    slit: Slit
    opening: np.ndarray  # lip gap along the slit in the photograph
    chin: float
    upper_lip: float  # height of the red
    lower_lip: float
    _u_of_x: tuple[np.ndarray, np.ndarray] = field(repr=False)

    @classmethod
    def of(cls, landmarks: np.ndarray, slit_px: np.ndarray | None = None) -> FaceFrame:
        """Measure landmarks, float32 (478, 3) in px.

        slit_px: float64 (n, 2), px, where the lips meet if not where detected.
        """
        px = landmarks[:, :2].astype(np.float64)
        corner_l, corner_r = px[LEFT_CORNER], px[RIGHT_CORNER]
        across = corner_r - corner_l
        right = across / np.linalg.norm(across)
        down = np.array([-right[1], right[0]])
        # A turned head shortens the mouth in the picture; its true width includes the depth.
        depth = float(landmarks[RIGHT_CORNER, 2] - landmarks[LEFT_CORNER, 2])
        unit = float(np.hypot(np.linalg.norm(across), depth))
        centre = (corner_l + corner_r) / 2
        offset = px - centre
        points = np.stack([offset @ right, offset @ down], -1) / unit
        upper, lower = points[UPPER_INNER], points[LOWER_INNER]
        x = np.linspace(upper[0, 0], upper[-1, 0], SLIT_POINTS)
        top = smooth_curve(np.interp(x, upper[:, 0], upper[:, 1]), 23)
        bottom = np.maximum(smooth_curve(np.interp(x, lower[:, 0], lower[:, 1]), 23), top)
        slit = Slit(x, (top + bottom) / 2)
        if slit_px is not None:
            offset = slit_px - centre
            sx, sy = offset @ right / unit, offset @ down / unit
            x = np.linspace(sx[0], sx[-1], SLIT_POINTS)
            slit = Slit(x, np.interp(x, sx, sy))
        inner = slice(3, 8)
        return cls(
            centre=centre,
            unit=unit,
            right=right,
            down=down,
            points=points,
            slit=slit,
            opening=bottom - top,
            chin=float(points[CHIN, 1]),
            upper_lip=max(0.03, float((upper[inner, 1] - points[UPPER_OUTER][inner, 1]).mean())),
            lower_lip=max(0.04, float((points[LOWER_OUTER][inner, 1] - lower[inner, 1]).mean())),
            _u_of_x=_mouth_coordinate(points),
        )

    @property
    def gap(self) -> float:
        """The mean lip gap of the photograph over the middle of the mouth."""
        middle = self.opening[len(self.opening) // 4 : -len(self.opening) // 4]
        return float(middle.mean())

    def to_face(self, px: np.ndarray) -> np.ndarray:
        """Return mw in the face frame of px positions, float32 or float64 (..., 2)."""
        offset = px - self.centre
        return np.stack([offset @ self.right, offset @ self.down], -1) / self.unit

    def locate(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y in mw, float32, of px positions, float32 of one shape (h, w)."""
        off_x, off_y = x - np.float32(self.centre[0]), y - np.float32(self.centre[1])
        if off_x.size == 0:  # OpenCV has no empty pictures
            return off_x, off_y
        (right_x, right_y), (down_x, down_y) = (
            (axis / self.unit).tolist() for axis in (self.right, self.down)
        )
        across = cv2.addWeighted(off_x, right_x, off_y, right_y, 0)
        return across, cv2.addWeighted(off_x, down_x, off_y, down_y, 0)

    def to_px(self, face: np.ndarray) -> np.ndarray:
        """Return px of positions in the face frame, float32 or float64 (..., 2) in mw."""
        points: np.ndarray = (
            self.centre + (face[..., :1] * self.right + face[..., 1:] * self.down) * self.unit
        )
        return points

    def u(self, x: np.ndarray) -> np.ndarray:
        """Return the mouth coordinate, float32, of sideways positions x (mw) shaped like (h, w)."""
        xs, us = self._u_of_x
        along: np.ndarray = np.interp(x, xs, us).astype(np.float32)
        return along

    def x(self, u: np.ndarray | float) -> np.ndarray:
        """Return sideways positions, float32 in mw, of mouth coordinates u, shaped like (h, w)."""
        xs, us = self._u_of_x
        across: np.ndarray = np.interp(u, us, xs).astype(np.float32)
        return across

    def x_per_u(self, u: np.ndarray) -> np.ndarray:
        """Return how far, mw, one step of u carries sideways, float32, at u shaped like (h, w)."""
        xs, us = self._u_of_x
        step: np.ndarray = np.interp(u, us, np.gradient(xs, us)).astype(np.float32)
        return step


def _mouth_coordinate(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the table x -> u: quadratic between the corners, linear outside."""
    left, right = points[LEFT_CORNER, 0], points[RIGHT_CORNER, 0]
    width = right - left
    middle = points[[0, 13, 14, 17], 0].mean()
    bend = np.clip(middle - (left + right) / 2, -0.2 * width, 0.2 * width)
    u = np.linspace(-4, 4, 801)
    inside = np.clip(u, -0.5, 0.5)
    x = (left + right) / 2 + width * u + bend * (1 - 4 * inside**2)
    return x, u
