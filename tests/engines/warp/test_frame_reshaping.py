"""Frames whose mouths get another shape, beside pictures that were drawn with it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.known_mouths import known_person

from lipwright.engines.warp.frame_reshaping import FrameReshaping, ReshapedFrame
from lipwright.engines.warp.mouth_bank import Entry
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.face.face import Face

SHUT = Mouth()
OPEN = Mouth(jaw=0.15, gap=0.15)
WIDE = Mouth(jaw=0.08, gap=0.12, spread=0.06)
SMILE = Mouth(wide=0.12, lift=0.08)
ROUND = Mouth(jaw=0.06, gap=0.08, round=0.15)
RED = 0, 0, 255  # BGR


def reshape(own: Mouth, want: Mouth) -> tuple[np.ndarray, ReshapedFrame]:
    person = known_person()
    image, face = person.picture(own), person.landmarks(own)
    reshaping = FrameReshaping(person.frame, person.renderer.field, person.carrying)
    seen = reshaping.reshape(image, face, person.seen(own), person.wanted(want))
    assert seen is not None
    image[seen.rect.slices] = seen.pixels
    return image, seen


def lower_face(inside: Mouth) -> np.ndarray:
    """bool (h, w): the lower face without what is between the lips."""
    person = known_person()
    height, width = person.renderer.portrait.image.shape[:2]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    place = person.frame.to_face(np.stack([x, y], -1).astype(np.float64))
    upper, lower = person.renderer.field.lips(inside)
    ring = np.concatenate([upper, lower[::-1]])
    mouth = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mouth, [np.round(person.frame.to_px(ring)).astype(np.int32)], 1)
    around = cv2.dilate(mouth, np.ones((5, 5)))
    near = (np.abs(place[..., 0]) < 0.8) & (place[..., 1] > -0.4)
    near &= place[..., 1] < person.frame.chin + 0.2
    return near & (around == 0)


@pytest.mark.parametrize(
    ("mouth", "most"), [(SHUT, 0.01), (OPEN, 0.3), (WIDE, 1.0), (SMILE, 0.6), (ROUND, 3.0)]
)
def test_a_mouth_that_has_the_wanted_shape_hardly_changes(mouth, most):
    """Rounding is not read: corners that come in are taken for it."""
    image, _ = reshape(mouth, mouth)
    off = np.abs(image.astype(int) - known_person().picture(mouth)).mean(axis=2)
    assert off[lower_face(mouth)].mean() < most


@pytest.mark.parametrize(
    ("own", "want"),
    [(OPEN, SHUT), (SHUT, OPEN), (SMILE, SHUT), (SHUT, SMILE), (WIDE, OPEN), (OPEN, WIDE)],
)
def test_another_shape_is_as_if_it_were_drawn(own, want):
    image, _ = reshape(own, want)
    person = known_person()
    wanted, before = person.picture(want).astype(int), person.picture(own).astype(int)
    skin = lower_face(want) & lower_face(own)
    miss = np.abs(image - wanted).mean(axis=2)[skin].mean()
    assert miss < 0.5 * np.abs(before - wanted).mean(axis=2)[skin].mean()


def test_a_wry_mouth_stays_wry():
    """What a tilt of the whole mouth is taken for is not undone."""
    person = known_person()
    image, face = person.picture(SHUT), person.landmarks(SHUT)
    tilt, shift = 0.1, 0.04
    face = person.wry(face, tilt, shift)
    reshaping = FrameReshaping(person.frame, person.renderer.field, person.carrying)
    offsets, wanted = person.reader.offsets(face), person.wanted(SHUT)
    shape = person.reader.shape(offsets - person.reader.wry_offsets(tilt, shift))
    seen = reshaping.reshape(image, face, shape, wanted, (tilt, shift))
    assert seen is not None
    np.testing.assert_allclose(seen.pixels, image[seen.rect.slices], atol=12)
    straightened = reshaping.reshape(image, face, person.reader.shape(offsets), wanted)
    assert straightened is not None
    off = straightened.pixels.astype(int) - image[straightened.rect.slices]
    assert np.abs(off).max() > 40


def test_the_lips_meet_on_the_wanted_line():
    """Nothing of the dark and the teeth behind open lips is left."""
    person = known_person()
    image, seen = reshape(OPEN, SHUT)
    assert seen.lips.height < 1e-3
    shut = person.picture(SHUT)
    line = person.frame.to_px(np.stack([person.frame.slit.x, person.frame.slit.y], -1))
    rows, columns = np.round(line[20:-20, ::-1]).astype(int).T
    light, usual = (picture[rows, columns].mean() for picture in (image, shut))
    assert light > 0.85 * usual
    assert person.picture(OPEN)[rows + 4, columns].mean() < 0.85 * shut[rows + 4, columns].mean()


def test_nothing_but_the_lower_face_changes():
    person = known_person()
    image, seen = reshape(SHUT, OPEN)
    changed = (image != person.picture(SHUT)).any(axis=2)
    x, y = person.frame.to_face(np.argwhere(changed)[:, ::-1].astype(np.float64)).T
    assert changed.any()
    assert y.min() > -1.1 and np.abs(x).max() < 2.05
    assert not changed[: seen.rect.y0].any() and not changed[:, : seen.rect.x0].any()


def test_a_chin_goes_where_the_wanted_jaw_has_it():
    person = known_person()
    image, _ = reshape(OPEN, SHUT)
    chin = person.frame.to_px(np.array([[0.0, person.frame.chin]]))[0].astype(int)
    around = slice(chin[1] - 12, chin[1] + 13), slice(chin[0] - 25, chin[0] + 26)
    wanted, before = person.picture(SHUT)[around].astype(int), person.picture(OPEN)[around]
    assert np.abs(image[around] - wanted).mean() < 0.5 * np.abs(before - wanted).mean()


def test_what_is_not_in_the_frame_is_not_reshaped():
    person = known_person()
    face = person.landmarks(SHUT).moved(4000, 0)
    shape = person.reader.shape(person.reader.offsets(face))
    reshaping = FrameReshaping(person.frame, person.renderer.field, person.carrying)
    assert reshaping.reshape(person.picture(SHUT), face, shape, person.wanted(OPEN)) is None


def moved(image: np.ndarray, face: Face) -> tuple[np.ndarray, Face]:
    """A picture of the same head elsewhere, leaning and larger."""
    cos, sin = 1.1 * np.cos(0.15), 1.1 * np.sin(0.15)
    turn = np.array([[cos, -sin, 25.0], [sin, cos, -60.0]])
    landmarks = face.landmarks.copy()
    centres = landmarks[:, :2] - 0.5
    landmarks[:, :2] = centres @ turn[:, :2].T + turn[:, 2] + 0.5
    landmarks[:, 2] *= 1.1
    height, width = image.shape[:2]
    picture = cv2.warpAffine(
        image, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return picture, replace(face, landmarks=landmarks)


def lend(bank: Mouth, want: Mouth, elsewhere: bool = False) -> tuple[np.ndarray, ReshapedFrame]:
    """What a frame with the one mouth lends to a frame of shut lips that shall be as wanted."""
    person = known_person()
    reshaping = FrameReshaping(person.frame, person.renderer.field, person.carrying)
    wanted = person.wanted(want)
    seen = reshaping.reshape(
        person.picture(SHUT), person.landmarks(SHUT), person.seen(SHUT), wanted
    )
    assert seen is not None
    image, face = person.picture(bank), person.landmarks(bank)
    if elsewhere:
        image, face = moved(image, face)
    own = person.reader.shape(person.reader.offsets(face))
    return reshaping.borrow(Entry(image, face, own, (0.0, 0.0)), seen), seen


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("mouth", [OPEN, WIDE, SMILE, ROUND])
def test_a_borrowed_mouth_looks_as_in_the_frame_it_is_from(mouth, elsewhere):
    """Lips and what is between them, wherever the head is in that frame."""
    lent, seen = lend(mouth, mouth, elsewhere)
    person = known_person()
    wanted, shut = (person.picture(which)[seen.near.slices].astype(int) for which in (mouth, SHUT))
    assert lent.shape == wanted.shape
    lips = np.hypot(seen.x / 0.55, (seen.y - 0.08) / 0.3) < 1
    miss = np.abs(lent - wanted).mean(axis=2)[lips].mean()
    assert miss < 0.35 * np.abs(shut - wanted).mean(axis=2)[lips].mean()


@pytest.mark.parametrize("bank", [Mouth(jaw=0.2, gap=0.2), Mouth(jaw=0.1, gap=0.1)])
def test_a_borrowed_mouth_is_stretched_to_the_wanted_shape(bank):
    """Lips end where they shall, and between them is what was there, spread."""
    lent, seen = lend(bank, OPEN)
    person = known_person()
    wanted, before = (person.picture(which)[seen.near.slices].astype(int) for which in (OPEN, bank))
    middle = np.abs(seen.x) < 0.3

    def inside(mouth: Mouth) -> np.ndarray:
        x, upper, lower = edges(mouth)
        above, below = (np.interp(seen.x, x, line) for line in (upper, lower))
        inner: np.ndarray = middle & (seen.y > above + 0.02) & (seen.y < below - 0.02)
        return inner

    off = np.abs(lent[inside(OPEN)].mean(axis=0) - before[inside(bank)].mean(axis=0))
    assert off.max() < 8
    x, upper, lower = edges(OPEN)
    near = (seen.y > np.interp(seen.x, x, upper) - 0.08) & (
        seen.y < np.interp(seen.x, x, lower) + 0.12
    )
    lips = middle & near & ~inside(OPEN)
    miss = np.abs(lent - wanted).mean(axis=2)[lips].mean()
    assert miss < 0.6 * np.abs(before - wanted).mean(axis=2)[lips].mean()


def edges(mouth: Mouth) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, and y of the lip lines there, mw."""
    upper, lower = known_person().renderer.field.lips(mouth)
    return upper[:, 0], upper[:, 1], np.interp(upper[:, 0], lower[:, 0], lower[:, 1])


