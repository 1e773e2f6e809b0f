"""Where in a frame the eyes are, so that no more than that is mapped pixel by pixel."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.sampling_grid import STEP, Grids

if TYPE_CHECKING:
    from lipwright.engines.warp.eyes import Eyes


def around(boxes: Sequence[Rect], room: int) -> Rect:
    """Return the px around boxes, and so many more on each side."""
    whole, *others = boxes
    for box in others:
        whole = whole.joined(box)
    return Rect(whole.x0 - room, whole.y0 - room, whole.x1 + room, whole.y1 + room)


def room_of_eyes(eyes: Eyes, head: Sequence[np.ndarray], grids: Grids) -> Rect:
    """Return what the eyes can change where the head takes them, px from the region's corner.

    head: its backward displacement at the nodes, x and y, float32 (rows, columns), px.
    """
    x0, y0 = grids.region.x0, grids.region.y0
    rows, columns = head[0].shape
    moved = []
    for box in eyes.boxes:
        row = min(max(((box.y0 + box.y1) // 2 - y0) // STEP, 0), rows - 1)
        column = min(max(((box.x0 + box.x1) // 2 - x0) // STEP, 0), columns - 1)
        across, down = (round(float(part[row, column])) for part in head)
        moved.append(box.moved(-x0 - across, -y0 - down))
    return grids.on_nodes(around(moved, ceil(eyes.room)))
