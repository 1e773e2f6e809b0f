"""How soft a picture of a face is, and a drawn mouth that is as soft."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.helpers import hopper_path, read_picture

from lipwright.engines.warp.face_frame import OVAL, FaceFrame
from lipwright.engines.warp.face_look import (
    BRIGHTEST,
    DARKEST,
    INNER_FACE,
    MANY_PX,
    colourfulness,
    edge_softness,
    face_light,
    filled,
)
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.mouth_closing import close_mouth
from lipwright.engines.warp.mouth_warp import Mouth, MouthField
from lipwright.engines.warp.renderer import Renderer
from lipwright.face import find_faces

AH = Mouth(jaw=0.2, gap=0.24, raise_=0.04, drop=0.01)


@pytest.fixture(scope="module")
def hopper() -> np.ndarray:
    return read_picture(hopper_path())


@pytest.fixture(scope="module")
def landmarks(hopper: np.ndarray) -> np.ndarray:
    points = find_faces(hopper)[0].landmarks.copy()
    points[:, :2] -= 0.5
    return points


def blurred(image: np.ndarray, blur: float) -> np.ndarray:
    return image if blur == 0 else cv2.GaussianBlur(image, (0, 0), blur)


def test_the_measured_softness_is_that_of_the_picture(
    hopper: np.ndarray, landmarks: np.ndarray
) -> None:
    frame = FaceFrame.of(landmarks)
    measured = [edge_softness(frame, blurred(hopper, blur)) for blur in (0, 2, 3, 4)]
    assert measured == sorted(measured)
    for blur, soft in zip((2, 3, 4), measured[1:], strict=True):
        assert soft == pytest.approx(np.hypot(blur, measured[0]), rel=0.4)


def test_grain_is_not_taken_for_sharpness(hopper: np.ndarray, landmarks: np.ndarray) -> None:
    frame = FaceFrame.of(landmarks)
    soft = blurred(hopper, 4)
    noise = np.random.default_rng(1).normal(0, 4, soft.shape)
    grainy = (soft + noise).clip(0, 255).astype(np.uint8)
    assert edge_softness(frame, grainy) > 0.5 * edge_softness(frame, soft)


def steepest(image: np.ndarray, landmarks: np.ndarray) -> float:
    """The steepest step between lip and opening, as a share of the contrast there, per px."""
    portrait = close_mouth(image, landmarks)
    frame = portrait.frame
    drawn = Renderer(portrait).render(AH, MotionState()).astype(np.float32).mean(-1)
    lower = MouthField(frame).lips(AH)[1]
    steps = []
    for u in np.linspace(-0.25, 0.25, 11):
        x = float(frame.x(u))
        edge = np.interp(x, lower[:, 0], lower[:, 1])
        y = np.linspace(edge - 0.12, edge + 0.12, 60)
        px = frame.to_px(np.stack([np.full_like(y, x), y], -1)).astype(np.float32)
        seen = cv2.remap(drawn, px[None, :, 0], px[None, :, 1], cv2.INTER_LINEAR)[0]
        step = np.abs(np.diff(seen)).max() / (np.ptp(y) / 59 * frame.unit)
        steps.append(step / max(float(np.ptp(seen)), 1))
    return float(np.median(steps))


def test_in_a_soft_picture_the_opening_is_soft(hopper: np.ndarray, landmarks: np.ndarray) -> None:
    sharp, soft = (steepest(blurred(hopper, blur), landmarks) for blur in (0, 4))
    assert soft < 0.5 * sharp


def test_a_grey_picture_has_no_colour(hopper: np.ndarray, landmarks: np.ndarray) -> None:
    frame = FaceFrame.of(landmarks)
    grey = cv2.cvtColor(cv2.cvtColor(hopper, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert colourfulness(frame, grey) == 0
    assert colourfulness(frame, hopper) > 0.9


def test_the_light_of_a_face_is_that_of_its_pixels(
    hopper: np.ndarray, landmarks: np.ndarray
) -> None:
    frame = FaceFrame.of(landmarks)
    outline = frame.to_px(frame.points[OVAL])
    middle = outline.mean(axis=0)
    pixels = hopper[filled(middle + (outline - middle) * INNER_FACE, hopper)]
    assert len(pixels) < MANY_PX  # all of them are looked at
    expected = np.quantile(pixels.mean(axis=1), (DARKEST, BRIGHTEST))
    assert face_light(frame, hopper) == pytest.approx(expected, abs=1e-9)
