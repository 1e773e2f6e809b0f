"""A person's own teeth: found where they are seen, kept, and given on to those painted beside."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.helpers import astronaut_path, hopper_path, read_picture

from lipwright.engines.warp.face_frame import LOWER_INNER, UPPER_INNER, FaceFrame
from lipwright.engines.warp.face_look import skin_colour
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.mouth_closing import CLOSED_GAP, close_mouth
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.renderer import Renderer
from lipwright.engines.warp.teeth_finder import find_teeth
from lipwright.face import find_faces

EE = Mouth(jaw=0.07, gap=0.11, spread=0.05, raise_=0.05, drop=0.04)


def landmarks_of(image: np.ndarray) -> np.ndarray:
    points = find_faces(image)[0].landmarks.copy()
    points[:, :2] -= 0.5
    return points


def shut(landmarks: np.ndarray) -> np.ndarray:
    """The same landmarks, wrong as they often are for smiles: the lips meet under the upper one."""
    points = landmarks.copy()
    upper, lower = points[UPPER_INNER, :2], points[LOWER_INNER, :2]
    meeting = upper + 0.25 * (lower - upper)
    points[UPPER_INNER, :2] = points[LOWER_INNER, :2] = meeting
    return points


def between_lips(frame: FaceFrame, image: np.ndarray, place: float) -> np.ndarray:
    """Colours along the middle of the mouth, `place` mw below the line where lips part."""
    x = np.linspace(-0.15, 0.15, 31)
    y = frame.slit.at(x) + place
    columns, rows = np.round(frame.to_px(np.stack([x, y], -1))).astype(int).T
    colours: np.ndarray = image[rows, columns].astype(float)
    return colours


@pytest.fixture(scope="module")
def smile(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    return read_picture(astronaut_path(tmp_path_factory.mktemp("portrait")))


@pytest.fixture(scope="module")
def hopper() -> np.ndarray:
    return cv2.resize(read_picture(hopper_path()), (512, 600), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("grey", [False, True])
def test_teeth_are_found_where_the_landmarks_have_the_lips_closed(
    smile: np.ndarray, grey: bool
) -> None:
    image = smile
    if grey:  # on old film lips are darker than a mean of the channels has them
        image = cv2.cvtColor(smile[..., 1], cv2.COLOR_GRAY2BGR)
    true = landmarks_of(smile)
    wrong = shut(true)
    assert FaceFrame.of(wrong).gap < CLOSED_GAP
    seen = find_teeth(FaceFrame.of(wrong), image)
    assert seen.any
    # the lips' inner borders stand where those of the true landmarks do
    middle = slice(60, 101)
    expected = FaceFrame.of(true).gap
    found = (seen.borders.inner_low - seen.borders.inner_up)[middle].mean()
    assert found == pytest.approx(expected, rel=0.45)
    portrait = close_mouth(image, wrong)
    assert portrait.teeth is not None
    assert portrait.teeth.plate is not None


def test_no_tooth_stays_on_a_closed_lip(smile: np.ndarray) -> None:
    wrong = shut(landmarks_of(smile))
    skin = skin_colour(FaceFrame.of(wrong), smile)
    portrait = close_mouth(smile, wrong)
    assert portrait.teeth is not None
    closed = Renderer(portrait).render(Mouth(press=0.5), MotionState())
    for place in (-0.04, 0.0, 0.04, 0.08):
        colours = between_lips(portrait.frame, closed, place)
        # nothing along the lips is as bright, and as little red, as teeth
        red = colours[:, 2] / colours[:, :2].mean(1)
        pale = (colours.mean(1) > 0.8 * skin.mean()) & (red < 1.15)
        assert pale.mean() < 0.1, place


def test_a_shining_lower_lip_is_no_tooth(hopper: np.ndarray) -> None:
    points = landmarks_of(hopper)
    frame = FaceFrame.of(points)
    shining = hopper.astype(np.float32)
    spot = np.zeros(hopper.shape[:2], np.float32)
    centre = frame.to_px(np.array([0.12, float(frame.slit.at(0.12)) + 0.6 * frame.lower_lip]))
    axes = int(0.14 * frame.unit), int(0.45 * frame.lower_lip * frame.unit)
    cv2.ellipse(spot, tuple(int(v) for v in centre), axes, 0, 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(spot, (0, 0), 0.02 * frame.unit)
    shining += np.asarray(soft)[..., None] * 0.6 * (235 - shining)
    seen = find_teeth(frame, shining.clip(0, 255).astype(np.uint8))
    assert not seen.any
    assert not seen.parted


def test_painted_teeth_take_the_colour_of_the_own_ones(smile: np.ndarray) -> None:
    """Yellower teeth in the photograph, yellower teeth beside and below them."""
    points = landmarks_of(smile)
    seen = find_teeth(FaceFrame.of(points), smile)
    frame = FaceFrame.of(points)
    y, x = np.indices(smile.shape[:2])
    place = frame.to_face(np.stack([x, y], -1).astype(float))
    inside = (place[..., 1] > np.interp(place[..., 0], seen.borders.x, seen.borders.inner_up)) & (
        place[..., 1] < np.interp(place[..., 0], seen.borders.x, seen.borders.inner_low)
    )
    inside &= (place[..., 0] > seen.borders.x[0]) & (place[..., 0] < seen.borders.x[-1])
    yellow = smile.copy()
    yellow[inside] = (yellow[inside] * [0.86, 0.97, 1.0]).astype(np.uint8)
    colours = []
    for image in (smile, yellow):
        portrait = close_mouth(image, points)
        assert portrait.teeth is not None
        colours.append(portrait.teeth.enamel)
        opened = Renderer(portrait).render(EE, MotionState())
        shown = between_lips(portrait.frame, opened, 0.01).mean(0)
        np.testing.assert_allclose(shown / shown[2], colours[-1] / colours[-1][2], atol=0.12)
    assert colours[1][0] < 0.92 * colours[0][0]


def test_lips_that_the_picture_has_closed_stay_as_they_are(hopper: np.ndarray) -> None:
    points = landmarks_of(hopper)
    assert not find_teeth(FaceFrame.of(points), hopper).parted
    assert close_mouth(hopper, points).image is hopper
