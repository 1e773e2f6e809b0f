"""Boxes, masks and pastes against those of the official code."""

from __future__ import annotations

import numpy as np
import pytest
from tests.engines.recipe import parity

from lipwright.core.rect import Rect
from lipwright.engines.musetalk.face_box import marked_box
from lipwright.engines.musetalk.jaw_mask import (
    SOFT_LIVE,
    SOFT_OFFLINE,
    _cheek_kernel,
    _jaw_kernel,
    parsed_mask,
    soft_mask,
    square_around,
)
from lipwright.engines.musetalk.official_paste import OfficialPaste, cut_face


@pytest.fixture(scope="module")
def official():
    return parity("musetalk_image")


def test_boxes(official):
    height = int(official["frame_size"][0])
    for points, detected, wanted in zip(
        official["keypoints"], official["detections"], official["boxes"], strict=True
    ):
        if detected[0] < 0:
            assert not wanted.any()
            continue
        found = marked_box(points[23:91], height)
        if found is None:  # the official program takes its detector's box
            np.testing.assert_array_equal(wanted, detected)
        else:
            x0, y0, x1, y1 = wanted
            assert found == Rect(int(x0), int(y0), int(x1), min(int(y1) + 10, height))


def test_kernels(official):
    np.testing.assert_array_equal(_jaw_kernel(), official["jaw_kernel"])
    np.testing.assert_array_equal(_cheek_kernel(), official["cheek_kernel"])


@pytest.mark.parametrize(("mode", "cheek"), [("raw", 90), ("neck", 90), ("jaw", 90), ("jaw", 80)])
def test_what_is_kept_of_a_parsed_face(official, mode, cheek):
    kept = parsed_mask(official["parsing_map"], mode, cheek)
    wanted = np.unpackbits(official[f"parse_{mode}_{cheek}"])
    np.testing.assert_array_equal(kept.ravel() // 255, wanted)


@pytest.mark.parametrize("number", [0, 5])
@pytest.mark.parametrize("mode", ["jaw", "raw"])
def test_masks_and_pastes(official, number, mode):
    def of(name: str) -> np.ndarray:
        return official[f"{number}_{name}"]

    frame, box = of("frame_bgr"), Rect(*map(int, of("box")))
    np.testing.assert_array_equal(cut_face(frame, box), of("crop256_bgr"))
    square = square_around(box)
    np.testing.assert_array_equal(square, of(f"{mode}_crop_box"))
    parsed = parsed_mask(official["parsing_map"], mode)
    live = soft_mask(parsed, box, square, SOFT_LIVE)
    np.testing.assert_array_equal(live, of(f"{mode}_mask"))
    offline = soft_mask(parsed, box, square, SOFT_OFFLINE)
    for name, mask in (("live", live), ("offline", offline)):
        where, pixels = OfficialPaste(box, square, mask).paste(frame, of("generated_bgr"))
        assert where == square.clipped(Rect.whole(frame))
        np.testing.assert_array_equal(pixels, of(f"{mode}_{name}"))
