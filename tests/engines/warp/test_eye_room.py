"""Where in a frame the eyes are."""

from __future__ import annotations

import numpy as np
import pytest
from tests.portraits import load

from lipwright.core.rect import Rect
from lipwright.engines.warp.eye_room import room_of_eyes
from lipwright.engines.warp.eyes import Eyes
from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.sampling_grid import STEP, Grids


@pytest.mark.parametrize("name", ["hopper", "astronaut"])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (13.0, -9.0)])
def test_nothing_is_edited_beyond_it(name, shift):
    image, face = load(name)
    eyes = Eyes(image, face)
    region = Rect(12, 8, image.shape[1] - 4, image.shape[0])
    grids = Grids(region, FaceFrame.of(face.landmarks))
    head = [np.full_like(nodes, step) for nodes, step in zip(grids.nodes, shift, strict=True)]
    room = room_of_eyes(eyes, head, grids)
    assert room.x0 % STEP == 0 and room.y0 % STEP == 0
    state = MotionState(blink=0.6, brow=1.0, gaze_x=0.05, gaze_y=0.03)
    maps = [pixels + np.float32(step) for pixels, step in zip(grids.pixels, shift, strict=True)]
    whole, part = [one.copy() for one in maps], [one[room.slices].copy() for one in maps]
    lids = eyes.warp(whole[0], whole[1], (region.x0, region.y0), state)
    found = eyes.warp(part[0], part[1], (region.x0 + room.x0, region.y0 + room.y0), state)
    assert len(lids) == 2
    for lid, other in zip(lids, found, strict=True):
        assert lid.rect == other.rect.moved(room.x0, room.y0)
    for before, after, seen in zip(maps, whole, part, strict=True):
        assert np.array_equal(after[room.slices], seen)
        after[room.slices] = before[room.slices]
        assert np.array_equal(after, before)
