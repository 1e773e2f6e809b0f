"""How dark and bright the inside of a mouth is: measured in a film, kept by what is painted."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.drawing import draw_over
from tests.videos import portrait

from lipwright.engines.warp.face_frame import LOWER_INNER, UPPER_INNER, FaceFrame
from lipwright.engines.warp.face_look import USUAL_SHADOW, skin_colour
from lipwright.engines.warp.lower_face import LowerFace
from lipwright.engines.warp.mouth_tone import (
    USUAL,
    Tone,
    expected_tone,
    face_shadow,
    mouth_tone,
    typical_tone,
)
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.face import FaceFinder
from lipwright.face.face import Face

AH = Mouth(jaw=0.14, gap=0.18, raise_=0.03)


@pytest.fixture(scope="module")
def face() -> Face:
    return FaceFinder().find(portrait())[0]


def opened(face: Face) -> Face:
    """The same face with its lips further apart by a fifth of the mouth's width."""
    landmarks = face.landmarks.copy()
    unit = float(np.linalg.norm(landmarks[61, :2] - landmarks[291, :2]))
    landmarks[LOWER_INNER[1:-1], 1] += 0.2 * unit
    return Face(landmarks, face.pose, face.box, face.score)


def inside_of(face: Face, shape: tuple[int, ...]) -> np.ndarray:
    outline = face.landmarks[[*UPPER_INNER, *LOWER_INNER[-2:0:-1]], :2]
    return cv2.fillPoly(np.zeros(shape[:2], np.uint8), [np.round(outline).astype(np.int32)], 1) > 0


def test_a_tone_is_what_is_between_the_lips(face):
    wide, image = opened(face), portrait().copy()
    image[inside_of(wide, image.shape)] = (40, 50, 90)
    rows = np.flatnonzero(inside_of(wide, image.shape).any(axis=1))
    teeth = inside_of(wide, image.shape)
    teeth[rows[len(rows) // 2] :] = False
    image[teeth] = (150, 160, 170)
    tone = mouth_tone(image, wide)
    assert tone is not None
    skin = skin_colour(FaceFrame.of(wide.landmarks), image)
    np.testing.assert_allclose(tone.black * skin, (40, 50, 90), atol=2)
    np.testing.assert_allclose(tone.white * skin, (150, 160, 170), atol=2)


def test_a_shut_mouth_has_no_tone(face):
    assert FaceFrame.of(face.landmarks).gap < 0.08
    assert mouth_tone(portrait(), face) is None


def test_too_few_mouths_are_not_believed():
    odd = Tone(np.full(3, 0.1, np.float32), np.ones(3, np.float32))
    for few in ([], [odd] * 2):
        np.testing.assert_array_equal(typical_tone(few, USUAL_SHADOW).black, USUAL.black)
    np.testing.assert_array_equal(typical_tone([odd] * 3, USUAL_SHADOW).black, odd.black)


def test_teeth_alone_are_no_black():
    smile = Tone(np.full(3, 0.6, np.float32), np.ones(3, np.float32))
    assert (typical_tone([smile] * 5, USUAL_SHADOW).black < 1.5 * USUAL.black).all()


def test_a_face_with_deep_shadows_is_expected_to_have_a_dark_mouth(face):
    contrasts = [1.0, 0.5, 0.2]
    shadows = [
        face_shadow((portrait() * c + 120 * (1 - c)).astype(np.uint8), face) for c in contrasts
    ]
    assert shadows[0] < shadows[1] < shadows[2]
    blacks = [float(expected_tone(shadow).black.mean()) for shadow in shadows]
    assert blacks[0] < blacks[1] <= blacks[2]
    assert blacks[0] < 0.12


@pytest.mark.parametrize("flat", [0.35, 0.7])
def test_the_inside_of_a_mouth_keeps_the_contrast_of_the_film(face, flat):
    """Of a film with little contrast neither teeth nor the dark behind them stick out."""
    pale = (portrait() * flat + 160 * (1 - flat)).astype(np.uint8)
    skin = skin_colour(FaceFrame.of(face.landmarks), pale)
    tone = Tone(
        np.array((0.2, 0.25, 0.4), np.float32) * flat + (1 - flat),
        np.array((0.9, 0.85, 0.85), np.float32) * flat + (1 - flat),
    )
    draw_over(LowerFace(pale.copy(), face, tone), pale, face, AH)
    seen = FaceFinder().find(pale)[0]
    assert FaceFrame.of(seen.landmarks).gap > 0.08
    inside = pale[inside_of(seen, pale.shape)].mean(axis=1)
    low, high = np.quantile(inside, (0.02, 0.98))
    assert low > (tone.black * skin).mean() - 14
    assert high < (tone.white * skin).mean() + 14


def test_a_grey_film_gets_a_grey_mouth(face):
    grey = cv2.cvtColor(cv2.cvtColor(portrait(), cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    draw_over(LowerFace(grey.copy(), face), grey, face, AH)
    assert np.ptp(grey.astype(int), axis=2).max() <= 10
