"""Each part of a person goes where it is sent, and nothing else does."""

from __future__ import annotations

from math import radians

import cv2
import numpy as np
import pytest
from tests.portraits import NAMES, crop, load

from lipwright.core.rect import Rect
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.person_field import PersonField
from lipwright.engines.warp.person_frame import PersonFrame
from lipwright.engines.warp.person_motion import PersonMotion

STEP = 4
NOSE_TIP, FOREHEAD = 4, 10
HEAD_AT_ITS_FURTHEST = [
    MotionState(yaw=8, pitch=8, roll=6, x=0.06, y=0.06),
    MotionState(yaw=-8, pitch=-8, roll=-6, x=-0.06, y=-0.06),
    MotionState(yaw=8, pitch=-8, roll=-6, x=0.06, y=-0.06),
]


def grid(rect: Rect, step: int = STEP) -> tuple[np.ndarray, np.ndarray]:
    return np.meshgrid(
        np.arange(rect.x0, rect.x1, step, dtype=np.float32),
        np.arange(rect.y0, rect.y1, step, dtype=np.float32),
    )


class Person:
    """A portrait's person, asked at places in face units."""

    def __init__(self, picture: np.ndarray, face) -> None:
        self.motion = PersonMotion(picture, face)
        self.frame, self.landmarks = PersonFrame.of(face.landmarks), face.landmarks
        self.x, self.y = grid(Rect.whole(picture))
        self.u, self.v = self.frame.units(self.x, self.y)
        self.field: PersonField = self.motion.field_on(self.x, self.y)

    def shift(self, state: MotionState, place: np.ndarray) -> np.ndarray:
        """Where what is shown at a place (px) came from, as seen from where it was: px."""
        x, y = np.meshgrid(*(np.array([v - 4, v, v + 4], np.float32) for v in place[:2]))
        right, down = self.motion.field_on(x, y).displacement(state)
        return -np.array([right[1, 1], down[1, 1]])


@pytest.fixture(scope="module", params=NAMES)
def person(request) -> Person:
    return Person(*load(request.param))


def test_a_person_at_rest_stays(person):
    for part in person.field.displacement(MotionState()):
        assert part.shape == person.x.shape and part.dtype == np.float32
        assert not part.any()
    looking = MotionState(blink=1.0, gaze_x=0.1, gaze_y=0.1, brow=1.0)
    assert not any(part.any() for part in person.field.displacement(looking))


def test_a_turn_takes_the_nose_along(person):
    nose = person.landmarks[NOSE_TIP]
    right, down = person.shift(MotionState(yaw=3), nose)
    assert right > 1.5 and abs(down) < 0.2 * right
    assert person.shift(MotionState(yaw=-3), nose)[0] < -1.5
    right, down = person.shift(MotionState(pitch=3), nose)
    assert down > 1 and abs(right) < 0.2 * down
    assert person.shift(MotionState(pitch=-3), nose)[1] < -1


def test_a_turn_moves_the_nose_more_than_the_forehead_and_the_ears(person):
    """The head is no picture on a board."""
    turned = MotionState(yaw=5)
    nose, forehead, ear = (
        person.shift(turned, person.landmarks[n])[0] for n in (NOSE_TIP, FOREHEAD, 234)
    )
    assert nose > 1.1 * forehead > 0 and abs(ear) < 0.4 * nose


def test_a_tilt_turns_the_head_about_its_neck(person):
    angle = radians(4)
    for landmark in (FOREHEAD, NOSE_TIP):
        place = person.landmarks[landmark, :2]
        above = float((person.frame.place(0, 0.78) - place)[1])
        right, _ = person.shift(MotionState(roll=4), place)
        assert right == pytest.approx(np.sin(angle) * above, rel=0.12)
        assert person.shift(MotionState(roll=-4), place)[0] < -0.8 * right


def test_a_shift_takes_the_whole_head_along(person):
    width = person.frame.width
    moved = person.shift(MotionState(x=0.05, y=-0.03), person.landmarks[NOSE_TIP])
    assert moved == pytest.approx([0.05 * width, -0.03 * width], rel=0.01)


def test_shoulders_move_alone(person):
    state, width = MotionState(shoulder_x=0.02, shoulder_y=0.03), person.frame.width
    assert person.shift(state, person.frame.place(0, 1.3)) == pytest.approx(
        [0.02 * width, 0.03 * width], rel=0.02
    )
    right, down = person.field.displacement(state)
    face = np.hypot(person.u, person.v) < 0.35
    assert not right[face].any() and not down[face].any()


def test_a_breath_lifts_the_chest(person):
    right, down = person.field.displacement(MotionState(breath=1.0))
    chest = (np.abs(person.u) < 0.3) & (person.v > 1.2) & (person.v < 1.4)
    assert chest.any() and down[chest].min() > 0.004 * person.frame.width  # backward
    assert not right.any() and not down[person.v < 0.4].any()


