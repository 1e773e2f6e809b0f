"""Lids close, irises shift, brows rise, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.helpers import astronaut_path, hopper_path, read_picture

from lipwright.engines.warp.eye_shape import EyeShape
from lipwright.engines.warp.eyes import Eyes
from lipwright.engines.warp.motion.state import MotionState
from lipwright.face import find_faces


def load(path):
    image = read_picture(path)
    image = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    (face,) = find_faces(image)
    landmarks = face.landmarks.copy()
    landmarks[:, :2] -= 0.5
    face = replace(face, landmarks=landmarks)
    return image, face, Eyes(image, face)


@pytest.fixture(scope="module", params=["hopper", "astronaut"])
def portrait(request):
    return load(hopper_path() if request.param == "hopper" else astronaut_path())


def identity(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    height, width = image.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return x, y


def draw(image: np.ndarray, eyes: Eyes, state: MotionState) -> np.ndarray:
    map_x, map_y = identity(image)
    closing = eyes.warp(map_x, map_y, (0, 0), state)
    layer = cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR)
    eyes.shade(layer, state, closing)
    return layer


def change(image: np.ndarray, eyes: Eyes, state: MotionState) -> np.ndarray:
    return np.abs(draw(image, eyes, state).astype(int) - image).max(axis=2)


def test_open_eyes_cost_nothing(portrait):
    image, _, eyes = portrait
    map_x, map_y = identity(image)
    before = map_x.copy(), map_y.copy()
    closing = eyes.warp(map_x, map_y, (0, 0), MotionState(yaw=1.0))
    assert np.array_equal(map_x, before[0]) and np.array_equal(map_y, before[1])
    layer = image.copy()
    eyes.shade(layer, MotionState(), closing)
    assert np.array_equal(layer, image)


def test_changes_stay_in_the_boxes(portrait):
    image, _, eyes = portrait
    outside = np.ones(image.shape[:2], bool)
    for x0, y0, x1, y1 in eyes.boxes:
        outside[y0:y1, x0:x1] = False
    for state in (
        MotionState(blink=1.0),
        MotionState(blink=0.4, gaze_x=0.04),
        MotionState(brow=1.0),
        MotionState(gaze_x=-0.05, gaze_y=0.02),
    ):
        changed = change(image, eyes, state)
        assert changed[outside].max() == 0
        assert changed.max() > 8


def test_a_closed_eye_hides_the_iris(portrait):
    image, face, eyes = portrait
    closed = draw(image, eyes, MotionState(blink=1.0))
    for centre, rim in ((468, 469), (473, 474)):
        x, y = np.round(face.landmarks[centre, :2]).astype(int)
        r = max(1, round(0.5 * float(np.linalg.norm(face.landmarks[rim] - face.landmarks[centre]))))
        eye, lid = (
            picture[y - r : y + r + 1, x - r : x + r + 1].mean(axis=(0, 1))
            for picture in (image, closed)
        )
        cheek_y = y + round(0.7 * eyes.shapes[0].width)
        cheek = image[cheek_y - r : cheek_y + r + 1, x - r : x + r + 1].mean(axis=(0, 1))
        assert np.linalg.norm(lid - cheek) < 0.6 * np.linalg.norm(eye - cheek)


IRIS, WHITE, LASH, SKIN = (200, 60, 20), (250, 250, 250), (10, 10, 10), (120, 150, 190)


SHINE = (215, 225, 240)


def like(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return np.abs(picture.astype(int) - colour).max(axis=2) < 60


def test_a_closed_lid_covers_a_tall_drawn_eye(portrait):
    """Drawn eyes go on beyond the landmarks' outline."""
    image, face, open_eyes = portrait
    image = image.copy()
    drawn = np.zeros(image.shape[:2], np.uint8)
    for shape in open_eyes.shapes:
        size = shape.width
        middle = shape.centre + size * shape.down * (shape.open_top + shape.open_bottom) / 2
        middle = np.round(middle).astype(int).tolist()
        tall = round(((shape.open_bottom - shape.open_top) / 2 + 0.07) * size)
        cv2.ellipse(image, middle, (round(0.9 * size), round(0.8 * size)), 0, 0, 360, SKIN, -1)
        for canvas, colour in ((image, WHITE), (drawn, 1)):
            cv2.ellipse(canvas, middle, (round(0.56 * size), tall), 0, 0, 360, colour, -1)
        cv2.circle(image, middle, tall, IRIS, -1)
    closed = draw(image, Eyes(image, face), MotionState(blink=1.0))
    for colour, most in ((IRIS, 0.02), (WHITE, 0.06)):
        before, left = (like(picture, colour) & (drawn > 0) for picture in (image, closed))
        assert left.sum() < most * before.sum()


