"""Sampling of the moved picture.

The picture is sampled from a copy twice its size, which keeps it as sharp as a cubic kernel would
at a third of the time. Bands of rows keep what is worked on in the processor's cache, and leave
out what does not move.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.buffers import RenderBuffers, SampledPart
from lipwright.engines.warp.matte_parts import (
    BEHIND,
    EDGE,
    PERSON,
    Columns,
    MatteParts,
    Strips,
    is_behind,
)
from lipwright.engines.warp.matte_parts import STEP as KINDS_STEP
from lipwright.engines.warp.sampling_grid import STEP, Grids, extended

ATLAS = 2  # enlargement of the picture that frames are sampled from
BAND = 24 * STEP  # rows


class Resampler:
    """Samples one region of a picture, enlarged, wherever it moves."""

    def __init__(
        self,
        picture: np.ndarray,
        grids: Grids,
        detail: Rect,
        moving: np.ndarray | None = None,
        of_head: np.ndarray | None = None,
        plate: np.ndarray | None = None,
    ) -> None:
        """Enlarge the picture of a region.

        picture: BGRA uint8 (h, w, 4) of the region, with the matte of what moves. detail: what is
        mapped pixel by pixel, in px from the region's corner. moving: bool (h, w), what else may
        change; None for nothing. of_head: bool (rows, columns), the nodes that the head takes
        along. plate: BGRA uint8 (h, w, 4), transparent, what is behind; None where nothing is.
        """
        self._atlas = enlarged(picture)
        self._grids, self._detail = grids, detail
        self._plate = plate
        self._matte = None if plate is None else MatteParts(picture[..., 3])
        self.bands = [] if moving is None else _bands_of(moving, detail)
        """Where the region moves outside the detail."""
        self.body: set[Rect] = set()
        """Those of them in which nothing moves but the body."""
        self._rows = list(_rows_of(detail))
        self._strips = Strips([*self.bands, *self._rows])
        if of_head is not None:
            # a band is interpolated from the nodes beside it too
            taken = cv2.dilate(of_head.astype(np.uint8), np.ones((5, 5), np.uint8))
            self.body = {b for b in self.bands if not taken[grids.nodes_of(b).slices].any()}
        self._corner = np.array([grids.region.x0, grids.region.y0])
        self._offset = (ATLAS - 1) / 2 - ATLAS * self._corner

    def draw_bands(self, buffers: RenderBuffers, with_body: bool) -> Iterator[Rect]:
        """Draw what moves beside the detail into the layer of the buffers, over what is behind.

        The places are those of the buffers. with_body: whether the body moves as well. Yields
        each part (px from the corner) as soon as it is drawn, while it is in the processor's
        cache. The fourth channel of the layer is the moved matte.
        """
        places = self._places(buffers)
        before, buffers.kinds = buffers.kinds, self._kinds(buffers)
        columns = None if buffers.kinds is None else self._strips.look(buffers.kinds)
        buffers.detail = [part for rows in self._rows for part in _sampled_together(rows, columns)]
        for band in self.bands:
            if not with_body and band in self.body:
                continue
            for whole, parts in _sampled_together(band, columns):
                if parts:
                    self._sample_band(self._atlas, whole, places, buffers, buffers.layer)
                elif before is not None and is_behind(whole, before):
                    continue  # it is there already
                self._lay_over(whole, parts, buffers)
                yield whole

    def sample_detail(self, buffers: RenderBuffers) -> np.ndarray:
        """Sample the detail by the maps of the buffers; returns its part of their layer.

        BGRA uint8 (h, w, 4), not yet over what is behind: see `lay_detail`. Bands come first.
        """
        for whole, parts in buffers.detail:
            if parts:
                self._sample_mapped(self._atlas, whole, buffers, buffers.layer)
            else:
                self._lay_over(whole, parts, buffers)
        return buffers.layer[self._detail.slices]

    def lay_detail(self, buffers: RenderBuffers) -> None:
        """Lay the detail over what is behind it, in the layer of the buffers.

        The fourth channel, the matte, stays.
        """
        for whole, parts in buffers.detail:
            self._lay_over(whole, parts, buffers)

    def sample_plane(
        self, plane: np.ndarray, atlas: np.ndarray, buffers: RenderBuffers
    ) -> np.ndarray:
        """Return the region of another plane moved like the last frame, uint8 (h, w).

        plane: uint8 (h, w) of the region; atlas: the same, `enlarged`.
        """
        target = plane.copy()
        places = self._places(buffers)
        for band in self.bands:
            self._sample_band(atlas, band, places, buffers, target)
        for rows in self._rows:
            self._sample_mapped(atlas, rows, buffers, target)
        return target

    def _kinds(self, buffers: RenderBuffers) -> np.ndarray | None:
        """Return what is seen all over the region, uint8 (rows, columns); None without a plate."""
        if self._matte is None:
            return None
        every = slice(None, None, KINDS_STEP // STEP)
        x, y = (
            place[every, every] - np.float32(corner)
            for place, corner in zip(buffers.places, self._corner, strict=True)
        )
        return self._matte.at(x, y)

    def _lay_over(
        self, whole: Rect, parts: Sequence[tuple[Rect, int]], buffers: RenderBuffers
    ) -> None:
        """Lay a part of the layer over the plate, in place; its fourth channel stays.

        whole, parts: as of `_sampled_together`.
        """
        if self._plate is None:
            return
        if not parts:
            buffers.layer[whole.slices] = self._plate[whole.slices]
        for part, kind in parts:
            if kind == EDGE:
                mix(buffers.layer[part.slices], self._plate[part.slices], buffers)

    def _places(self, buffers: RenderBuffers) -> list[np.ndarray]:
        """Return where in the atlas the nodes are taken from, x and y."""
        return [
            extended(place * np.float32(ATLAS) + np.float32(offset))
            for place, offset in zip(buffers.places, self._offset, strict=True)
        ]

    def _sample_band(
        self,
        atlas: np.ndarray,
        band: Rect,
        places: Sequence[np.ndarray],
        buffers: RenderBuffers,
        target: np.ndarray,
    ) -> None:
        nodes, size = self._grids.nodes_of(band), (band.height, band.width)
        shape = (nodes.height + 2) * STEP, (nodes.width + 2) * STEP
        maps = [
            self._grids.enlarge_part(values, nodes, size, buffers.scratch(axis, shape))
            for axis, values in enumerate(places)
        ]
        _remap(atlas, maps, target[band.slices])

    def _sample_mapped(
        self, atlas: np.ndarray, part: Rect, buffers: RenderBuffers, target: np.ndarray
    ) -> None:
        """Sample a part of the detail by the maps of the buffers."""
        inner = part.moved(-self._detail.x0, -self._detail.y0).slices
        size = part.height, part.width
        maps = [
            cv2.addWeighted(
                seen[inner], ATLAS, seen[inner], 0, float(offset), dst=buffers.scratch(axis, size)
            )
            for axis, (seen, offset) in enumerate(zip(buffers.maps, self._offset, strict=True))
        ]
        _remap(atlas, maps, target[part.slices])


def _rows_of(rect: Rect) -> Iterator[Rect]:
    for y0 in range(rect.y0, rect.y1, BAND):
        yield rect._replace(y0=y0, y1=min(y0 + BAND, rect.y1))


def _sampled_together(rect: Rect, columns: Columns | None) -> Iterator[SampledPart]:
    """Yield the parts of a rectangle that are sampled at once, side by side.

    Each with what parts of it show (`PERSON` or `EDGE`), none where only what is behind is seen.
    """
    if columns is None:
        yield rect, [(rect, PERSON)]
        return
    for behind, group in groupby(columns.parts(rect), lambda part: part[1] == BEHIND):
        parts = list(group)
        whole = Rect(parts[0][0].x0, rect.y0, parts[-1][0].x1, rect.y1)
        yield whole, [] if behind else parts


def mix(seen: np.ndarray, behind: np.ndarray, buffers: RenderBuffers) -> None:
    """Lay BGRA, uint8 (h, w, 4), over what is behind, in place; its fourth channel stays.

    behind: the same, transparent.
    """
    shape, size = seen.shape, seen.shape[:2]
    alpha = cv2.extractChannel(seen, 3, dst=buffers.scratch("alpha", size, np.uint8))
    # its fourth channel is 255, which keeps the matte as it is
    share = buffers.scratch("share", shape, np.uint8)
    cv2.cvtColor(alpha, cv2.COLOR_GRAY2BGRA, dst=share)
    # OpenCV is slow where the kinds of numbers differ: a third of the time of cv2.blendLinear
    front, back, weight = (
        buffers.scratch(name, shape, np.int16) for name in ("front", "back", "weight")
    )
    for wide, narrow in ((front, seen), (back, behind), (weight, share)):
        np.copyto(wide, narrow)
    cv2.subtract(front, back, dst=front)
    cv2.multiply(front, weight, dst=front, scale=1 / 255)
    cv2.add(front, back, dst=front)
    np.copyto(seen, front, casting="unsafe")


def enlarged(picture: np.ndarray) -> np.ndarray:
    """Return a picture, uint8 (h, w) or (h, w, channels), at `ATLAS` times its size."""
    size = (picture.shape[1] * ATLAS, picture.shape[0] * ATLAS)
    if picture.ndim == 2 or picture.shape[2] == 3:
        return cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
    colour = cv2.resize(picture[..., :3], size, interpolation=cv2.INTER_CUBIC)
    alpha = cv2.resize(picture[..., 3], size, interpolation=cv2.INTER_LINEAR)
    return with_alpha(colour, alpha)


def with_alpha(picture: np.ndarray, alpha: np.ndarray | int) -> np.ndarray:
    """Return BGRA of a BGR picture, uint8 (h, w, 3); alpha: uint8 (h, w), or one for all."""
    joined = np.empty((*picture.shape[:2], 4), np.uint8)
    if isinstance(alpha, int):
        joined[..., 3] = alpha
        cv2.mixChannels([picture], [joined], [0, 0, 1, 1, 2, 2])
    else:
        cv2.mixChannels([picture, alpha], [joined], [0, 0, 1, 1, 2, 2, 3, 3])
    return joined


def _remap(atlas: np.ndarray, maps: Sequence[np.ndarray], target: np.ndarray) -> None:
    cv2.remap(
        atlas, maps[0], maps[1], cv2.INTER_LINEAR, dst=target, borderMode=cv2.BORDER_REPLICATE
    )


def _bands_of(moving: np.ndarray, detail: Rect) -> list[Rect]:
    """Return bands of rows that hold all that moves beside the detail, their corners on nodes."""
    bands = []
    height, width = moving.shape
    stops = sorted({*range(0, height, BAND), detail.y0, min(detail.y1, height), height})
    for y0, y1 in pairwise(stops):
        within = detail.y0 <= y0 < detail.y1
        sides = [(0, detail.x0), (detail.x1, width)] if within else [(0, width)]
        for left, right in sides:
            columns = np.flatnonzero(moving[y0:y1, left:right].any(axis=0))
            if columns.size:
                x0 = left + int(columns[0]) // STEP * STEP
                bands.append(Rect(x0, y0, left + int(columns[-1]) + 1, y1))
    return bands
