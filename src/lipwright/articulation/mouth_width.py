"""How wide the channels make a drawn mouth, as a face tracker sees it."""

from __future__ import annotations

import numpy as np

from lipwright.articulation.curves import CHANNELS

SPREAD_WIDTH, ROUND_WIDTH, OPENING_WIDTH, JAW_WIDTH = 0.95, 1.05, 0.147, 0.139
"""How much wider spreading, and narrower rounding, opening and the jaw make it: medians over twelve
portraits that moved at random."""


def mouth_width(curves: np.ndarray) -> np.ndarray:
    """Return the change of the mouth's width, float64 (T,), in widths of the resting mouth.

    curves: (T, 9), the columns of `CHANNELS`.
    """
    rows = {name: curves[:, place].astype(np.float64) for place, name in enumerate(CHANNELS)}
    corners = SPREAD_WIDTH * rows["spread"] - ROUND_WIDTH * rows["round"]
    opening = rows["gap"] + rows["drop"]
    result: np.ndarray = corners - OPENING_WIDTH * opening - JAW_WIDTH * rows["jaw"]
    return result
