"""How much of a lent mouth is laid over a frame that was reshaped.

Always the inside of the mouth. Where a frame's own lips were further open than wanted, the line
along which they meet, and of lips that were far open, or of another shape, the red as a whole. All
shares follow from the two shapes, which change smoothly over time, and so do they.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import FaceFrame, smooth_curve, smoothstep
from lipwright.engines.warp.frame_reshaping import ReshapedFrame
from lipwright.engines.warp.lip_contour import Lips
from lipwright.engines.warp.own_shape import OwnShape

CLOSED = 0.004  # mw: what is less open has no inside
CLOSING = 0.015, 0.06  # mw that lips are brought together: from where their line is lent
OTHER = 0.03, 0.09  # mw between a frame's own and wanted borders: the red as a whole
FAR = 0.07, 0.20  # and the red as well
LINE, LINE_SOFT = 0.045, 1.8  # mw and px (at least) from the lip lines: what is lent with them
LINE_END = 0.04  # mw beyond the corners where that ends
RED = 2.0, 1.3  # heights of the red between which the lent lips fade
ENDS = 0.66, 0.52  # and distances from the middle, in the mouth's own coordinate
RIM = 1.3  # of the inside's soft edge: the frame's own lips end in the dark
PROFILE, SMOOTH = 41, 9  # places along the mouth, and how many of them are averaged
SOFT = 0.8, 1.0  # px by which the edges of the inside and of the red are softened


class LentLips:
    """The shares of mouths that are lent, on the pixels of one person's frames around the lips."""

    def __init__(self, frame: FaceFrame) -> None:
        """Prepare for a face with a closed mouth."""
        self._frame = frame

    def shares(
        self, seen: ReshapedFrame, own: OwnShape, want: OwnShape
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return two weights, float32 (h, w) of `seen.near`.

        How much the lent mouth counts, and where the red of the wanted lips is.

        own, want: the shapes that the frame had and has now.
        """
        upper, lower = seen.lips.edges(seen.x)
        beyond = np.maximum(np.maximum(upper - seen.y, seen.y - lower), 0)
        above = seen.y < (upper + lower) / 2
        red = self._red(seen.x, beyond, above)
        share = np.zeros(seen.x.shape, np.float32)
        if seen.lips.height > CLOSED:
            share = self._inside(seen)
        away = float(np.sqrt(((own.curves - want.curves) ** 2).sum(axis=-1).mean()))
        other = np.float32(smoothstep(*OTHER, away))
        share = np.maximum(share, other * red)
        closing = _closing(own, seen.lips)
        if closing.max() <= CLOSING[0]:
            return share, red
        line = seen.lips.along(smoothstep(*CLOSING, closing), seen.x)
        line *= smoothstep(LINE_END, 0, seen.lips.outside(seen.x))
        line *= np.exp(-((beyond / max(LINE, LINE_SOFT / self._frame.unit)) ** 2))
        far = np.float32(smoothstep(*FAR, float(closing.max())))
        return np.maximum(share, np.maximum(line, far * red)), red

    def _red(self, x: np.ndarray, beyond: np.ndarray, above: np.ndarray) -> np.ndarray:
        """Return 1 on the lips, 0 around them.

        beyond: how far places are above or below the opening, mw.
        """
        heights = np.float32(self._frame.upper_lip), np.float32(self._frame.lower_lip)
        red = smoothstep(*RED, beyond / np.where(above, *heights))
        red = red * smoothstep(*ENDS, np.abs(self._frame.u(x)))
        soft: np.ndarray = cv2.GaussianBlur(red, (0, 0), SOFT[1])
        return soft

    def _inside(self, seen: ReshapedFrame) -> np.ndarray:
        """Return 1 between the lips, 0 on them."""
        inside = seen.lips.inside(seen.x, seen.y, 1 / self._frame.unit)
        share: np.ndarray = np.minimum(
            np.float32(RIM) * cv2.GaussianBlur(inside, (0, 0), SOFT[0]), 1
        )
        return share


def _closing(own: OwnShape, lips: Lips) -> np.ndarray:
    """Return by how much lips are brought together from corner to corner, float64 (n,) in mw."""
    x = np.linspace(lips.left, lips.right, PROFILE)
    upper, lower = lips.edges(x)
    places = own.curves[1, :, 0]
    ends = places[0], max(places[-1], places[0] + 1e-3)
    along = np.interp(places, ends, (lips.left, lips.right))
    return smooth_curve(np.interp(x, along, own.gaps) - (lower - upper), SMOOTH)
