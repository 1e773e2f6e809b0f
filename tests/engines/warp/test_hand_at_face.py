"""A hand at the cheek is suspected by its colour."""

from __future__ import annotations

import cv2
import numpy as np
from tests.portraits import load

from lipwright.core.rect import Rect
from lipwright.engines.warp import person_motion
from lipwright.engines.warp.hand_at_face import hand_at_face
from lipwright.engines.warp.person_frame import PersonFrame
from lipwright.engines.warp.person_motion import PersonMotion
from lipwright.face import Face


def with_hand(picture: np.ndarray, face: Face) -> np.ndarray:
    """Something of the cheek's colour leans on the jaw."""
    frame = PersonFrame.of(face.landmarks)
    skin = np.median(picture[tuple(np.indices((9, 9)) + _cheek(frame))].reshape(-1, 3), axis=0)
    drawn = picture.copy()
    middle = tuple(int(value) for value in frame.place(0.62, 0.3))
    axes = int(0.25 * frame.width), int(0.3 * frame.height)
    cv2.ellipse(drawn, middle, axes, 0, 0, 360, [float(value) for value in skin], -1)
    return drawn


def _cheek(frame: PersonFrame) -> np.ndarray:
    x, y = frame.place(0.2, 0.12)
    return np.array([int(y), int(x)])[:, None, None]


def likely(picture: np.ndarray, face: Face) -> float:
    frame = PersonFrame.of(face.landmarks)
    whole = Rect.whole(picture)
    return hand_at_face(picture, np.full(picture.shape[:2], 255, np.uint8), frame, whole)


def test_a_face_alone_has_no_hand():
    picture, face = load("hopper")
    assert likely(picture, face) == 0


def test_a_hand_at_the_cheek_is_suspected():
    picture, face = load("hopper")
    assert likely(with_hand(picture, face), face) > 0.8


def test_grey_pictures_say_nothing():
    picture, face = load("hopper")
    grey = cv2.cvtColor(cv2.cvtColor(with_hand(picture, face), cv2.COLOR_BGR2GRAY), 8)
    assert likely(grey, face) == 0


def test_the_head_moves_less_and_says_so(caplog, monkeypatch):
    picture, face = load("hopper")
    caplog.set_level("INFO", "lipwright")
    assert PersonMotion(picture, face).range == 1
    assert not caplog.records
    monkeypatch.setattr(person_motion, "hand_at_face", lambda *_: 1.0)
    assert PersonMotion(picture, face).range == person_motion.HAND_RANGE < 1
    assert any("hand" in record.message for record in caplog.records)
