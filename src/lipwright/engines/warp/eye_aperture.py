"""How far an eye really reaches: drawn eyes and made-up ones go beyond the landmarks' outline."""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.engines.warp.eye_shape import Aperture, EyeShape
from lipwright.engines.warp.eyelid_texture import LidSkin
from lipwright.engines.warp.face_frame import smooth_curve

COLUMNS = 97
STEP = 0.01  # eye widths between rows
BESIDE = 0.24  # eye widths beyond the corners that are looked at
ABOVE, BELOW = 0.12, 0.26  # above and below the open eye
CORNER = 0.17  # above and below the corner beyond it
NO_SKIN = 0.13  # relative difference from skin's lightness or colour
SMOOTHING = 9  # columns
MOST_DEEPER = 0.6  # of the eye's height: below closed eyes there are only lashes
DEEPER = 0.6  # quantile of what is found below the landmarks: single lashes do not count


def measure_aperture(image: np.ndarray, shape: EyeShape, skin: LidSkin) -> Aperture:
    """Return where an eye ends in an image, BGR uint8 (h, w, 3).

    What continues up to the end of the search is not the eye but a shadow, hair or a rim.
    """
    x = np.linspace(-0.5 - BESIDE, 0.5 + BESIDE, COLUMNS)
    at = shape.columns(x.astype(np.float32)[None])
    upper, lower = at.upper[0].astype(np.float64), at.lower[0].astype(np.float64)
    beside = np.abs(x) > 0.5
    highest, lowest = shape.open_top - ABOVE, shape.open_bottom + BELOW
    above = _reach(image, shape, skin, x, upper, np.where(beside, -CORNER, highest - upper))
    below = _reach(image, shape, skin, x, lower, np.where(beside, CORNER, lowest - lower))
    px = shape.centre + shape.width * (x[:, None] * shape.right + upper[:, None] * shape.down)
    face = skin.is_face(*px.T.astype(np.float32)[:, None])[0] > 0.5
    found = (above + below > STEP) & face
    left, right = (_end(found, np.flatnonzero(beside & (sign * x > 0)), sign) for sign in (-1, 1))
    outside = (x < -0.5 - left) | (x > 0.5 + right)
    deeper = float(np.quantile(below[np.abs(x) < 0.36], DEEPER))
    deeper = min(deeper, MOST_DEEPER * (shape.open_bottom - shape.open_top))
    above, below = (smooth_curve(np.where(outside, 0, part), SMOOTHING) for part in (above, below))
    ends = -0.5 - left, 0.5 + right
    return Aperture(x, upper - above, lower + below, deeper, ends)


def _reach(
    image: np.ndarray,
    shape: EyeShape,
    skin: LidSkin,
    x: np.ndarray,
    start: np.ndarray,
    limit: np.ndarray | float,
) -> np.ndarray:
    """Return how far, float64 like x, something other than skin continues from a start; y down.

    limit: how far is looked, negative for upwards; 0 where it continues to there.
    """
    limit = np.broadcast_to(limit, x.shape)
    steps = np.arange(0.0, float(np.abs(limit).max()) + STEP, STEP)
    y = start + np.sign(limit) * steps[:, None]
    px = shape.centre + shape.width * (
        np.broadcast_to(x, y.shape)[..., None] * shape.right + y[..., None] * shape.down
    )
    px_x, px_y = (np.ascontiguousarray(px[..., axis], np.float32) for axis in (0, 1))
    seen = cv2.remap(image, px_x, px_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    there = skin.at(px_x, px_y)[..., :3]
    off = np.abs(seen.astype(np.float32) - there).max(axis=-1) / (there.mean(axis=-1) + 8)
    other = off > NO_SKIN
    # what begins within two steps begins here
    other[:2] |= other[2]
    ended = np.argmin(np.vstack([other, np.zeros((1, len(x)), bool)]), axis=0) * STEP
    return np.where(ended >= np.abs(limit), 0.0, ended)


def _end(found: np.ndarray, columns: np.ndarray, sign: int) -> float:
    """Return how far beyond a corner the eye goes on without a gap, eye widths.

    0 where it goes on nearly to the end of the search.
    """
    if sign < 0:
        columns = columns[::-1]
    there = found[columns]
    count = len(there) if there.all() else int(np.argmin(there))
    return 0.0 if count > len(there) - 2 else count * (1 + 2 * BESIDE) / (COLUMNS - 1)
