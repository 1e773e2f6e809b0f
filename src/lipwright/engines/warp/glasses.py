"""Whether somebody wears glasses, seen by their bridge: rims must not bend as brows rise."""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.engines.warp.eye_shape import EyeShape

COLUMNS = 15
MIDDLE = (0.3, 0.7)  # of the way from one inner corner to the other
ROWS = (-0.45, 0.40)  # eye widths above and below it
STEP = 0.02  # eye widths between rows
THICKEST = 0.30  # eye widths: what is thicker is no bridge
DARKER = 0.22  # than the skin above and below it
MOST_GAPS = 0.1  # of the columns may show a glint instead


def wears_glasses(image: np.ndarray, left: EyeShape, right: EyeShape) -> bool:
    """Return whether a dark line goes from eye to eye across the nose in a picture.

    image: BGR uint8 (h, w, 3); left, right: the eyes, as seen in it. Rims as light as the skin are
    not found.
    """
    start = left.centre + 0.5 * left.width * left.right
    way = right.centre - 0.5 * right.width * right.right - start
    down = np.array([-way[1], way[0]]) / max(float(np.linalg.norm(way)), 1.0)
    shares = np.linspace(*MIDDLE, COLUMNS)[:, None, None]
    below = (left.width + right.width) / 2 * np.arange(*ROWS, STEP)[None, :, None]
    px = (start + shares * way + below * down).astype(np.float32)
    px_x, px_y = (np.ascontiguousarray(px[..., axis]) for axis in (0, 1))
    seen = cv2.remap(image, px_x, px_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lightness = seen.astype(np.float32).mean(axis=2)
    kernel = np.ones((1, round(THICKEST / STEP)), np.uint8)
    without = cv2.morphologyEx(lightness, cv2.MORPH_CLOSE, kernel)
    dark = ((without - lightness) / (without + 8)).max(axis=1)
    return bool(np.quantile(dark, MOST_GAPS) > DARKER)