@pytest.mark.parametrize("state", HEAD_AT_ITS_FURTHEST)
def test_a_head_leaves_the_body_alone(person, state):
    right, down = person.field.displacement(state)
    body = person.v > 1.35
    assert body.any() and not right[body].any() and not down[body].any()
    shoulders = (person.v > 1.0) & (np.abs(person.u) > 1)
    assert not right[shoulders].any()
    assert np.abs(right[np.hypot(person.u, person.v) < 0.3]).min() > 1


def test_what_the_head_takes_along_is_known(person):
    moved = np.zeros(person.x.shape, bool)
    for state in HEAD_AT_ITS_FURTHEST:
        for part in person.field.displacement(state):
            moved |= np.abs(part) > 0.01
    reached = cv2.dilate(person.field.of_head.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert person.field.of_head.any() and not person.field.of_head.all()
    assert not (moved & ~reached).any()


def test_the_displacement_leads_back_where_the_person_came_from(person):
    """What goes from q to q + f is shown at p = q + f, so the way back from p is -f."""
    state, small = MotionState(x=0.06, y=-0.06, shoulder_x=-0.03, shoulder_y=0.03), 1 / 256
    portion = MotionState(
        x=small * state.x,
        y=small * state.y,
        shoulder_x=small * state.shoulder_x,
        shoulder_y=small * state.shoulder_y,
    )
    forward = [-part / small for part in person.field.displacement(portion)]
    back = person.field.displacement(state)
    column, row = (person.x + back[0]) / STEP, (person.y + back[1]) / STEP
    for there, here in zip(forward, back, strict=True):
        gone = cv2.remap(there, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        assert np.abs(gone + here).max() < 0.3
    assert max(np.abs(part).max() for part in forward) > 5


def _inner(seen: np.ndarray, axis: int) -> np.ndarray:
    """Which steps along an axis are from a seen place to a seen place."""
    return seen[1:] & seen[:-1] if axis == 0 else seen[:, 1:] & seen[:, :-1]


@pytest.mark.parametrize("state", HEAD_AT_ITS_FURTHEST)
def test_nothing_tears_or_folds(person, state):
    """Nowhere is the person pressed or stretched to twice, or sheared by 35 degrees."""
    right, down = person.field.displacement(state)
    size = person.motion.region.x1, person.motion.region.y1
    matte = person.motion.matte(Rect(0, 0, *size))
    seen = cv2.remap(matte, person.x + right, person.y + down, cv2.INTER_LINEAR) > 127
    assert seen.sum() > 3000
    for part, along in ((right, 1), (down, 0)):
        stretch = 1 + np.diff(part, axis=along)[_inner(seen, along)] / STEP
        assert 0.55 < stretch.min() and stretch.max() < 1.8
        shear = np.diff(part, axis=1 - along)[_inner(seen, 1 - along)] / STEP
        assert np.abs(shear).max() < 0.7


def test_any_grid_will_do(person):
    region = Rect(0, 0, 400, 480)
    part = Rect(20 * STEP, 10 * STEP, 400, 480)
    state = MotionState(yaw=3, pitch=2, roll=1, x=0.02)
    whole, corner = (person.motion.field_on(*grid(r)).displacement(state) for r in (region, part))
    for one, other in zip(whole, corner, strict=True):
        np.testing.assert_allclose(one[20:, 30:], other[10:, 10:], atol=0.02)


@pytest.mark.parametrize("side", ["left", "top", "right", "bottom"])
def test_nothing_crosses_an_edge_that_cuts_the_person_off(side):
    """There is nothing beyond the edge to bring in."""
    picture, face = load("hopper")
    x0, y0, x1, y1 = (round(float(value)) for value in face.box)
    part = {
        "left": Rect(x0 + 25, 0, 512, 600),
        "top": Rect(0, y0 + 10, 512, 600),
        "right": Rect(0, 0, x1 - 25, 600),
        "bottom": Rect(0, 0, 512, y1 + 30),
    }[side]
    cut = Person(*crop("hopper", part))
    state = MotionState(
        yaw=8, pitch=8, roll=6, x=0.06, y=0.06, shoulder_x=0.03, shoulder_y=0.03, breath=1
    )
    rect = Rect(0, 0, part.width, part.height)
    right, down = cut.motion.field_on(*grid(rect, 1)).displacement(state)
    edge = {
        "left": right[:, 0],
        "top": down[0],
        "right": right[:, -1],
        "bottom": down[-1],
    }[side]
    assert np.abs(edge).max() < 0.05
    assert np.abs(right).max() > 4 and np.abs(down).max() > 4
