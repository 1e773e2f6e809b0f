"""The head moves, and only the head."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.helpers import astronaut_path, hopper_path, read_picture

from lipwright.core.rect import Rect
from lipwright.engines.warp.head_matte import HeadFrame, cut_head, fill_behind, guide_edges
from lipwright.engines.warp.head_motion import HeadMotion
from lipwright.face import Face, find_faces

STEP = 4


def load(path, factor: float = 1.0) -> tuple[np.ndarray, Face]:
    image = read_picture(path)
    image = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    (face,) = find_faces(image)
    return image, centred(face)


def centred(face: Face) -> Face:
    landmarks = face.landmarks.copy()
    landmarks[:, :2] -= 0.5
    return replace(face, landmarks=landmarks)


def nodes(rect: Rect) -> tuple[np.ndarray, np.ndarray]:
    return np.meshgrid(
        np.arange(rect.x0, rect.x1, STEP, dtype=np.float32) + 1.5,
        np.arange(rect.y0, rect.y1, STEP, dtype=np.float32) + 1.5,
    )


def move(image: np.ndarray, head: HeadMotion, yaw=0.0, pitch=0.0, roll=0.0) -> np.ndarray:
    """The frame with the head moved, as the renderer makes it."""
    region = Rect(*head.region)
    width, height = region.x1 - region.x0, region.y1 - region.y0
    shift = [
        cv2.resize(part, (part.shape[1] * STEP, part.shape[0] * STEP))[:height, :width]
        for part in head.field_on(*nodes(region)).displacement(yaw, pitch, roll)
    ]
    column, row = np.meshgrid(np.arange(width), np.arange(height))
    layer = np.dstack([image[region.slices], head.matte(region)])
    layer = cv2.remap(
        layer,
        (column + shift[0]).astype(np.float32),
        (row + shift[1]).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    frame = image.copy()
    head.blend(layer, region, frame[region.slices])
    return frame


@pytest.fixture(scope="module", params=["hopper", "astronaut"])
def portrait(request):
    path = hopper_path() if request.param == "hopper" else astronaut_path()
    image, face = load(path)
    return image, face, HeadMotion(image, face)


def test_at_rest_nothing_changes(portrait):
    image, _, head = portrait
    assert np.abs(move(image, head).astype(int) - image).max() <= 1


def test_the_region_holds_the_face(portrait):
    image, face, head = portrait
    x0, y0, x1, y1 = head.region
    assert 0 <= x0 < face.box[0] and 0 <= y0 < face.box[1]
    assert face.box[2] < x1 <= image.shape[1] and face.box[3] < y1 <= image.shape[0]


def test_directions(portrait):
    """A content at p moves by -d: the nose goes right for yaw, down for pitch; and the top of
    the head goes right for roll."""
    _, face, head = portrait
    tip = face.landmarks[4]
    x, y = np.meshgrid(*(np.array([v - 4, v, v + 4], np.float32) for v in tip[:2]))
    across, down = head.field_on(x, y).displacement(3, 0, 0)
    assert across[1, 1] < -1 and abs(down[1, 1]) < 0.5
    across, down = head.field_on(x, y).displacement(0, 2, 0)
    assert down[1, 1] < -0.7 and abs(across[1, 1]) < 0.5
    top = face.landmarks[10]
    x, y = np.meshgrid(*(np.array([v - 4, v, v + 4], np.float32) for v in top[:2]))
    assert head.field_on(x, y).displacement(0, 0, 1)[0][1, 1] < -1


def test_shoulders_and_background_stay(portrait):
    image, face, head = portrait
    frame = HeadFrame.of(face.landmarks)
    columns, rows = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in image.shape[1::-1]))
    u, v = frame.units(columns, rows)
    far = (np.hypot(u, v) > 1.75) | (v > 1.15)
    for motion in ({"yaw": 3.2}, {"pitch": -2.0}, {"roll": 1.2}, {"yaw": -3, "roll": -1.2}):
        change = np.abs(move(image, head, **motion).astype(int) - image).max(axis=2)
        assert change[far].max() <= 6 and change[far].mean() < 0.01
        face_part = np.hypot(u, v) < 0.3
        assert change[face_part].mean() > 1


def test_the_head_is_cut_out(portrait):
    image, face, head = portrait
    matte = head.matte(Rect(0, 0, image.shape[1], image.shape[0]))
    frame = HeadFrame.of(face.landmarks)
    columns, rows = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in image.shape[1::-1]))
    u, v = frame.units(columns, rows)
    assert matte[np.hypot(u, v) < 0.42].min() == 255
    corners = (v < 0.2) & (v > -1.2) & (np.abs(u) > 1.1)
    assert (matte[corners] > 0).mean() < 0.02
    hair = (np.abs(u) < 0.25) & (v > -0.68) & (v < -0.5)
    assert (matte[hair] == 255).mean() > 0.95


def test_small_motion_stays_close(portrait):
    """Nothing tears: no frame differs wildly from the one before."""
    image, _, head = portrait
    before = move(image, head, roll=0.5)
    after = move(image, head, roll=0.53, yaw=0.05)
    assert np.abs(before.astype(int) - after).mean() < 0.5


@pytest.mark.parametrize("crop", ["tight", "chin", "corner"])
def test_a_head_at_the_edges(crop):
    image, face = load(hopper_path())
    x0, y0, x1, y1 = (round(value) for value in face.box)
    x0, y0, x1, y1 = {
        "tight": (x0, y0, x1, y1),
        "chin": (0, 0, image.shape[1], y1 - 10),
        "corner": (x0 + 30, y0 + 20, image.shape[1], image.shape[0]),
    }[crop]
    part = np.ascontiguousarray(image[y0:y1, x0:x1])
    landmarks = face.landmarks - np.array([x0, y0, 0], np.float32)
    head = HeadMotion(part, replace(face, landmarks=landmarks))
    for motion in ({}, {"yaw": 3, "roll": 1.2, "pitch": 2}, {"yaw": -3, "roll": -1.2}):
        frame = move(part, head, **motion)
        assert frame.shape == part.shape
        change = np.abs(frame.astype(int) - part).max(axis=2)
        # the picture ends there: nothing to bring in from beyond it
        assert change[-1].mean() < 4 and change[:, [0, -1]].mean() < 4


def test_any_grid_will_do(portrait):
    _, _, head = portrait
    region = Rect(*head.region)
    part = Rect(region.x0 + 20 * STEP, region.y0 + 10 * STEP, region.x1, region.y1)
    whole, corner = (head.field_on(*nodes(r)).displacement(1, 0.5, 0.2) for r in (region, part))
    for one, other in zip(whole, corner, strict=True):
        np.testing.assert_allclose(one[10:, 20:], other, atol=1e-4)


def test_matte_when_grabcut_is_at_a_loss():
    """A picture of one colour: an average head it is."""
    _, face = load(hopper_path(), 0.5)
    image = np.full((300, 256, 3), 120, np.uint8)
    frame = HeadFrame.of(face.landmarks)
    window = frame.window(image.shape)
    mask = cut_head(image[window.slices], frame, window)
    area = (mask > 0.5).sum() / (frame.width * frame.height)
    assert 0.7 < area < 4


def test_guided_edges_follow_the_picture():
    picture = np.full((60, 60, 3), 40, np.uint8)
    picture[:, 33:] = 200
    mask = np.zeros((60, 60), np.float32)
    mask[:, 30:] = 1  # three px off
    guided = guide_edges(picture, mask, radius=6)
    assert guided[30, 33] - guided[30, 32] > 0.25  # the steepest place is the picture's edge


def test_fill_takes_from_outside():
    picture = np.full((80, 80, 3), 10, np.uint8)
    head = np.zeros((80, 80), bool)
    head[20:60, 20:60] = True
    picture[head] = 240
    filled = fill_behind(picture, head, reach=5)
    assert np.array_equal(filled[~head], picture[~head])
    assert filled[21:59, 22].max() < 60  # just inside the border: background
    assert filled[35:45, 35:45].min() == 240  # deep inside: untouched


def test_somebody_who_was_cut_out_keeps_that_edge():
    """A white hat on white: only the picture's transparency tells where it ends."""
    picture, face = load(hopper_path())
    frame = HeadFrame.of(face.landmarks)
    x, y = np.meshgrid(np.arange(512, dtype=np.float32), np.arange(600, dtype=np.float32))
    u, v = frame.units(x, y)
    alpha = np.where((np.hypot(u / 0.66, (v + 0.2) / 0.85) < 1) | (v > 0.45), 255, 0)
    alpha = alpha.astype(np.uint8)
    white = (v < -0.45) | (alpha == 0)
    cut_out = np.where(white[..., None], 255, picture).astype(np.uint8)
    head = HeadMotion(cut_out, face, alpha)
    matte = head.matte(Rect(0, 0, 512, 600))
    hat = (alpha == 255) & (v < -0.45)
    assert matte[hat].mean() > 250
    assert matte[(alpha == 0) & (v < 0.2) & (np.abs(u) > 0.8)].mean() < 5
    framed = np.full_like(alpha, 255)
    framed[:20, :20] = 0  # a rounded corner says nothing about the head
    without = HeadMotion(cut_out, face).matte(Rect(0, 0, 512, 600))
    assert without[hat].mean() < 200
    plain, other = HeadMotion(picture, face), HeadMotion(picture, face, framed)
    assert np.array_equal(plain.matte(Rect(0, 0, 512, 600)), other.matte(Rect(0, 0, 512, 600)))