def test_upper_lashes_go_down_with_the_lid(portrait):
    image, face, bare = portrait
    image = image.copy()
    seen = np.zeros(image.shape[:2], np.uint8)
    for shape in bare.shapes:
        for x in (-0.5, -0.25, 0.0, 0.25, 0.5):
            foot = np.array([x, -0.02 + 0.7 * shape.open_top * (1 - 4 * x * x)])
            tip = foot + [0.15 * x, -0.2]
            start, end = (
                np.round(shape.centre + shape.width * (p[0] * shape.right + p[1] * shape.down))
                .astype(int)
                .tolist()
                for p in (foot, tip)
            )
            thick = max(1, round(0.02 * shape.width))
            cv2.line(image, start, end, LASH, thick)
            cv2.line(seen, start, end, 1, thick)
    eyes = Eyes(image, face)
    standing = (seen > 0) & like(image, LASH)
    assert standing.sum() > 50
    for blink, most in ((0.75, 0.1), (1.0, 0.1)):
        closing = draw(image, eyes, MotionState(blink=blink))
        assert (standing & like(closing, LASH)).sum() < most * standing.sum()


def upwards(picture: np.ndarray, shape: EyeShape) -> np.ndarray:
    """Return the lightness, float32 (60, 25), from the brow down to the lash line, in columns."""
    x = np.linspace(-0.3, 0.3, 25)
    at = shape.columns(x.astype(np.float32)[None])
    y = np.linspace(at.top[0] - 0.1, at.upper[0] + 0.03, 60)
    places = (
        shape.centre[:, None, None]
        + shape.width * shape.right[:, None, None] * x
        + shape.width * shape.down[:, None, None] * y
    )
    px_x, px_y = places.astype(np.float32)
    seen = cv2.remap(picture, px_x, px_y, cv2.INTER_LINEAR)
    return seen.astype(np.float32).mean(axis=2)


def test_a_shining_lid_leaves_no_outline_when_it_closes(portrait):
    """What shines on the open lid passes softly into the closed one, without an edge."""
    image, face, bare = portrait
    shine = np.zeros(image.shape[:2], np.float32)
    for shape in bare.shapes:
        x = np.linspace(-0.4, 0.4, 17)
        at = shape.columns(x.astype(np.float32)[None])
        y = (0.5 * at.upper + 0.5 * at.top)[0]
        lid = shape.centre + shape.width * (x[:, None] * shape.right + y[:, None] * shape.down)
        line = np.round(lid).astype(np.int32)[:, None]
        cv2.polylines(shine, [line], False, 1.0, max(1, round(0.1 * shape.width)))
    shine = cv2.GaussianBlur(shine, (0, 0), 0.02 * bare.shapes[0].width)[..., None]
    lit = (image + (np.array(SHINE) - image) * 0.7 * shine).astype(np.uint8)
    state = MotionState(blink=1.0)
    closed, closed_lit = draw(image, Eyes(image, face), state), draw(lit, Eyes(lit, face), state)
    for shape in bare.shapes:
        before = upwards(lit, shape) - upwards(image, shape)
        after = upwards(closed_lit, shape) - upwards(closed, shape)
        steep, steep_lid = (np.diff(part, axis=0).min(axis=0) for part in (before, after))
        assert np.median(steep_lid) > 0.5 * np.median(steep)


def test_beside_the_corners_nothing_moves_when_an_eye_closes(portrait):
    image, _, eyes = portrait
    map_x, map_y = identity(image)
    eyes.warp(map_x, map_y, (0, 0), MotionState(blink=1.0))
    before_x, before_y = identity(image)
    moved = np.hypot(map_x - before_x, map_y - before_y)
    for shape in eyes.shapes:
        x, y = shape.locate(before_x, before_y)
        beside = (shape.columns(x).closing < 0.05) & (np.abs(x) < 0.9) & (np.abs(y) < 0.5)
        assert moved[beside].max() < 0.02 * shape.width


@pytest.mark.parametrize("blink", [0.25, 0.5, 1.0])
def test_the_lids_of_a_grey_photograph_are_grey(portrait, blink):
    image, face, _ = portrait
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    lids = draw(grey, Eyes(grey, face), MotionState(blink=blink, brow=0.5))
    assert np.ptp(lids.astype(int), axis=-1).max() <= 1


def test_liner_below_a_corner_goes_with_the_open_eye(portrait):
    """It would stand beside the closed lid's lash line as a second one."""
    image, face, bare = portrait
    image = image.copy()
    seen = np.zeros(image.shape[:2], np.uint8)
    for shape, outer in zip(bare.shapes, (-1, 1), strict=True):
        at = shape.columns(np.array([[0.40 * outer, 0.55 * outer]], np.float32))
        ends = [
            np.round(shape.centre + shape.width * (x * outer * shape.right + y * shape.down))
            for x, y in zip((0.40, 0.55), at.lower[0] + (0.11, 0.02), strict=True)
        ]
        start, end = (place.astype(int).tolist() for place in ends)
        cv2.line(image, start, end, LASH, 1)
        cv2.line(seen, start, end, 1, 1)
    closed = draw(image, Eyes(image, face), MotionState(blink=1.0))
    before, after = ((seen > 0) & like(picture, LASH) for picture in (image, closed))
    assert after.sum() < 0.35 * before.sum()


