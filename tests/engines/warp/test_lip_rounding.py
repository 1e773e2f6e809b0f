"""Rounded lips: an oval opening, sides folded inwards, and turned heads as they are seen."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.helpers import hopper_path, read_picture

from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.mouth_warp import DisplacementLayer, Mouth, MouthField
from lipwright.face import find_faces

OH = Mouth(jaw=0.16, gap=0.166, round=0.155, raise_=0.044)
OO = Mouth(jaw=0.09, gap=0.09, round=0.19, raise_=0.032)
SH = Mouth(jaw=0.032, gap=0.083, round=0.155, raise_=0.045, drop=0.042)


@pytest.fixture(scope="module")
def landmarks() -> np.ndarray:
    image = cv2.resize(read_picture(hopper_path()), (512, 600), interpolation=cv2.INTER_AREA)
    return find_faces(image)[0].landmarks


def turned(landmarks: np.ndarray, degrees: float) -> np.ndarray:
    middle = landmarks.mean(axis=0)
    angle = np.radians(degrees)
    turn = np.array(
        [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    )
    return ((landmarks - middle) @ turn.T + middle).astype(np.float32)


def height_by_width(frame: FaceFrame, mouth: Mouth) -> float:
    upper, lower = MouthField(frame).lips(mouth)
    opening = lower[:, 1] - upper[:, 1]
    seen = opening > 0.15 * opening.max()
    return float(opening.max() / np.ptp(upper[seen, 0]))


@pytest.mark.parametrize("yaw", [-30, 0, 25])
@pytest.mark.parametrize(("mouth", "least"), [(OH, 0.42), (OO, 0.26), (SH, 0.28)])
def test_a_rounded_mouth_opens_as_an_oval(
    landmarks: np.ndarray, yaw: float, mouth: Mouth, least: float
) -> None:
    assert least < height_by_width(FaceFrame.of(turned(landmarks, yaw)), mouth) < 0.9


@pytest.mark.parametrize("mouth", [OH, OO, SH])
def test_a_rounded_mouth_opens_as_far_as_asked(landmarks: np.ndarray, mouth: Mouth) -> None:
    upper, lower = MouthField(FaceFrame.of(landmarks)).lips(mouth)
    opening = lower[:, 1] - upper[:, 1]
    assert opening.max() == pytest.approx(mouth.opening, rel=0.03)
    assert opening.min() >= -1e-6
    # the lips touch at the sides
    assert opening[np.abs(np.linspace(-0.5, 0.5, len(opening))) > 0.4].max() < 1e-3


def test_rounded_lips_without_a_gap_are_shut(landmarks: np.ndarray) -> None:
    upper, lower = MouthField(FaceFrame.of(landmarks)).lips(Mouth(jaw=0.1, round=0.2))
    assert np.abs(upper - lower).max() < 1e-5


def test_rounding_begins_without_a_jump(landmarks: np.ndarray) -> None:
    frame = FaceFrame.of(landmarks)
    field = MouthField(frame)
    layers = [field.backward(Mouth(jaw=0.1, gap=0.12, round=value)) for value in (0.0199, 0.0201)]
    for before, after in zip(*layers, strict=True):
        assert np.abs(before - after).max() < 2e-3


@pytest.mark.parametrize("upper", [True, False])
def test_the_sides_of_rounded_lips_are_folded_inwards(landmarks: np.ndarray, upper: bool) -> None:
    """The red grows in the middle and not at the sides, so that it is no block."""
    frame = FaceFrame.of(landmarks)
    u = np.array([0.0, 0.42, -0.42], np.float32)
    x = frame.x(u)
    red = -frame.upper_lip if upper else frame.lower_lip
    y = (frame.slit.at(x) + red).astype(np.float32)
    layer = DisplacementLayer(frame, x, y, np.ones_like(x), upper=upper)
    line = DisplacementLayer(frame, x, frame.slit.at(x), np.ones_like(x), upper=upper)
    mouth = Mouth(round=0.19)
    thickness = 1 + (layer(mouth) - line(mouth))[:, 1] / red
    assert thickness[0] > 1.05
    assert thickness[1:].max() < 0.85 * thickness[0]


def test_the_far_side_of_a_turned_mouth_comes_in_as_far_as_it_is_seen(
    landmarks: np.ndarray,
) -> None:
    frame = FaceFrame.of(turned(landmarks, 30))
    corners = frame.x(np.array([-0.5, 0.5], np.float32))
    y = frame.slit.at(corners)
    layer = DisplacementLayer(frame, corners, y, np.ones_like(corners), upper=True)
    inwards = np.abs(layer(Mouth(round=0.15))[:, 0])
    half = np.abs(corners - frame.x(0.0))
    assert half.max() > 1.25 * half.min()
    seen = frame.x_per_u(np.array([-0.5, 0.5], np.float32))
    assert inwards[0] / seen[0] == pytest.approx(inwards[1] / seen[1], rel=0.02)
    assert np.argmax(inwards) == np.argmax(half)
