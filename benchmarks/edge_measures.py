"""How much neighbouring pixels differ where a mask ends."""

from __future__ import annotations

import cv2
import numpy as np

EDGE = 0.05, 0.95  # of the mask: what lies between is its edge
LONGEST_STEP = 24.0  # px


def steps(picture: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    """Mean absolute differences (grey levels) across a mask's edge.

    Between px that stand next to each other, and between the two sides of the edge.
    """
    x, y, across, down, width = edge_of(mask)

    def difference(reach: np.ndarray | float) -> float:
        sides = [
            cv2.remap(
                picture,
                (x + side * reach * across).astype(np.float32),
                (y + side * reach * down).astype(np.float32),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            ).astype(np.float32)
            for side in (-1, 1)
        ]
        return float(np.abs(sides[0] - sides[1]).mean())

    return difference(0.5), difference(width / 2)


def edge_of(mask: np.ndarray) -> tuple[np.ndarray, ...]:
    """The px of the edge, the direction in which the mask grows there, and how wide the edge is."""
    slope_x = cv2.Scharr(mask, cv2.CV_32F, 1, 0, scale=1 / 32)
    slope_y = cv2.Scharr(mask, cv2.CV_32F, 0, 1, scale=1 / 32)
    steep = np.hypot(slope_x, slope_y)
    y, x = np.nonzero((mask > EDGE[0]) & (mask < EDGE[1]) & (steep > 1 / LONGEST_STEP / 4))
    steepness = steep[y, x]
    return (
        x.astype(np.float32)[None],
        y.astype(np.float32)[None],
        (slope_x[y, x] / steepness)[None],
        (slope_y[y, x] / steepness)[None],
        np.minimum(1 / steepness, LONGEST_STEP)[None],
    )
