"""Heads that are turned: nothing of what is behind them gets into what is drawn."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.drawing import draw_over
from tests.videos import portrait

from lipwright.engines.warp.face_frame import OVAL, FaceFrame
from lipwright.engines.warp.face_outline import within_outline
from lipwright.engines.warp.landmark_transfer import centred
from lipwright.engines.warp.lower_face import LowerFace
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.person_motion import PersonMotion
from lipwright.face import FaceFinder


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


def turned(finder: FaceFinder, yaw: float) -> np.ndarray:
    """Hopper with the head turned by degrees, before her blue wall."""
    picture, face = portrait(), finder.find(portrait())[0]
    person = PersonMotion(picture, replace(face, landmarks=centred(face).astype(np.float32)))
    height, width = picture.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    right, down = person.field_on(x, y).displacement(MotionState(yaw=yaw))
    return cv2.remap(picture, x + right, y + down, cv2.INTER_CUBIC)


@pytest.mark.parametrize("yaw", [-18, -12, 12, 18])
def test_a_turned_head_keeps_its_skin_and_its_background(finder, yaw):
    picture = turned(finder, yaw)
    face = finder.find(picture)[0]
    drawn = picture.copy()
    draw_over(LowerFace(portrait(), finder.find(portrait())[0]), drawn, face, Mouth())
    off = np.abs(cv2.blur(drawn, (9, 9)).astype(int) - cv2.blur(picture, (9, 9))).max(axis=2)
    assert (drawn != picture).any()
    outline = np.round(face.landmarks[OVAL, :2]).astype(np.int32)
    inside = cv2.fillPoly(np.zeros(off.shape, np.uint8), [outline], 1)
    assert off[cv2.dilate(inside, np.ones((9, 9))) == 0].max() < 40
    assert off[inside == 1].mean() < 5


def test_an_outline_fades_inwards():
    face = FaceFinder().find(portrait())[0]
    unit = FaceFrame.of(face.landmarks).unit
    points = centred(face)[:, :2]
    seen = within_outline(points, portrait().shape[:2], np.zeros(2), 1, unit)
    middle, chin = points[OVAL].mean(axis=0), points[152]
    for share, wanted in ((1.03, 0), (0.99, 0), (0.5, 1), (0.0, 1)):
        x, y = np.round(middle + share * (chin - middle)).astype(int)
        assert seen[y, x] == pytest.approx(wanted, abs=0.1)
    part = within_outline(points, (20, 20), np.round(chin - [10, 30]), 1, unit)
    x, y = np.round(chin - [10, 30]).astype(int)
    np.testing.assert_allclose(part, seen[y : y + 20, x : x + 20], atol=0.03)
