"""Sampling of the moved picture.

The picture is sampled from a copy twice its size, which keeps it as sharp as a cubic kernel would
at a third of the time. Bands of rows keep what is worked on in the processor's cache, and leave
out what does not move. Only the person's edge is mixed with what is behind.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.bgra import (
    ATLAS,
    TILE,
    enlarged,
    mix_tiles,
    packed,
    replace_tiles,
    tile_by_tile,
)
from lipwright.engines.warp.buffers import RenderBuffers
from lipwright.engines.warp.matte_parts import BEHIND, EDGE, BandEnds, MatteParts
from lipwright.engines.warp.pixel_map import PixelMap
from lipwright.engines.warp.sampling_grid import STEP, Grids
from lipwright.media.video.color import even_box
from lipwright.media.video.yuv_frame import STRIP, YuvFrame

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
        self._tiles = None if plate is None else tile_by_tile(plate)
        self._matte = None if plate is None else MatteParts(picture[..., 3])
        self.bands = _bands_of(moving, detail)
        """Where the region is drawn."""
        self._ends = BandEnds(self.bands)
        self.body: set[Rect] = set()
        """Those of them in which nothing moves but the body."""
        if of_head is not None:
            # a band is interpolated from the nodes beside it too
            taken = cv2.dilate(of_head.astype(np.uint8), np.ones((5, 5), np.uint8))
            self.body = {
                band
                for band in self.bands
                if band.apart(detail) and not taken[grids.nodes_of(band).slices].any()
            }
        self._corner = grids.region.x0, grids.region.y0
        self.map = PixelMap(grids)
        """Where its pixels are taken from."""

    def sample(self, buffers: RenderBuffers, with_body: bool) -> np.ndarray:
        """Sample what moves by the map of the frame; returns the layer of the region.

        BGRA uint8 (h, w, 4), not yet over what is behind: see `finish`. with_body: whether the body
        moves as well.
        """
        before = buffers.ends
        buffers.kinds, buffers.behind = self._kinds(buffers), []
        if buffers.kinds is None:
            buffers.ends = [(band.x0, band.x1) for band in self.bands]
        else:
            buffers.ends = self._ends.look(buffers.kinds)
            buffers.sampled = np.zeros(buffers.kinds.shape, bool)
        for number, (band, (x0, x1)) in enumerate(zip(self.bands, buffers.ends, strict=True)):
            if not with_body and band in self.body:
                continue
            if x0 < x1:
                part = band._replace(x0=x0, x1=x1)
                self._sample_part(self._atlas, part, buffers, buffers.layer)
                buffers.sampled[_tiles_of(part)] = True
            # what is painted over may reach beyond the person; elsewhere it is there already
            kept = before and band.apart(self._detail)
            left, right = before[number] if kept else (band.x0, band.x1)
            sides = (left, min(x0, right)), (max(x1, left), right)
            buffers.behind += [band._replace(x0=a, x1=b) for a, b in sides if a < b]
        return buffers.layer

    def finish(self, buffers: RenderBuffers, planar: bool = False) -> None:
        """Lay the layer over what is behind it, and show it in the frame.

        Its fourth channel, the matte, stays. planar: whether it is shown in planes as well.
        """
        if buffers.kinds is not None and self._plate is not None and self._tiles is not None:
            for part in buffers.behind:
                buffers.layer[part.slices] = self._plate[part.slices]
            for kind, lay in ((EDGE, mix_tiles), (BEHIND, replace_tiles)):
                chosen = buffers.sampled & (buffers.kinds == kind)
                lay(buffers.tiles, self._tiles, chosen)
        if planar:
            _show_in_planes(buffers, self._grids.region)
        else:
            target = buffers.frame[self._grids.region.slices]
            cv2.cvtColor(buffers.layer, cv2.COLOR_BGRA2BGR, dst=target)

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

    def _kinds(self, buffers: RenderBuffers) -> np.ndarray | None:
        """Return what is seen all over the region, uint8 (rows, columns); None without a plate."""
        if self._matte is None:
            return None
        every, middle = slice(None, None, TILE // STEP), (TILE - STEP) / 2
        x, y = (
            place[every, every] + np.float32(middle - corner)
            for place, corner in zip(buffers.places, self._corner, strict=True)
        )
        return self._matte.at(x, y)

    def _sample_part(
        self, atlas: np.ndarray, part: Rect, buffers: RenderBuffers, target: np.ndarray
    ) -> None:
        self._read_ahead(atlas, part, buffers)
        map_x, map_y = self.map.maps(buffers, part)
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
        rows = buffers.nodes[1][part.y0 // STEP : -(-part.y1 // STEP) + 2]
        low, high, _, _ = cv2.minMaxLoc(rows)
        first, last = int(low), int(high) + 2
        whole = atlas if atlas.ndim == 2 else packed(atlas)
        lines = whole[max(first, 0) : max(last, 0), ATLAS * part.x0 : ATLAS * part.x1]
        if lines.size:
            cv2.countNonZero(lines)


def _show_in_planes(buffers: RenderBuffers, region: Rect) -> None:
    """Show the layer of a region in the frame and in its planes, strip by strip."""
    frame, planes = buffers.frame, buffers.planes
    if planes is None:
        planes = buffers.planes = YuvFrame.of(frame)
        planes.lent = True
    box = even_box(region.box, *planes.size)
    assert box is not None
    for y0 in range(box[1], box[3], STRIP):
        strip = Rect(box[0], y0, box[2], min(y0 + STRIP, box[3]))
        new = strip.clipped(region)
        layer = buffers.layer[new.moved(-region.x0, -region.y0).slices]
        cv2.cvtColor(layer, cv2.COLOR_BGRA2BGR, dst=frame[new.slices])
        planes.paint(frame[strip.slices], strip.box)


def _bands_of(moving: np.ndarray | None, detail: Rect) -> list[Rect]:
    """Return bands of rows that hold the detail and all that moves, in whole tiles."""
    if moving is None:
        return [
            detail._replace(y0=y0, y1=min(y0 + BAND, detail.y1))
            for y0 in range(detail.y0, detail.y1, BAND)
        ]
    changes = moving.copy()
    changes[detail.slices] = True
    height, width = changes.shape
    first, last = detail.y0 // TILE * TILE, -(-detail.y1 // TILE) * TILE
    stops = sorted({*range(0, height, BAND), first, min(last, height), height})
    bands = []
    for y0, y1 in pairwise(stops):
        columns = np.flatnonzero(changes[y0:y1].any(axis=0))
        if columns.size:
            x0, x1 = int(columns[0]) // TILE * TILE, (int(columns[-1]) // TILE + 1) * TILE
            bands.append(Rect(x0, y0, min(x1, width), y1))
    return bands


def _tiles_of(part: Rect) -> tuple[slice, slice]:
    rows = slice(part.y0 // TILE, -(-part.y1 // TILE))
    return rows, slice(part.x0 // TILE, -(-part.x1 // TILE))
