"""What is written while frames are drawn."""

from __future__ import annotations

import numpy as np

from lipwright.engines.warp.sampling_grid import Grids


class RenderBuffers:
    """The memory of one run of frames, which another run must not share.

    It serves all frames of the run: fresh arrays for each cost more than the sums in them.
    """

    def __init__(self, image: np.ndarray, grids: Grids) -> None:
        """image: BGR uint8 (h, w, 3), what frames show outside the region that moves."""
        shape = grids.pixels[0].shape
        self.frame = image.copy()
        """The frame itself."""
        self.enlarged = np.empty(grids.enlarged_shape, np.float32)
        self.maps = [np.empty(shape, np.float32) for _ in range(2)]
        """Where in the picture each pixel of the region is taken from, x and y in px."""
        self.atlas_maps = [np.empty(shape, np.float32) for _ in range(2)]
        """The same in the enlarged picture."""
        self.layer = np.empty((*shape, 4), np.uint8)
        """BGRA: the region as it moves, with the head's matte."""
        self.carried: tuple[np.ndarray, np.ndarray, np.ndarray | None] | None = None
        """The plane carried last, enlarged, and what of it is behind the head."""
