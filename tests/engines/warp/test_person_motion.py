"""A person moves over a background that stays."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import cv2
import numpy as np
import pytest
from tests.portraits import NAMES, crop, face_units, load

from lipwright.core.rect import Rect
from lipwright.engines.warp.eyes import Eyes
from lipwright.engines.warp.motion.gaze import held_gaze
from lipwright.engines.warp.motion.levels import LEVELS
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.mouth_closing import close_mouth
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.person_motion import PersonMotion
from lipwright.engines.warp.renderer import Renderer
from lipwright.engines.warp.sampling_grid import STEP

SHUT, OPEN = Mouth(), Mouth(jaw=0.5)
FURTHEST = [
    MotionState(yaw=8 * a, pitch=8 * b, roll=6 * c, x=0.06 * d, y=0.06 * b)
    for a, b, c, d in product((-1, 1), repeat=4)
]
BODY = MotionState(shoulder_x=0.03, shoulder_y=-0.03, breath=1.0)


def renderer_of(picture: np.ndarray, face, alpha: np.ndarray | None = None) -> Renderer:
    portrait = close_mouth(picture, face.landmarks)
    person = PersonMotion(portrait.image, face, alpha)
    return Renderer(portrait, person, Eyes(portrait.image, face))


def person_of(renderer: Renderer) -> PersonMotion:
    assert renderer.person is not None
    return renderer.person


def moves_at(renderer: Renderer) -> np.ndarray:
    """Bool (h, w): where a frame may differ from the picture."""
    return person_of(renderer).moving(Rect.whole(renderer.portrait.image))


def change(frame: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.abs(frame.astype(int) - other).max(axis=2)


@pytest.fixture(scope="module", params=NAMES)
def drawn(request):
    picture, face = load(request.param)
    return picture, face, renderer_of(picture, face)


def test_at_rest_it_is_the_picture(drawn):
    """But for what sampling rounds, and the edge, where colours are told apart."""
    picture, face, renderer = drawn
    off = change(renderer.render(SHUT, MotionState()), renderer.portrait.image)
    matte = person_of(renderer).matte(Rect.whole(picture))
    pure = cv2.erode((matte == 255).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    u, v = face_units(picture, face)
    pure &= np.hypot(u, v - 0.3) > 0.35  # not the mouth
    assert pure.mean() > 0.2
    assert off[pure].mean() < 2.5 and np.percentile(off[pure], 99) < 20
    behind = cv2.dilate((matte > 0).astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    assert off[behind].max() <= 2
    assert off.mean() < 1.5 and (off > 40).mean() < 0.005


def test_the_region_holds_the_person(drawn):
    picture, face, renderer = drawn
    person = person_of(renderer)
    x0, y0, x1, y1 = person.region
    assert 0 <= x0 < face.box[0] and 0 <= y0 < face.box[1]
    assert face.box[2] < x1 <= picture.shape[1] and face.box[3] < y1 <= picture.shape[0]
    matte = person.matte(Rect.whole(picture))
    rows, columns = np.nonzero(matte > 200)
    _, v = face_units(picture, face)
    assert x0 <= columns[v[rows, columns] < 0.7].min() and y0 <= rows.min()
    outside = np.ones(picture.shape[:2], bool)
    outside[person.region.slices] = False
    assert not moves_at(renderer)[outside].any()


@pytest.mark.parametrize("mouth", [SHUT, OPEN])
def test_the_background_is_not_touched(drawn, mouth):
    """Not one level, however far the person goes, in all frames of a run."""
    picture, _, renderer = drawn
    still, buffers = ~moves_at(renderer), renderer.allocate()
    wall = still & (person_of(renderer).matte(Rect.whole(picture)) == 0)
    at_rest = renderer.render(mouth, MotionState())
    assert wall.mean() > 0.1
    for state in (*FURTHEST, BODY):
        frame = renderer.render(mouth, state, buffers)
        assert np.array_equal(frame[wall], picture[wall])
        assert change(frame, at_rest)[still].max() <= 12  # of the body: a tenth of a px


def test_all_that_moves_is_drawn(drawn):
    """A direct sampling of the whole picture changes nothing that a frame does not."""
    picture, face, renderer = drawn
    person, (height, width) = person_of(renderer), picture.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    field = person.field_on(x, y)
    u, v = face_units(picture, face)
    for state in (FURTHEST[0], FURTHEST[-1], replace(FURTHEST[5], shoulder_x=0.03, breath=1.0)):
        state = person.within_range(state)
        right, down = field.displacement(state)
        layers = [person.colours(Rect.whole(picture)), person.matte(Rect.whole(picture))]
        colour, matte = (
            cv2.remap(layer, x + right, y + down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            for layer in layers
        )
        share = matte[..., None].astype(np.float32) / 255
        wanted = share * colour + (1 - share) * person.behind(renderer.portrait.image)
        off = change(renderer.render(SHUT, state), wanted)
        off[np.hypot(u, v) < 0.55] = 0  # mouth and lids are more than moved
        soft = (matte > 0) & (matte < 255)
        near = cv2.dilate(soft.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        # frames are displaced by a coarser grid, which is up to 1.5 px off
        assert off[~near].mean() < 1.5 and np.percentile(off[~near], 99.9) < 60
        assert off[near].mean() < 14


def test_what_is_beside_mouth_and_eyes_starts_on_nodes(drawn):
    """Or it would be displaced by what is shown up to three px further."""
    _, _, renderer = drawn
    bands = renderer._resampler.bands
    assert bands and all(band.x0 % STEP == 0 and band.y0 % STEP == 0 for band in bands)


def test_the_head_moves_and_the_body_stays(drawn):
    picture, face, renderer = drawn
    u, v = face_units(picture, face)
    at_rest = renderer.render(SHUT, MotionState())
    for state in FURTHEST[::5]:
        off = change(renderer.render(SHUT, state), at_rest)
        assert off[np.hypot(u, v) < 0.3].mean() > 4
        assert off[v > 1.4].max() <= 1


def test_shoulders_and_chest_move_and_the_head_stays(drawn):
    picture, face, renderer = drawn
    u, v = face_units(picture, face)
    off = change(renderer.render(SHUT, BODY), renderer.render(SHUT, MotionState()))
    assert off[np.hypot(u, v) < 0.35].max() <= 1
    assert off[(np.abs(u) < 0.8) & (v > 1.1) & (v < 1.5)].mean() > 2


def test_small_motion_stays_close(drawn):
    """Nothing jumps from one frame to the next."""
    _, _, renderer = drawn
    before = renderer.render(SHUT, MotionState(roll=0.5))
    after = renderer.render(SHUT, MotionState(roll=0.53, yaw=0.05, shoulder_x=0.0001))
    assert 0 < change(before, after).mean() < 0.7
    assert np.percentile(change(before, after), 99.9) < 40


def test_what_is_uncovered_is_background():
    """Before a green wall all that is not the moved person is green: no hole and no ghost."""
    source, face = load("hopper")
    share = person_of(renderer_of(source, face)).matte(Rect.whole(source))[..., None] / 255
    wall = np.array([40, 190, 40])
    picture = np.rint(share * source + (1 - share) * wall).astype(np.uint8)
    renderer = renderer_of(picture, face)
    matte = person_of(renderer).matte(Rect.whole(picture))
    covered, buffers = (matte > 127).astype(np.uint8) * 255, renderer.allocate()
    uncovered = 0
    for state in FURTHEST:
        frame = renderer.render(SHUT, state, buffers)
        moved = np.zeros_like(covered)
        moved[renderer.region.slices] = renderer.warp_plane(covered, buffers)
        nobody = cv2.dilate(moved, np.ones((9, 9), np.uint8)) < 2
        uncovered += int((nobody & (covered == 255)).sum())
        assert np.percentile(change(frame, wall[None, None])[nobody], 99.5) < 25
        somebody = cv2.erode(moved, np.ones((5, 5), np.uint8)) == 255
        assert (change(frame, wall[None, None])[somebody] < 10).mean() < 0.001
    assert uncovered > 5000


CROPS = {
    "tight": lambda x0, y0, x1, y1: Rect(x0, y0, x1, y1),
    "chin": lambda x0, y0, x1, y1: Rect(0, 0, 512, y1 - 10),
    "corner": lambda x0, y0, x1, y1: Rect(x0 + 30, y0 + 20, 512, 600),
}


@pytest.mark.parametrize("part", CROPS)
def test_a_head_at_the_edges(part):
    _, face = load("hopper")
    picture, face = crop("hopper", CROPS[part](*(round(float(side)) for side in face.box)))
    renderer = renderer_of(picture, face)
    assert person_of(renderer).range < 1
    at_rest = renderer.render(SHUT, MotionState())
    for state in FURTHEST[::3]:
        frame = renderer.render(SHUT, state)
        assert frame.shape == picture.shape
        off = change(frame, at_rest)
        assert off.mean() > 1
        still = ~moves_at(renderer)
        assert np.array_equal(frame[still], at_rest[still])


def test_a_turned_head_moves_less(caplog):
    picture, face = load("hopper")
    with caplog.at_level(logging.INFO, "lipwright"):
        assert PersonMotion(picture, replace(face, pose=(-13.0, 0.0, 0.0))).range == 1
    assert caplog.text == ""
    with caplog.at_level(logging.INFO, "lipwright"):
        person = PersonMotion(picture, replace(face, pose=(-25.0, 0.0, 0.0)))
    assert "The head is turned by 25 degrees already: it moves less." in caplog.text
    assert 0.5 < person.range < 0.9
    assert PersonMotion(picture, replace(face, pose=(50.0, 0.0, 0.0))).range == pytest.approx(0.4)


def test_a_head_that_is_cut_off_moves_less(caplog):
    _, face = load("hopper")
    top = round(float(face.box[1])) + 10
    with caplog.at_level(logging.INFO, "lipwright"):
        person = PersonMotion(*crop("hopper", Rect(0, top, 512, 600)))
    assert "The edge of the picture cuts the head off: it moves less." in caplog.text
    assert person.range == pytest.approx(0.6)


def test_a_smaller_range_bends_what_is_too_far():
    picture, face = load("hopper")
    person = PersonMotion(picture, replace(face, pose=(50.0, 0.0, 0.0)))
    far = person.within_range(FURTHEST[-1])
    for name, limit in zip(("yaw", "pitch", "roll"), LEVELS["lively"].limits, strict=True):
        assert 0.2 * limit < getattr(far, name) < 0.4 * limit
    near = MotionState(yaw=1.0, pitch=-1.0, roll=0.5, x=0.005, y=-0.005, blink=0.5)
    assert person.within_range(near) == near
    free = PersonMotion(picture, face)
    assert free.range == 1 and free.within_range(FURTHEST[-1]) == FURTHEST[-1]


def test_eyes_hold_the_camera_in_a_head_that_turns_less_than_asked():
    picture, face = load("hopper")
    person = PersonMotion(picture, replace(face, pose=(50.0, 0.0, 0.0)))
    gaze_x, gaze_y = held_gaze(8.0, 4.0)
    drawn = person.within_range(
        MotionState(yaw=8.0, pitch=4.0, gaze_x=gaze_x + 0.01, gaze_y=gaze_y)
    )
    expected_x, expected_y = held_gaze(drawn.yaw, drawn.pitch)
    assert drawn.yaw < 4
    assert drawn.gaze_x == pytest.approx(expected_x + 0.01)
    assert drawn.gaze_y == pytest.approx(expected_y)


def test_a_body_moves_in_steps_too_small_to_be_seen(drawn):
    _, _, renderer = drawn
    person = person_of(renderer)
    states = [MotionState(shoulder_x=0.0301 * share, breath=share) for share in (0.3, 0.7, 1.0)]
    for state in states:
        stepped = person.within_range(state)
        assert abs(stepped.shoulder_x - state.shoulder_x) * person.frame.width <= 0.26
        assert person.within_range(stepped) == stepped


RUN = [
    *FURTHEST[:3],
    BODY,
    replace(BODY, yaw=3.0),
    replace(BODY, yaw=-5.0, roll=2.0),
    replace(FURTHEST[7], breath=0.6),
    MotionState(),
    MotionState(blink=1.0, gaze_x=0.05),
]


def test_a_frame_does_not_depend_on_those_before_it(drawn):
    """A body that did not move since the last frame is not drawn again, which nobody can see."""
    _, _, renderer = drawn
    buffers = renderer.allocate()
    for number, state in enumerate(RUN):
        mouth = OPEN if number % 2 else SHUT
        assert np.array_equal(renderer.render(mouth, state, buffers), renderer.render(mouth, state))


def test_runs_in_threads_do_not_disturb_each_other(drawn):
    _, _, renderer = drawn

    def run(first: int) -> list[np.ndarray]:
        buffers, frames = renderer.allocate(), {}
        for step in range(len(RUN)):
            number = (first + step) % len(RUN)
            frames[number] = renderer.render(OPEN, RUN[number], buffers).copy()
        return [frames[number] for number in range(len(RUN))]

    alone = run(0)
    with ThreadPoolExecutor(3) as threads:
        for together in threads.map(run, (0, 3, 5)):
            for one, other in zip(alone, together, strict=True):
                assert np.array_equal(one, other)


def test_a_person_who_was_cut_out_moves_as_a_whole():
    """The picture's transparency goes with the person, and what it hides stays hidden."""
    source, face = load("hopper")
    matte = PersonMotion(source, face).matte(Rect.whole(source))
    picture = np.where(matte[..., None] > 0, source, 255).astype(np.uint8)
    renderer = renderer_of(picture, face, matte)
    buffers = renderer.allocate()
    for state in FURTHEST[::5]:
        renderer.render(SHUT, state, buffers)
        moved = matte.copy()
        moved[renderer.region.slices] = renderer.warp_plane(matte, buffers)
        frame = renderer.render(SHUT, state, buffers)
        ghost = (cv2.dilate(moved, np.ones((9, 9), np.uint8)) == 0) & (frame.min(axis=2) < 200)
        assert ghost.mean() < 0.002
        assert np.abs(moved.astype(int) - matte).max() > 200
        assert abs(int(moved.sum()) - int(matte.sum())) < 0.05 * matte.sum()
