"""The painted inside of a mouth: flesh rather than a hole, in the light of the face."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.helpers import hopper_path, read_picture

from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.face_look import colourfulness, skin_colour
from lipwright.engines.warp.mouth_interior import Interior, Opening, teeth_shown
from lipwright.engines.warp.mouth_tone import photo_inks
from lipwright.engines.warp.mouth_warp import Mouth, MouthField
from lipwright.face import find_faces

AH = Mouth(jaw=0.3, gap=0.34, raise_=0.06, drop=0.03)
EE = Mouth(jaw=0.07, gap=0.11, spread=0.05, raise_=0.05, drop=0.05)
OO = Mouth(jaw=0.09, gap=0.09, round=0.19, raise_=0.03)
SH = Mouth(jaw=0.03, gap=0.083, round=0.155, raise_=0.045, drop=0.042)


@pytest.fixture(scope="module")
def hopper() -> np.ndarray:
    return cv2.resize(read_picture(hopper_path()), (512, 600), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def frame(hopper: np.ndarray) -> FaceFrame:
    points = find_faces(hopper)[0].landmarks.copy()
    points[:, :2] -= 0.5
    return FaceFrame.of(points)


def painted(frame: FaceFrame, image: np.ndarray, mouth: Mouth) -> tuple[np.ndarray, Opening]:
    """The inside of the mouth of an image on a grid of 240 x 160, and where it is seen."""
    upper, lower = MouthField(frame).lips(mouth)
    x = np.linspace(upper[0, 0], upper[-1, 0], 240)
    top, bottom = (np.interp(x, lip[:, 0], lip[:, 1]) for lip in (upper, lower))
    y = np.linspace(top.min(), bottom.max(), 160)
    x, y = np.meshgrid(x, y)
    u = frame.u(x)
    arc = frame.slit.at(x)
    shape = x.shape
    opening = Opening(
        u,
        y.astype(np.float32),
        np.broadcast_to(top, shape).astype(np.float32),
        np.broadcast_to(bottom, shape).astype(np.float32),
        float((bottom - top).max()),
        float(u[0, 0]),
        float(u[0, -1]),
        arc,
    )
    interior = Interior(frame, photo_inks(frame, image), colourfulness(frame, image))
    return interior.paint(mouth, opening), opening


def seen(at: Opening) -> np.ndarray:
    inside: np.ndarray = (at.y > at.upper + 0.01) & (at.y < at.lower - 0.01)
    return inside


def test_the_darkest_of_an_open_mouth_is_dark_flesh(hopper: np.ndarray, frame: FaceFrame) -> None:
    picture, at = painted(frame, hopper, AH)
    skin = skin_colour(frame, hopper)
    pixels = picture[seen(at)]
    ordered = pixels[np.argsort(pixels.mean(1))]
    darkest = ordered[: len(ordered) // 16].mean(0)
    share = darkest / skin
    assert (share > 0.06).all()
    assert share[2] > 0.12
    assert (share < 0.5).all()
    assert darkest[2] > 1.5 * darkest[0]  # red, not black
    brightest = ordered[-len(ordered) // 20 :].mean()
    assert 0.8 < brightest / skin.mean() < 1.5


def test_there_are_no_black_wedges_at_the_corners(hopper: np.ndarray, frame: FaceFrame) -> None:
    picture, at = painted(frame, hopper, AH)
    across = (at.u - (at.left + at.right) / 2) / ((at.right - at.left) / 2)
    inside = seen(at)
    light = picture.mean(-1)
    corners = light[inside & (np.abs(across) > 0.75) & (np.abs(across) < 0.95)]
    throat = np.quantile(light[inside & (np.abs(across) < 0.5)], 0.05)
    assert corners.min() > 0.95 * throat
    assert np.median(corners) > 1.1 * throat


def test_teeth_darken_steadily_towards_the_corners(hopper: np.ndarray, frame: FaceFrame) -> None:
    picture, at = painted(frame, hopper, EE)
    light = np.where(seen(at), picture.mean(-1), 0)
    brightest = [
        float(np.quantile(light[:, np.abs(at.u[0] - u) < 0.03].max(0), 0.5))
        for u in (0.05, 0.15, 0.25, 0.33)
    ]
    assert all(b <= 1.03 * a for a, b in zip(brightest, brightest[1:], strict=False))
    assert brightest[3] > 0.5 * brightest[0]  # premolars are still teeth


def test_the_tongue_is_a_lit_form_in_an_open_vowel(hopper: np.ndarray, frame: FaceFrame) -> None:
    picture, at = painted(frame, hopper, AH)
    column = np.abs(at.u[0]) < 0.06
    down = (at.y - at.upper) / np.maximum(at.lower - at.upper, 1e-3)
    inside = down[:, column]
    middle = picture[:, column]
    throat = middle[(inside > 0.35) & (inside < 0.45)].mean(0)
    tongue = middle[(inside > 0.72) & (inside < 0.82)].mean(0)
    assert tongue.mean() > 1.6 * throat.mean()
    assert tongue[2] > 1.2 * tongue[0]
    beside = picture[:, np.abs(np.abs(at.u[0]) - 0.3) < 0.03]
    low = down[:, np.abs(np.abs(at.u[0]) - 0.3) < 0.03]
    assert beside[(low > 0.72) & (low < 0.82)].mean() < 0.9 * tongue.mean()


def test_rounded_lips_hide_the_teeth_unless_they_turn_out(
    hopper: np.ndarray, frame: FaceFrame
) -> None:
    assert teeth_shown(OO) < 0.05
    assert teeth_shown(SH) > 0.9
    assert teeth_shown(EE) == 1
    dark, at = painted(frame, hopper, OO)
    skin = skin_colour(frame, hopper).mean()
    assert np.quantile(dark[seen(at)].mean(-1), 0.99) < 0.6 * skin


@pytest.mark.parametrize("exposure", [0.4, 0.7])
def test_the_mouth_follows_the_exposure(
    hopper: np.ndarray, frame: FaceFrame, exposure: float
) -> None:
    bright, at = painted(frame, hopper, AH)
    dim = (hopper * exposure).astype(np.uint8)
    picture, _ = painted(frame, dim, AH)
    inside = seen(at)
    for share in (0.05, 0.5, 0.95):
        full, less = (np.quantile(p[inside].mean(-1), share) for p in (bright, picture))
        assert less == pytest.approx(exposure * full, rel=0.15)


def test_teeth_are_as_bright_on_dark_skin_in_the_same_light(
    hopper: np.ndarray, frame: FaceFrame
) -> None:
    """The skin's own colour is not the light's: highlights stay, the skin gets darker."""
    light = hopper.mean(-1, keepdims=True)
    highlights = np.clip((light - 140) / 40, 0, 1)
    dark = (hopper * (0.6 + 0.4 * highlights)).astype(np.uint8)
    inks, darker = photo_inks(frame, hopper), photo_inks(frame, dark)
    skin, dark_skin = (float(skin_colour(frame, i).mean()) for i in (hopper, dark))
    assert dark_skin < 0.8 * skin
    assert darker.white.mean() / inks.white.mean() > 1.1 * dark_skin / skin
