"""The pixels of the moving region, and the coarser nodes at which its motion is computed."""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.face_frame import FaceFrame

STEP = 4  # px between nodes


class Grids:
    """The pixel and node positions of one region of an image, float32 (h, w) each, px."""

    def __init__(self, region: Rect, frame: FaceFrame) -> None:
        self.region, self._frame = region, frame
        self.pixels = np.meshgrid(
            np.arange(region.x0, region.x1, dtype=np.float32),
            np.arange(region.y0, region.y1, dtype=np.float32),
        )
        # nodes are the centres of STEP x STEP blocks, as cv2.resize places them
        columns = -(-(region.x1 - region.x0) // STEP)
        rows = -(-(region.y1 - region.y0) // STEP)
        centre = (STEP - 1) / 2
        self.nodes = np.meshgrid(
            region.x0 + centre + STEP * np.arange(columns, dtype=np.float32),
            region.y0 + centre + STEP * np.arange(rows, dtype=np.float32),
        )

    def nodes_of(self, part: Rect) -> Rect:
        """Return the nodes of a part of the region, px from its corner, that starts on a node."""
        rows, columns = self.nodes[0].shape
        x1, y1 = -(-part.x1 // STEP), -(-part.y1 // STEP)
        return Rect(part.x0 // STEP, part.y0 // STEP, min(x1, columns), min(y1, rows))

    def on_nodes(self, part: Rect) -> Rect:
        """Return a part of the region, px from its corner, with what is missing to whole nodes."""
        x1, y1 = (-(-end // STEP) * STEP for end in (part.x1, part.y1))
        rect = Rect(part.x0 // STEP * STEP, part.y0 // STEP * STEP, x1, y1)
        return rect.clipped(Rect(0, 0, self.region.width, self.region.height))

    @staticmethod
    def enlarge_part(
        coarse: np.ndarray, part: Rect, size: tuple[int, int], memory: np.ndarray | None = None
    ) -> np.ndarray:
        """Return float32 (h, w): values at the pixels of some nodes.

        coarse: `extended`, float32 (rows + 2, columns + 2). memory: float32 that holds the part and
        a node around it, of which the result is a view; None allocates it.
        """
        nodes = coarse[part.y0 : part.y1 + 2, part.x0 : part.x1 + 2]
        big = cv2.resize(
            nodes,
            (nodes.shape[1] * STEP, nodes.shape[0] * STEP),
            dst=memory,
            interpolation=cv2.INTER_LINEAR,
        )
        return big[STEP : STEP + size[0], STEP : STEP + size[1]]

    @classmethod
    def enlarge(cls, nodes: np.ndarray, part: Rect, size: tuple[int, int]) -> np.ndarray:
        """Return float32 (h, w): values, float32 (rows, columns), at the pixels of some nodes."""
        rows, columns = nodes.shape
        if part.x0 > 0 and part.y0 > 0 and part.x1 < columns and part.y1 < rows:
            return cls.enlarge_part(nodes, part.moved(-1, -1), size)  # all around it are there
        return cls.enlarge_part(extended(nodes), part, size)

    def face_box(self, low: np.ndarray, high: np.ndarray, margin: float) -> Rect:
        """Return the pixels of the region (from its corner) in a box of the face frame.

        low, high: corners of the box, float32 (2,) in mw; margin: mw on each side.
        """
        rect = face_rect(self._frame, low, high, margin).clipped(self.region)
        return rect.moved(-self.region.x0, -self.region.y0)

    def node_box(self, low: np.ndarray, high: np.ndarray, margin: float) -> Rect:
        """Return the nodes in a box of the face frame.

        low, high: corners of the box, float32 (2,) in mw; margin: mw on each side.
        """
        rect = self.face_box(low, high, margin)
        rows, columns = self.nodes[0].shape
        return Rect(
            rect.x0 // STEP, rect.y0 // STEP, -(-rect.x1 // STEP) + 1, -(-rect.y1 // STEP) + 1
        ).clipped(Rect(0, 0, columns, rows))


def face_rect(frame: FaceFrame, low: np.ndarray, high: np.ndarray, margin: float = 0.0) -> Rect:
    """Return the pixels around a box of the face frame.

    low, high: corners of the box, float32 (2,) in mw; margin: mw on each side.
    """
    low, high = np.asarray(low) - margin, np.asarray(high) + margin
    corners = np.array([[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]])
    return Rect.around(frame.to_px(corners))


def extended(values: np.ndarray) -> np.ndarray:
    """Return values at nodes, float32 (rows, columns), continued by a node on each side."""
    wide: np.ndarray = cv2.copyMakeBorder(values, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    if values.shape[0] > 1:
        wide[0] += wide[1] - wide[2]
        wide[-1] += wide[-2] - wide[-3]
    if values.shape[1] > 1:
        wide[:, 0] += wide[:, 1] - wide[:, 2]
        wide[:, -1] += wide[:, -2] - wide[:, -3]
    return wide
