"""A label is seen in its corner in every frame, and nothing else of the frames changes."""

from __future__ import annotations

import numpy as np
import pytest

import lipwright
from lipwright.core.errors import MediaError, UsageError
from lipwright.media.video.yuv_frame import YuvFrame
from lipwright.pipeline.label import draw_label, labelled
from lipwright.pipeline.provenance_options import CORNERS, LONGEST, Provenance
from lipwright.speech.speech import Speech

SIZE = (320, 240)


def inside(box) -> tuple[slice, slice]:
    x0, y0, x1, y1 = box
    return slice(y0, y1), slice(x0, x1)


@pytest.mark.parametrize("corner", CORNERS)
def test_the_label_is_readable_and_in_its_corner(corner):
    label = draw_label(Provenance("AI generated", corner, 0.05), SIZE)
    assert label is not None
    frame = np.full((SIZE[1], SIZE[0], 3), 200, np.uint8)
    (seen,) = (np.array(one) for one, _ in labelled(iter([(frame, None)]), label))
    part = seen[inside(label.box)]
    dark, bright = np.percentile(part, 5), part.max()
    assert (bright + 12.75) / (dark + 12.75) > 3 and bright > 240  # linear would be more
    x, y = (label.box[0] + label.box[2]) / 2, (label.box[1] + label.box[3]) / 2
    assert ("left" in corner) == (x < SIZE[0] / 2) and ("top" in corner) == (y < SIZE[1] / 2)
    seen[inside(label.box)] = 200
    assert seen.min() == 200
    assert frame.min() == 200, "the drawing is undone"


def test_the_label_covers_frames_in_planes_too():
    label = draw_label(Provenance("AI generated"), SIZE)
    assert label is not None
    frame = YuvFrame.of(np.full((SIZE[1], SIZE[0], 3), 200, np.uint8))
    assert len(list(labelled(iter([(frame, None)]), label))) == 1
    assert np.ptp(frame.bgr()[inside(label.box)]) > 150


def test_no_label_leaves_frames_alone():
    assert draw_label(Provenance(), SIZE) is None
    frame = np.zeros((4, 4, 3), np.uint8)
    assert list(labelled(iter([(frame, (0, 0, 2, 2))]), None)) == [(frame, (0, 0, 2, 2))]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"label": " "}, "label is empty"),
        ({"label_position": "middle"}, "no label position"),
        ({"label_size": 0.5}, "cannot be drawn"),
        ({"consent": "x" * (LONGEST + 1)}, "at most"),
        ({"c2pa_key": "k.pem"}, "both a certificate and its private key"),
    ],
)
def test_values_that_do_not_exist_are_told(wrong, said):
    with pytest.raises(UsageError, match=said):
        Provenance(**wrong)


def test_a_label_wider_than_the_picture_is_refused():
    with pytest.raises(UsageError, match="wider than the picture"):
        draw_label(Provenance("A I " * 60), SIZE)


def test_what_cannot_sign_is_told_before_the_picture_is_read(tmp_path):
    def paid() -> Speech:
        raise AssertionError("a voice was asked")

    marks = Provenance(c2pa_certificate=tmp_path / "c.pem", c2pa_key=tmp_path / "k.pem")
    with pytest.raises(UsageError, match="cannot be signed"):
        lipwright.sync("none.jpg", paid, tmp_path / "v.mkv", provenance=marks)
    with pytest.raises(MediaError, match="a PEM file to sign with"):
        lipwright.sync("none.jpg", paid, tmp_path / "v.mp4", provenance=marks)
