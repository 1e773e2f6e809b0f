"""Sampling of the moved picture.

The picture is sampled from a copy twice its size, which keeps it as sharp as a cubic kernel would
at a third of the time. Bands of rows keep what is worked on in the processor's cache, and leave
out what does not move. Only the person's edge is mixed with what is behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.bgra import ATLAS, enlarged, mix, packed
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
        drawn anew in each frame, in px from the region's corner. moving: bool (h, w), what else may
        change; None for nothing. of_head: bool (rows, columns), the nodes that the head takes
        along. plate: BGRA uint8 (h, w, 4), transparent, what is behind; None where nothing is.
        """
        self._atlas = enlarged(picture)
        self._grids, self._detail = grids, detail
        self._plate = plate
        self._matte = None if plate is None else MatteParts(picture[..., 3])
        self.bands = _bands_of(moving, detail)
        """Where the region is drawn."""
        self._strips = Strips(self.bands)
        self.body: set[Rect] = set()
        """Those of them in which nothing moves but the body."""
        if of_head is not None:
            # a band is interpolated from the nodes beside it too
            taken = cv2.dilate(of_head.astype(np.uint8), np.ones((5, 5), np.uint8))
            self.body = {
                band
                for band in self.bands
                if _apart(band, detail) and not taken[grids.nodes_of(band).slices].any()
            }
        self._corner = grids.region.x0, grids.region.y0
        self._offset = [(ATLAS - 1) / 2 - ATLAS * corner for corner in self._corner]

    def map_pixels(self, buffers: RenderBuffers) -> None:
        """Work out the maps of the buffers from their places."""
        size = self._plane.height, self._plane.width
        nodes = self._grids.nodes_of(self._plane)
        shape = (nodes.height + 2) * STEP, (nodes.width + 2) * STEP
        buffers.maps = [
            self._grids.enlarge_part(
                extended(cv2.addWeighted(place, ATLAS, place, 0, offset)),
                nodes,
                size,
                buffers.scratch(f"map {axis}", shape),
            )
            for axis, (place, offset) in enumerate(zip(buffers.places, self._offset, strict=True))
        ]

    def sources(
        self, buffers: RenderBuffers, part: Rect, step: int = 1
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return where pixels of a part of the region are taken from, x and y, float32 (h, w), px.

        step: every how many pixels.
        """
        rows, columns = part.slices
        every = slice(rows.start, rows.stop, step), slice(columns.start, columns.stop, step)
        across, down = (
            cv2.addWeighted(seen, 1 / ATLAS, seen, 0, -offset / ATLAS)
            for seen, offset in (
                (np.ascontiguousarray(own[every]), offset)
                for own, offset in zip(buffers.maps, self._offset, strict=True)
            )
        )
        return across, down

    def take_from(self, buffers: RenderBuffers, part: Rect, x: np.ndarray, y: np.ndarray) -> None:
        """Set where the pixels of a part of the region are taken from, float32 (h, w), px."""
        for own, place, offset in zip(buffers.maps, (x, y), self._offset, strict=True):
            cv2.addWeighted(place, ATLAS, place, 0, offset, dst=own[part.slices])

    def sample(
        self, buffers: RenderBuffers, with_body: bool, painted: Sequence[Rect] = ()
    ) -> np.ndarray:
        """Sample what moves by the maps of the buffers, and show it.

        with_body: whether the body moves as well. painted: parts of the region that are painted
        over in the layer afterwards; `finish` shows them. Returns the layer of the region, BGRA
        uint8 (h, w, 4).
        """
        before, buffers.kinds = buffers.kinds, self._kinds(buffers)
        columns = None if buffers.kinds is None else self._strips.look(buffers.kinds)
        # what is painted must be on the person when the edge is mixed
        open_parts = [part for part in painted if not _is_person(part, buffers.kinds)]
        buffers.unfinished = []
        for band in self.bands:
            if not with_body and band in self.body:
                continue
            for whole, parts in _sampled_together(band, columns):
                late = not all(_apart(whole, part) for part in open_parts)
                if parts:
                    self._sample_part(self._atlas, whole, buffers, buffers.layer)
                elif not late and before is not None and is_behind(whole, before):
                    continue  # it is there already
                if late:
                    buffers.unfinished.append((whole, parts))
                else:
                    self._lay_over(whole, parts, buffers)
                    self._show(whole, buffers)
        return buffers.layer

    def finish(self, buffers: RenderBuffers, painted: Sequence[Rect]) -> None:
        """Show what was painted into the layer."""
        for whole, parts in buffers.unfinished:
            self._lay_over(whole, parts, buffers)
            self._show(whole, buffers)
        for part in painted:
            self._show(part, buffers)

    def sample_plane(
        self, plane: np.ndarray, atlas: np.ndarray, buffers: RenderBuffers
    ) -> np.ndarray:
        """Return the region of another plane moved like the last frame, uint8 (h, w).

        plane: uint8 (h, w) of the region; atlas: the same, `enlarged`.
        """
        target = plane.copy()
        for band in self.bands:
            self._sample_part(atlas, band, buffers, target)
        return target

    @property
    def _plane(self) -> Rect:
        return Rect(0, 0, self._grids.region.width, self._grids.region.height)

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

    def _show(self, part: Rect, buffers: RenderBuffers) -> None:
        target = buffers.frame[self._grids.region.slices]
        cv2.cvtColor(buffers.layer[part.slices], cv2.COLOR_BGRA2BGR, dst=target[part.slices])

    def _sample_part(
        self, atlas: np.ndarray, part: Rect, buffers: RenderBuffers, target: np.ndarray
    ) -> None:
        self._read_ahead(atlas, part, buffers)
        map_x, map_y = (own[part.slices] for own in buffers.maps)
        cv2.remap(
            atlas,
            map_x,
            map_y,
            cv2.INTER_LINEAR,
            dst=target[part.slices],
            borderMode=cv2.BORDER_REPLICATE,
        )

    def _read_ahead(self, atlas: np.ndarray, part: Rect, buffers: RenderBuffers) -> None:
        """Bring what a part is sampled from into the processor's cache.

        Read line by line it comes several times as fast as where a bent map jumps between lines.
        """
        there = buffers.places[1][self._grids.nodes_of(part).slices]
        corner = self._corner[1]
        first = int(ATLAS * (float(there.min()) - corner - STEP))
        last = int(ATLAS * (float(there.max()) - corner + STEP))
        whole = atlas if atlas.ndim == 2 else packed(atlas)
        lines = whole[max(first, 0) : max(last, 0), ATLAS * part.x0 : ATLAS * part.x1]
        if lines.size:
            cv2.countNonZero(lines)


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


def _bands_of(moving: np.ndarray | None, detail: Rect) -> list[Rect]:
    """Return bands of rows that hold the detail and all that moves, their corners on nodes."""
    if moving is None:
        return [
            detail._replace(y0=y0, y1=min(y0 + BAND, detail.y1))
            for y0 in range(detail.y0, detail.y1, BAND)
        ]
    bands = []
    height = len(moving)
    stops = sorted({*range(0, height, BAND), detail.y0, min(detail.y1, height), height})
    for y0, y1 in pairwise(stops):
        ends = (
            [int(column) for column in np.flatnonzero(moving[y0:y1].any(axis=0))[[0, -1]]]
            if moving[y0:y1].any()
            else []
        )
        if detail.y0 <= y0 < detail.y1:
            ends += [detail.x0, detail.x1 - 1]
        if ends:
            bands.append(Rect(min(ends) // STEP * STEP, y0, max(ends) + 1, y1))
    return bands


def _apart(one: Rect, other: Rect) -> bool:
    return one.clipped(other).empty


def _is_person(part: Rect, kinds: np.ndarray | None) -> bool:
    """Return whether all of a part, px, shows the person. kinds: see `MatteParts`."""
    if kinds is None:
        return True
    rows = slice(part.y0 // KINDS_STEP, -(-part.y1 // KINDS_STEP))
    columns = slice(part.x0 // KINDS_STEP, -(-part.x1 // KINDS_STEP))
    return bool((kinds[rows, columns] == PERSON).all())
