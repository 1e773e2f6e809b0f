"""Where the pixels of a frame are taken from, worked out of nodes wherever it is needed."""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.bgra import ATLAS
from lipwright.engines.warp.buffers import Edit, RenderBuffers
from lipwright.engines.warp.sampling_grid import STEP, Grids, extended


class PixelMap:
    """The maps of one region; those of a frame are in its buffers.

    Parts start on nodes, px from the region's corner.
    """

    def __init__(self, grids: Grids) -> None:
        self._grids = grids
        corner = grids.region.x0, grids.region.y0
        self._offset = [(ATLAS - 1) / 2 - ATLAS * start for start in corner]

    def begin(self, buffers: RenderBuffers) -> None:
        """Take the places of a new frame from the buffers."""
        buffers.nodes = [
            extended(cv2.addWeighted(place, ATLAS, place, 0, offset))
            for place, offset in zip(buffers.places, self._offset, strict=True)
        ]
        buffers.edits = []

    def maps(self, buffers: RenderBuffers, part: Rect) -> tuple[np.ndarray, np.ndarray]:
        """Return where in the enlarged picture a part is taken from, x and y, float32 (h, w).

        Both are in memory of the buffers, until the next call.
        """
        nodes, size = self._grids.nodes_of(part), (part.height, part.width)
        shape = (nodes.height + 2) * STEP, (nodes.width + 2) * STEP
        x, y = (
            self._grids.enlarge_part(values, nodes, size, buffers.scratch(axis, shape))
            for axis, values in enumerate(buffers.nodes)
        )
        for rect, maps in buffers.edits:
            if rect.apart(part):
                continue
            shared = rect.clipped(part)
            there = shared.moved(-part.x0, -part.y0).slices
            edited = shared.moved(-rect.x0, -rect.y0).slices
            x[there], y[there] = maps[0][edited], maps[1][edited]
        return x, y

    def sources(self, buffers: RenderBuffers, part: Rect) -> tuple[np.ndarray, np.ndarray]:
        """Return where a part is taken from in the picture, x and y, float32 (h, w), px."""
        x, y = (
            cv2.addWeighted(seen, 1 / ATLAS, seen, 0, -offset / ATLAS)
            for seen, offset in zip(self.maps(buffers, part), self._offset, strict=True)
        )
        return x, y

    def sparse_sources(
        self, buffers: RenderBuffers, part: Rect, step: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return where the middles of squares are taken from, x and y, float32 (h, w), px.

        step: px between them, a divisor of those between nodes. What was edited is left out.
        """
        nodes, fine = self._grids.nodes_of(part), STEP // step
        size = (nodes.width + 2) * fine, (nodes.height + 2) * fine
        inner = np.s_[fine : fine + -(-part.height // step), fine : fine + -(-part.width // step)]
        x, y = (
            cv2.resize(
                cv2.addWeighted(there, 1 / ATLAS, there, 0, -offset / ATLAS),
                size,
                interpolation=cv2.INTER_LINEAR,
            )[inner]
            for there, offset in (
                (values[nodes.y0 : nodes.y1 + 2, nodes.x0 : nodes.x1 + 2], offset)
                for values, offset in zip(buffers.nodes, self._offset, strict=True)
            )
        )
        return x, y

    def edit(self, buffers: RenderBuffers, part: Rect, x: np.ndarray, y: np.ndarray) -> None:
        """Take a part of the frame from elsewhere, x and y, float32 (h, w), px."""
        across, down = (
            cv2.addWeighted(place, ATLAS, place, 0, offset)
            for place, offset in zip((x, y), self._offset, strict=True)
        )
        buffers.edits.append(Edit(part, (across, down)))