def test_lids_come_down_steadily(portrait):
    image, face, eyes = portrait
    lowest = float(face.landmarks[[145, 374], 1].max())
    previous, below = 0, round(lowest + 0.3 * eyes.shapes[0].width)
    for blink in (0.2, 0.45, 0.68, 1.0):
        changed = change(image, eyes, MotionState(blink=blink))
        assert (changed > 8).sum() > previous
        previous = (changed > 8).sum()
    # below the eyes the cheek stays
    assert changed[below:].max() == 0


def test_below_the_lash_line_the_eye_stays(portrait):
    """Half closed: the lower part of the eye shows what it showed."""
    image, face, eyes = portrait
    map_x, map_y = identity(image)
    eyes.warp(map_x, map_y, (0, 0), MotionState(blink=0.3))
    x = round(float(face.landmarks[145, 0]))
    y = round(float(face.landmarks[145, 1] - 1))
    assert map_y[y, x] == y and map_x[y, x] == x


def test_gaze_moves_the_iris_and_not_the_lids(portrait):
    image, face, eyes = portrait
    map_x, map_y = identity(image)
    eyes.warp(map_x, map_y, (0, 0), MotionState(gaze_x=0.04))
    x, y = np.round(face.landmarks[468, :2]).astype(int)
    assert map_x[y, x] == pytest.approx(x - 0.04 * eyes.shapes[0].width, abs=0.4)
    for corner in (33, 133, 362, 263):
        x, y = np.round(face.landmarks[corner, :2]).astype(int)
        assert abs(map_x[y, x] - x) < 0.1
    shape = eyes.shapes[0]
    x, y = np.round(shape.centre + shape.width * shape.down * (shape.open_top - 0.05)).astype(int)
    assert map_x[y, x] == x


def test_brows_rise(portrait):
    image, face, eyes = portrait
    map_x, map_y = identity(image)
    eyes.warp(map_x, map_y, (0, 0), MotionState(brow=1.0))
    for brow in (105, 334):
        x, y = np.round(face.landmarks[brow, :2]).astype(int)
        assert 0.3 < map_y[y, x] - y < 0.2 * eyes.shapes[0].width
    x, y = np.round(face.landmarks[468, :2]).astype(int)
    assert abs(map_y[y, x] - y) < 0.05


def test_eyes_follow_the_head(portrait):
    """With the whole map shifted, the same picture appears shifted."""
    image, _, eyes = portrait
    state = MotionState(blink=0.6, gaze_x=0.03, brow=0.5)
    still = draw(image, eyes, state)
    map_x, map_y = identity(image)
    map_x -= 6
    map_y += 4
    closing = eyes.warp(map_x, map_y, (0, 0), state)
    layer = cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    eyes.shade(layer, state, closing)
    back = np.roll(layer, (4, -6), axis=(0, 1))
    x0, y0 = np.min([box[:2] for box in eyes.boxes], axis=0)
    x1, y1 = np.max([box[2:] for box in eyes.boxes], axis=0)
    difference = np.abs(back.astype(int) - still)[y0:y1, x0:x1]
    assert difference.mean() < 0.6


def test_a_slice_of_the_map_and_four_channels(portrait):
    """The renderer gives a part of the frame, and its layer has alpha."""
    image, face, eyes = portrait
    state = MotionState(blink=0.7, gaze_x=0.02, brow=0.3)
    whole = draw(image, eyes, state)
    x0, y0, x1, y1 = (round(value) for value in face.box)
    y0 = max(0, y0 - 60)
    map_x, map_y = (part[y0:y1, x0:x1].copy() for part in identity(image))
    closing = eyes.warp(map_x, map_y, (x0, y0), state)
    alpha = np.full(image.shape[:2], 77, np.uint8)
    layer = cv2.remap(np.dstack([image, alpha]), map_x, map_y, cv2.INTER_LINEAR)
    eyes.shade(layer, state, closing)
    assert (layer[..., 3] == 77).all()
    assert np.abs(layer[..., :3].astype(int) - whole[y0:y1, x0:x1]).mean() < 0.1


def test_eyes_at_the_edge_of_the_picture():
    image, face, _ = load(astronaut_path())
    x, y = (round(float(v)) for v in face.landmarks[468, :2])
    part = np.ascontiguousarray(image[y - 8 :, x - 3 :])
    moved = replace(face, landmarks=face.landmarks - np.array([x - 3, y - 8, 0], np.float32))
    eyes = Eyes(part, moved)
    for state in (MotionState(blink=1, gaze_x=0.03, brow=1), MotionState(blink=0.3, gaze_x=0.03)):
        assert draw(part, eyes, state).shape == part.shape
