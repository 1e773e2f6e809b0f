"""A chin is seen by its skin, whatever a face tracker says of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.known_mouths import known_person

from lipwright.engines.warp.chin_movement import OF_SKIN, SEEN, ChinMovement
from lipwright.engines.warp.face_frame import CHIN
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.mouth_examples import Example
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.face.face import Face

JAWS = np.linspace(0.0, 0.24, 25)  # mw


@cache
def picture(jaw: float) -> np.ndarray:
    """Hopper, whose jaw is so far down, and its skin as much more as of a person: BGR uint8."""
    jaw = jaw / OF_SKIN
    return known_person().renderer.render(Mouth(jaw=jaw, gap=jaw), MotionState()).copy()


def told(jaw: float, factor: float) -> Face:
    """The face as a tracker sees it that has the chin so many times less far down."""
    person = known_person()
    landmarks = person.face.landmarks.copy()
    landmarks[CHIN, :2] += jaw / factor * person.frame.unit * person.frame.down
    return replace(person.face, landmarks=landmarks)


def movement(factor: float = SEEN, examples: bool = True) -> ChinMovement:
    person = known_person()
    films = [Example(picture(jaw), told(jaw, factor)) for jaw in JAWS] if examples else []
    return ChinMovement(picture(0.0), person.frame, person.carrying, films)


@pytest.mark.parametrize("factor", [1.1, 1.4, 1.9])
def test_how_much_further_a_chin_goes_is_learnt_from_the_film(factor):
    assert movement(factor).seen == pytest.approx(factor, rel=0.12)


def test_without_a_film_a_chin_moves_as_most_do():
    assert movement(examples=False).seen == SEEN


@pytest.mark.parametrize("jaw", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("says", [0.02, -0.03])
def test_what_a_tracker_says_is_set_right(jaw, says):
    chin = movement(examples=False)
    wrong = jaw / SEEN + says
    assert chin.down(wrong, picture(jaw), told(jaw, SEEN)) * SEEN == pytest.approx(jaw, abs=0.02)


def test_skin_that_is_covered_or_far_off_changes_nothing():
    chin, jaw = movement(examples=False), 0.1
    covered = np.random.default_rng(0).integers(0, 255, picture(jaw).shape, np.uint8)
    assert chin.down(0.07, covered, told(jaw, SEEN)) == 0.07
    assert chin.down(0.4, picture(jaw), told(jaw, SEEN)) == 0.4
    assert chin.down(0.07, picture(jaw)[:40, :40], told(jaw, SEEN)) == 0.07