def test_a_borrowed_mouth_loses_what_is_wry_about_it():
    person = known_person()
    reshaping = FrameReshaping(person.frame, person.renderer.field, person.carrying)
    image, wanted = person.picture(OPEN), person.wanted(OPEN)
    face = person.landmarks(OPEN)
    seen = reshaping.reshape(image, face, person.seen(OPEN), wanted)
    assert seen is not None
    own, tilt, shift = person.seen(OPEN), 0.1, 0.04
    straight = reshaping.borrow(Entry(image, face, own, (0.0, 0.0)), seen)
    wry = reshaping.borrow(Entry(image, face, own, (tilt, shift)), seen)
    x = slice(seen.x.shape[1] // 4, -seen.x.shape[1] // 4)
    by = round(shift * person.frame.unit)
    off = np.abs(wry[:, x].astype(int) - straight[:, x]).mean()
    back = np.roll(wry, by, axis=1)[:, x].astype(int)
    assert off > 2 and np.abs(back - straight[:, x]).mean() < 0.8 * off


def test_lips_that_were_wide_open_leave_no_red_below_them():
    """Their lower edge is found too high, and what is beyond it would be spread over the skin."""
    person = known_person()
    wide = Mouth(jaw=0.35, gap=0.45)
    image, face, own = person.picture(wide), person.landmarks(wide), person.seen(wide)
    lip = np.concatenate([own.curves[2], own.curves[3, ::-1]])
    cv2.fillPoly(image, [np.round(person.frame.to_px(lip)).astype(np.int32)], RED)
    curves = own.curves.copy()
    curves[3, :, 1] -= 0.06 * np.sin(np.linspace(0, np.pi, curves.shape[1]))
    want = person.wanted(SHUT)
    reshaping = FrameReshaping(person.frame, person.renderer.field, person.carrying)
    seen = reshaping.reshape(image, face, own._replace(curves=curves), want)
    assert seen is not None
    image[seen.rect.slices] = seen.pixels
    x, y = np.meshgrid(np.linspace(-0.1, 0.1, 9), np.linspace(0.02, 0.15, 9))
    below = person.frame.to_px(np.stack([x, y + want.curves[3, 5, 1]], -1)).reshape(-1, 2)
    columns, rows = np.round(below).astype(int).T
    off = np.abs(image[rows, columns].astype(int) - RED).sum(axis=1)
    assert off.min() > 150
