"""Where the pixels of a frame are taken from."""

from __future__ import annotations

import numpy as np
import pytest
from tests.portraits import load

from lipwright.core.rect import Rect
from lipwright.engines.warp.bgra import ATLAS
from lipwright.engines.warp.buffers import RenderBuffers
from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.pixel_map import PixelMap
from lipwright.engines.warp.sampling_grid import STEP, Grids

REGION, PART = Rect(40, 30, 441, 531), Rect(96, 120, 200, 301)


@pytest.fixture
def grids() -> Grids:
    return Grids(REGION, FaceFrame.of(load("hopper")[1].landmarks))


@pytest.fixture
def buffers(grids: Grids) -> RenderBuffers:
    """Of a frame that is stretched and shifted, which nodes tell exactly."""
    made = RenderBuffers(load("hopper")[0], REGION)
    made.places = [np.float32(1.02) * grids.nodes[0] + 3, np.float32(0.97) * grids.nodes[1] - 2]
    PixelMap(grids).begin(made)
    return made


def wanted(grids: Grids, part: Rect) -> list[np.ndarray]:
    return [
        1.02 * grids.pixels[0][part.slices] + 3,
        0.97 * grids.pixels[1][part.slices] - 2,
    ]


@pytest.mark.parametrize("part", [PART, Rect(0, 0, 401, 501), Rect(396, 496, 401, 501)])
def test_sources_are_what_nodes_say(grids, buffers, part):
    found = PixelMap(grids).sources(buffers, part)
    for seen, there in zip(found, wanted(grids, part), strict=True):
        assert seen.shape == there.shape and np.abs(seen - there).max() < 2e-3


def test_maps_are_places_in_the_enlarged_picture(grids, buffers):
    found = PixelMap(grids).maps(buffers, PART)
    for seen, there, corner in zip(found, wanted(grids, PART), REGION[:2], strict=True):
        # pixel centres: the first one lies between the first two of the enlarged picture
        assert np.abs(seen - (ATLAS * (there - corner) + (ATLAS - 1) / 2)).max() < 2e-3


@pytest.mark.parametrize("step", [1, 2, 4])
def test_sparse_sources_are_those_of_the_middles_of_squares(grids, buffers, step):
    found = PixelMap(grids).sparse_sources(buffers, PART, step)
    middle = (step - 1) / 2
    for seen, there, scale in zip(found, wanted(grids, PART), (1.02, 0.97), strict=True):
        every = there[::step, ::step] + scale * middle
        assert seen.shape == every.shape and np.abs(seen - every).max() < 2e-3
    assert PART.x0 % STEP == PART.y0 % STEP == 0


def test_what_was_edited_is_taken_from_elsewhere(grids, buffers):
    pixels, edited = PixelMap(grids), Rect(150, 90, 260, 180)
    size = edited.height, edited.width
    before = [axis.copy() for axis in pixels.sources(buffers, PART)]
    pixels.edit(buffers, edited, np.full(size, 70.25, np.float32), np.full(size, 90.5, np.float32))
    shared = edited.clipped(PART).moved(-PART.x0, -PART.y0).slices
    for seen, old, value in zip(pixels.sources(buffers, PART), before, (70.25, 90.5), strict=True):
        assert np.abs(seen[shared] - value).max() < 1e-3
        seen[shared] = old[shared]
        assert np.array_equal(seen, old)
    apart = Rect(0, 200, 80, 260)
    count = len(buffers.edits)
    assert np.abs(pixels.sources(buffers, apart)[0] - wanted(grids, apart)[0]).max() < 2e-3
    pixels.begin(buffers)
    assert count == 1 and buffers.edits == []
