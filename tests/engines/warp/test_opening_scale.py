"""How far lips are drawn apart so that they are seen as far apart as was asked."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from tests.helpers import hopper_path

from lipwright.engines.warp import WarpEngine, WarpOptions
from lipwright.engines.warp.engine import WarpAvatar
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.mouth_warp import OPENED, Mouth
from lipwright.engines.warp.opening_scale import (
    LEAST,
    LEVELS,
    MOST,
    SMALL,
    OpeningScale,
    measure_openings,
    open_mouth,
)
from lipwright.face import Face, FaceFinder, choose_face
from lipwright.media.image.read import read_image
from lipwright.pipeline.image_frames import prepare_speaker


def opening_drawn(scale: OpeningScale, asked: float) -> float:
    return scale.apply(open_mouth(asked)).opening


def test_what_is_seen_too_wide_is_drawn_less_open():
    scale = measure_openings(lambda mouth: 1.15 * mouth.opening)
    for asked in (0.2, 0.26, 0.32, 0.4):
        assert opening_drawn(scale, asked) == pytest.approx(asked / 1.15, rel=0.01)


def test_what_is_seen_too_narrow_is_drawn_further_open():
    scale = measure_openings(lambda mouth: 0.9 * mouth.opening)
    assert opening_drawn(scale, 0.3) == pytest.approx(0.3 / 0.9, rel=0.01)


@pytest.mark.parametrize(("sight", "bound"), [(2.0, LEAST), (0.6, MOST)])
def test_no_further_than_the_bounds(sight, bound):
    scale = measure_openings(lambda mouth: sight * mouth.opening)
    assert opening_drawn(scale, 0.32) == pytest.approx(bound * 0.32)


@pytest.mark.parametrize("seen", [None, 0.0, 0.05])
def test_a_mouth_that_is_hardly_seen_is_drawn_as_usual(seen):
    scale = measure_openings(lambda mouth: seen)
    assert opening_drawn(scale, 0.3) == pytest.approx(OPENED * 0.3)


@pytest.mark.parametrize("sight", [0.6, 1.0, 2.0])
def test_small_openings_are_drawn_as_usual_and_shut_lips_stay_shut(sight):
    scale = measure_openings(lambda mouth: sight * mouth.opening)
    assert opening_drawn(scale, SMALL) == pytest.approx(OPENED * SMALL)
    assert scale.apply(Mouth(press=0.5)) == Mouth(press=0.5)


def test_more_is_drawn_for_more():
    readings = iter([0.17, 0.2, 0.5, 0.32])
    scale = measure_openings(lambda mouth: next(readings))
    drawn = [opening_drawn(scale, asked) for asked in np.linspace(0.01, 0.5, 50)]
    assert (np.diff(drawn) >= 0).all()


@cache
def prepared() -> tuple[WarpAvatar, Face]:
    image = read_image(hopper_path())
    image = cv2.resize(image, (512, 600), interpolation=cv2.INTER_AREA)
    face = choose_face(image, None, "portrait")
    return prepare_speaker(WarpEngine(WarpOptions("still")), image, face).avatar, face


@pytest.mark.parametrize("asked", LEVELS)
def test_a_portraits_lips_are_seen_as_far_apart_as_was_asked(asked):
    avatar, face = prepared()
    mouth = avatar.openings.apply(open_mouth(asked))
    picture = avatar.renderer.render(mouth, MotionState())
    found = FaceFinder(threads=1).refine(picture, face)
    assert found is not None
    seen = (found.landmarks[14, 1] - found.landmarks[13, 1]) / avatar.renderer.frame.unit
    assert seen == pytest.approx(asked, rel=0.06)
