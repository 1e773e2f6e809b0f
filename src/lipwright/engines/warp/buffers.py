"""What is written while frames are drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lipwright.core.rect import Rect

SampledPart = tuple[Rect, Sequence[tuple[Rect, int]]]
"""A part of the region that is sampled at once, and what parts of it show; none: what is behind."""


class RenderBuffers:
    """The memory of one run of frames, which another run must not share.

    It serves all frames of the run: fresh arrays for each cost more than the sums in them.
    """

    def __init__(self, image: np.ndarray, region: Rect) -> None:
        """image: BGR uint8 (h, w, 3), what frames show outside the region that moves.

        region: what moves, px.
        """
        shape = (region.height, region.width)
        self.frame = image.copy()
        """The frame itself."""
        self.places: list[np.ndarray] = []
        """Where the nodes of the region are taken from in the last frame, x and y in px."""
        self.kinds: np.ndarray | None = None
        """What is seen all over the region in the last frame: see `MatteParts`."""
        self.unfinished: list[SampledPart] = []
        """What of the region is still to be laid over what is behind it."""
        self.body: tuple[float, float, float] | None = None
        """Where the body is in what was drawn last: see `Renderer`."""
        self.maps: list[np.ndarray] = []
        """Where in the enlarged picture each pixel of the region is taken from, x and y."""
        self.layer = np.zeros((*shape, 4), np.uint8)
        """BGRA: the region as it moves, with the person's matte."""
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
