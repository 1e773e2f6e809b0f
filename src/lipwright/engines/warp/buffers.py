"""What is written while frames are drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.bgra import in_tiles, with_alpha

if TYPE_CHECKING:
    from lipwright.media.video.yuv_frame import YuvFrame


class Edit(NamedTuple):
    """A rectangle that is taken from elsewhere than its nodes say."""

    rect: Rect
    """Px from the region's corner."""
    maps: tuple[np.ndarray, np.ndarray]
    """x and y in the enlarged picture, float32 (h, w)."""


class RenderBuffers:
    """The memory of one run of frames, which another run must not share.

    It serves all frames of the run: fresh arrays for each cost more than the sums in them.
    """

    def __init__(self, image: np.ndarray, region: Rect) -> None:
        """image: BGR uint8 (h, w, 3), what frames show outside the region that moves.

        region: what moves, px.
        """
        self.frame = image.copy()
        """The frame itself."""
        self.planes: YuvFrame | None = None
        """The same as video stores it, where that is wanted."""
        self.places: list[np.ndarray] = []
        """Where the nodes of the region are taken from in the last frame, x and y in px."""
        self.kinds: np.ndarray | None = None
        """What is seen all over the region in the last frame: see `MatteParts`."""
        self.sampled = np.zeros((0, 0), bool)
        """Where the region was sampled in the last frame, bool (rows, columns) as `kinds`."""
        self.behind: list[Rect] = []
        """What of it shows only what is behind, and is to be laid there."""
        self.ends: list[tuple[int, int]] = []
        """From where to where its bands showed the person: see `BandEnds`."""
        self.body: tuple[float, float, float] | None = None
        """Where the body is in what was drawn last: see `Renderer`."""
        self.nodes: list[np.ndarray] = []
        """Where in the enlarged picture nodes, and those around, are taken from, x and y."""
        self.edits: list[Edit] = []
        """What of the last frame is taken from elsewhere than its nodes say."""
        self.tiles, self.layer = in_tiles(with_alpha(image[region.slices], 0))
        """The region as it moves, BGRA, with the person's matte; the same memory twice."""
        self.carried: tuple[np.ndarray, np.ndarray, np.ndarray | None] | None = None
        """The plane carried last, enlarged, and what of it is behind the person."""
        self._scratch: dict[object, np.ndarray] = {}

    def scratch(self, name: object, shape: tuple[int, ...], dtype: type = np.float32) -> np.ndarray:
        """Return memory of a shape (h, w), float32 or `dtype`: what was written there is lost.

        A name stands for one dtype; its memory grows to the largest shape that is asked for.
        """
        size = math.prod(shape)
        found = self._scratch.get(name)
        if found is None or found.size < size:
            found = self._scratch[name] = np.empty(size, dtype)
        return found[:size].reshape(shape)
