"""A mouth is painted where it is and into the colours alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.helpers import hopper_path, read_picture

from lipwright.core.rect import Rect
from lipwright.engines.warp.contact_line import ContactLine
from lipwright.engines.warp.lip_contour import Lips
from lipwright.engines.warp.mouth_closing import ClosedPortrait, close_mouth
from lipwright.engines.warp.mouth_painter import MouthDetail, MouthPainter
from lipwright.engines.warp.mouth_warp import Mouth, MouthField
from lipwright.face import find_faces

AH = Mouth(jaw=0.2, gap=0.24, raise_=0.04, drop=0.01)


@pytest.fixture(scope="module")
def portrait() -> ClosedPortrait:
    image = cv2.resize(read_picture(hopper_path()), (512, 600), interpolation=cv2.INTER_AREA)
    return close_mouth(image, find_faces(image)[0].landmarks)


def test_the_matte_stays_and_the_mouth_is_dark(portrait: ClosedPortrait) -> None:
    frame = portrait.frame
    height, width = portrait.image.shape[:2]
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    x, y = frame.locate(columns.astype(np.float32), rows.astype(np.float32))
    layer = np.dstack([portrait.image, np.full((height, width), 77, np.uint8)])
    # a part of a larger picture, as in a frame
    left, top = frame.to_px(np.array([-0.7, -0.3])).astype(int)
    right, bottom = frame.to_px(np.array([0.7, 0.5])).astype(int)
    rect = Rect(left, top, right, bottom)
    seen = rect.slices
    source = columns[seen].astype(np.float32), rows[seen].astype(np.float32)
    place = x[seen], y[seen]
    detail = MouthDetail(rect, *place, *source, place)
    before = layer.copy()
    lips = Lips(*MouthField(frame).lips(AH))
    MouthPainter(portrait).paint(layer[seen], AH, lips, detail)
    np.testing.assert_array_equal(layer[..., 3], before[..., 3])
    inside = lips.inside(x, y, 1 / frame.unit) > 0.99
    assert inside[seen].sum() > 200
    assert layer[inside].mean() < before[inside].mean() - 20
    untouched = np.ones((height, width), bool)
    untouched[seen] = False
    np.testing.assert_array_equal(layer[untouched], before[untouched])
    np.testing.assert_array_equal(layer[top, left], before[top, left])


def test_the_line_of_contact_follows_the_lips(portrait: ClosedPortrait) -> None:
    line = ContactLine(portrait, 0.5, np.ones(3, np.float32))
    slit = portrait.frame.slit
    x = np.tile(np.linspace(slit.x[0], slit.x[-1], 101, dtype=np.float32), (9, 1))
    off = np.linspace(-0.1, 0.1, 9, dtype=np.float32)[:, None]
    colour = np.full((*x.shape, 3), 128, np.float32)
    lips = Lips(*MouthField(portrait.frame).lips(Mouth(press=1.0)))
    line.draw(colour, Mouth(press=1.0), lips, x, slit.at(x) + off)
    middle = colour[:, 30:71, 1].mean(axis=1)
    # darkest on the line itself, from which every row is as far all along
    assert middle.argmin() == 4 and middle[4] < 0.85 * middle[0]
    assert np.ptp(colour[4, 40:61, 1]) < 0.2 * 128
