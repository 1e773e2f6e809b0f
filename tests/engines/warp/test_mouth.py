"""The warp engine's mouth: what must hold for every face and every moment."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.helpers import astronaut_path, hopper_path, read_picture

from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.mouth_closing import CLOSED_GAP, close_mouth
from lipwright.engines.warp.mouth_warp import DisplacementLayer, Mouth, MouthField, face_envelope
from lipwright.engines.warp.renderer import Renderer
from lipwright.face import find_faces

STILL = MotionState()
AH = Mouth(jaw=0.2, gap=0.24, raise_=0.04, drop=0.01)
OO = Mouth(jaw=0.05, gap=0.06, round=0.2, raise_=0.02)
SEEN_BESIDE = {0.45: 0.81, 0.6: 0.55, 0.75: 0.36, 0.9: 0.20, 1.05: 0.06, 1.2: -0.05}
"""How far skin goes down at mouth coordinates beside the middle of a chin, for 1 there (medians of
14 speakers of GRID, 0.6 mouth widths below their lips)."""
SEEN_BELOW = {0.1: 0.97, 0.2: 0.84, 0.3: 0.58, 0.4: 0.3, 0.5: 0.17, 0.6: 0.0, 0.8: 0.0}
"""The same by mouth widths below the chin."""
EE = Mouth(jaw=0.05, gap=0.08, spread=0.05, raise_=0.03, drop=0.02)


def landmarks_of(image: np.ndarray) -> np.ndarray:
    points = find_faces(image)[0].landmarks.copy()
    points[:, :2] -= 0.5
    return points


@pytest.fixture(scope="module")
def hopper() -> np.ndarray:
    return cv2.resize(read_picture(hopper_path()), (512, 600), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def astronaut(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    return read_picture(astronaut_path(tmp_path_factory.mktemp("portrait")))


@pytest.fixture(scope="module")
def hopper_renderer(hopper: np.ndarray) -> Renderer:
    return Renderer(close_mouth(hopper, landmarks_of(hopper)))


def tracked_gap(image: np.ndarray) -> float:
    return FaceFrame.of(landmarks_of(image)).gap


@pytest.mark.parametrize("jaw", [0.0, 0.1, 0.3])
def test_lips_touch_whatever_the_jaw_does(hopper: np.ndarray, jaw: float) -> None:
    upper, lower = MouthField(FaceFrame.of(landmarks_of(hopper))).lips(Mouth(jaw=jaw))
    assert np.abs(upper - lower).max() < 1e-5


def downward(frame: FaceFrame, across: np.ndarray, below: np.ndarray) -> np.ndarray:
    """How far an open mouth moves skin down, (n,) mw; across: mouth coordinate; below: mw."""
    x = frame.x(across)[None]
    y = (frame.slit.at(x) + below).astype(np.float32)
    layer = DisplacementLayer(frame, x, y, face_envelope(frame, x, y), upper=False)
    return layer(AH)[0, :, 1]


@pytest.mark.parametrize("side", [-1, 1])
def test_skin_beside_a_chin_goes_down_as_that_of_speakers(hopper: np.ndarray, side: int) -> None:
    frame = FaceFrame.of(landmarks_of(hopper))
    across = np.array([0.0, *(side * u for u in SEEN_BESIDE)])
    moved = downward(frame, across, np.full(len(across), 0.6))
    assert moved[1:] / moved[0] == pytest.approx(list(SEEN_BESIDE.values()), abs=0.1)


def test_skin_below_a_chin_stays_as_that_of_speakers(hopper: np.ndarray) -> None:
    frame = FaceFrame.of(landmarks_of(hopper))
    below = frame.chin + np.array([0.0, *SEEN_BELOW])
    moved = downward(frame, np.zeros(len(below)), below)
    assert moved[1:] / moved[0] == pytest.approx(list(SEEN_BELOW.values()), abs=0.1)


@pytest.mark.parametrize("mouth", [AH, OO, EE])
def test_opening_is_gap_plus_drop_in_the_middle_and_zero_at_the_corners(
    hopper: np.ndarray, mouth: Mouth
) -> None:
    upper, lower = MouthField(FaceFrame.of(landmarks_of(hopper))).lips(mouth)
    opening = lower[:, 1] - upper[:, 1]
    assert opening.max() == pytest.approx(mouth.gap + mouth.drop, rel=0.03)
    assert opening[[0, -1]] == pytest.approx([0, 0], abs=2e-3)
    assert (opening >= -1e-6).all()


def test_a_resting_closed_mouth_is_the_photograph(
    hopper: np.ndarray, hopper_renderer: Renderer
) -> None:
    frame = hopper_renderer.render(Mouth(), STILL)
    assert cv2.PSNR(frame, hopper) > 45


def test_pixels_outside_the_moving_region_are_the_sources_own(
    hopper: np.ndarray, hopper_renderer: Renderer
) -> None:
    frame = hopper_renderer.render(AH, STILL).copy()
    rows, columns = hopper_renderer.region.slices
    frame[rows, columns] = hopper[rows, columns]
    assert np.array_equal(frame, hopper)


def test_the_tracker_sees_the_mouth_that_was_asked_for(hopper_renderer: Renderer) -> None:
    assert tracked_gap(hopper_renderer.render(AH, STILL)) > 0.12
    assert tracked_gap(hopper_renderer.render(Mouth(jaw=0.02, press=1.0), STILL)) < 0.02


def test_rounding_narrows_and_spreading_widens(hopper_renderer: Renderer) -> None:
    def width(mouth: Mouth) -> float:
        points = landmarks_of(hopper_renderer.render(mouth, STILL))
        mouth_width = np.linalg.norm(points[61, :2] - points[291, :2])
        return float(mouth_width / np.linalg.norm(points[33, :2] - points[263, :2]))

    rest = width(Mouth())
    assert width(OO) < 0.93 * rest
    assert width(EE) > 1.01 * rest


def test_same_moment_same_pixels(hopper: np.ndarray, hopper_renderer: Renderer) -> None:
    first = hopper_renderer.render(EE, STILL).copy()
    hopper_renderer.render(AH, STILL)
    assert np.array_equal(first, hopper_renderer.render(EE, STILL))
    again = Renderer(close_mouth(hopper, landmarks_of(hopper)))
    assert np.array_equal(first, again.render(EE, STILL))


def test_a_smile_closes_and_keeps_its_teeth(astronaut: np.ndarray) -> None:
    before = landmarks_of(astronaut)
    assert FaceFrame.of(before).gap > 0.1
    portrait = close_mouth(astronaut, before)
    assert portrait.teeth is not None
    assert abs(portrait.frame.slit.y).max() < 0.3
    renderer = Renderer(portrait)
    shut = renderer.render(Mouth(press=0.8), STILL).copy()
    assert tracked_gap(shut) < 0.035
    opened = renderer.render(AH, STILL)
    assert tracked_gap(opened) > 0.12
    # the teeth shown are the photograph's: bright, nearly without colour
    x, y = np.round(
        portrait.frame.centre + portrait.frame.unit * 0.06 * portrait.frame.down
    ).astype(int)
    assert opened[y, x].min() > 120


def test_a_closed_mouth_is_left_alone(hopper: np.ndarray) -> None:
    points = landmarks_of(hopper)
    assert FaceFrame.of(points).gap < CLOSED_GAP
    portrait = close_mouth(hopper, points)
    assert portrait.image is hopper
    assert portrait.contact is None


@pytest.mark.parametrize(
    "mouth", [AH, OO, EE, Mouth(press=1.0), Mouth(gap=0.05, raise_=0.05, tuck=1)]
)
def test_a_grey_photograph_stays_grey(hopper: np.ndarray, mouth: Mouth) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(hopper, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    frame = Renderer(close_mouth(grey, landmarks_of(grey))).render(mouth, STILL)
    assert np.ptp(frame.astype(int), axis=-1).max() <= 2


@pytest.mark.parametrize("angle", [-30, 25])
def test_a_tilted_head_opens_along_its_own_axis(hopper: np.ndarray, angle: int) -> None:
    height, width = hopper.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 0.8)
    tilted = cv2.warpAffine(hopper, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    renderer = Renderer(close_mouth(tilted, landmarks_of(tilted)))
    assert tracked_gap(renderer.render(AH, STILL)) > 0.12


def test_a_face_at_the_edge_of_the_picture(hopper: np.ndarray) -> None:
    points = landmarks_of(hopper)
    left = int(points[:, 0].min()) + 20
    bottom = int(points[:, 1].max()) - 10
    cut = np.ascontiguousarray(hopper[:bottom, left:])
    points[:, 0] -= left
    frame = Renderer(close_mouth(cut, points)).render(AH, STILL)
    assert frame.shape == cut.shape


def test_the_line_between_closed_lips_is_no_outline_of_opened_ones(hopper: np.ndarray) -> None:
    """A dark line along which the lips met is not seen along their edges when they part."""
    points = landmarks_of(hopper)
    frame = FaceFrame.of(points)
    x = np.linspace(frame.slit.x[0], frame.slit.x[-1], 60)
    line = frame.to_px(np.stack([x, frame.slit.at(x) + 0.02], -1))
    dark = np.zeros(hopper.shape[:2], np.uint8)
    cv2.polylines(dark, [np.round(line).astype(np.int32)], False, 255, 1, cv2.LINE_AA)
    lined = (hopper * (1 - 0.55 * dark[..., None] / 255)).astype(np.uint8)
    wide = Mouth(jaw=0.25, gap=0.28, raise_=0.04)
    lower = MouthField(frame).lips(wide)[1]

    def along(image: np.ndarray, beyond: float) -> np.ndarray:
        across = frame.x(np.linspace(-0.2, 0.2, 21))
        edge = np.interp(across, lower[:, 0], lower[:, 1]) + beyond
        px = frame.to_px(np.stack([across, edge], -1)).astype(np.float32)
        return cv2.remap(image, px[None, :, 0], px[None, :, 1], cv2.INTER_LINEAR).mean(-1)[0]

    plain, drawn = (Renderer(close_mouth(p, points)).render(wide, STILL) for p in (hopper, lined))
    ratios = [
        np.median(along(drawn, beyond) / along(plain, beyond))
        for beyond in np.linspace(0.015, 0.05, 8)
    ]
    assert min(ratios) > 0.73
