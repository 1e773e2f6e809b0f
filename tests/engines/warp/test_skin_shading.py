"""Shading follows what the picture shows, in the picture's own colours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.helpers import hopper_path, read_picture

from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.skin_shading import UNIT_GAIN, Shading, shadow_exponents
from lipwright.face import find_faces

SKIN = 130, 160, 200
FF = Mouth(jaw=0.03, gap=0.05, raise_=0.05, tuck=1.0)
PRESSED = Mouth(jaw=0.025, press=1.0)
OO = Mouth(jaw=0.09, gap=0.09, round=0.19)


@pytest.fixture(scope="module")
def frame() -> FaceFrame:
    image = cv2.resize(read_picture(hopper_path()), (512, 600), interpolation=cv2.INTER_AREA)
    return FaceFrame.of(find_faces(image)[0].landmarks)


def plain(colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((600, 512, 3), colour, np.uint8)


def chin(frame: FaceFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the chin below the shadow of the lower lip."""
    x, y = np.meshgrid(
        np.linspace(-0.25, 0.25, 41), np.linspace(frame.lower_lip + 0.23, frame.chin, 41)
    )
    return x.astype(np.float32), y.astype(np.float32)


@pytest.mark.parametrize("mouth", [FF, PRESSED])
def test_a_smooth_chin_stays_smooth(frame: FaceFrame, mouth: Mouth) -> None:
    gain = Shading(frame, plain(SKIN)).gain(mouth, *chin(frame))
    assert np.abs(gain[..., :3].astype(int) - UNIT_GAIN).max() <= 3


def test_the_relief_of_a_chin_deepens_a_little(frame: FaceFrame) -> None:
    image = plain(SKIN)
    place = np.array([0.0, 0.52 * (frame.lower_lip + 0.085 + frame.chin)])
    at = np.round(frame.to_px(place)).astype(int)
    cv2.circle(image, at.tolist(), round(0.05 * frame.unit), (90, 110, 140), -1)
    image = cv2.GaussianBlur(image, (0, 0), 0.03 * frame.unit)
    x, y = (np.full((1, 1), value, np.float32) for value in place)
    dimple = Shading(frame, image).gain(FF, x, y)[0, 0, :3] / UNIT_GAIN
    assert (0.85 < dimple).all() and (dimple < 0.985).all()


@pytest.mark.parametrize("mouth", [FF, PRESSED, OO])
def test_shadows_are_grey_in_a_grey_picture_and_red_on_skin(frame: FaceFrame, mouth: Mouth) -> None:
    x, y = np.meshgrid(np.linspace(-1, 1, 81), np.linspace(-0.8, 1.1, 81))
    at = x.astype(np.float32), y.astype(np.float32)
    grey = Shading(frame, plain((150, 150, 150))).gain(mouth, *at)
    assert np.ptp(grey[..., :3].astype(int), axis=-1).max() == 0
    assert grey[..., :3].min() < 0.97 * UNIT_GAIN
    skin = Shading(frame, plain(SKIN)).gain(mouth, *at).astype(int)
    shadow = skin[..., 1] < 0.95 * UNIT_GAIN
    assert (skin[shadow, 2] > skin[shadow, 0]).all()


def test_shadows_lose_their_colour_with_the_face() -> None:
    assert shadow_exponents(0.0).tolist() == [1, 1, 1]
    half, full = shadow_exponents(0.5), shadow_exponents(1.0)
    assert np.allclose(half - 1, (full - 1) / 2)
