"""What is looked up of irises and brows is what the formula gives at each place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.portraits import NAMES, load

from lipwright.core.rect import Rect
from lipwright.engines.warp.eye_shape import LEFT_EYE, RIGHT_EYE, EyeShape
from lipwright.engines.warp.eye_weights import (
    BROW_RISE,
    BROW_SPREAD,
    MOST_SQUEEZED,
    brow_weight,
    iris_weight,
)
from lipwright.engines.warp.eyes import Eyes
from lipwright.engines.warp.face_frame import smoothstep
from lipwright.engines.warp.motion.state import MotionState


@pytest.fixture(scope="module", params=NAMES)
def name(request) -> str:
    return request.param


@pytest.fixture(scope="module", params=[LEFT_EYE, RIGHT_EYE], ids=["left", "right"])
def shape(name, request) -> EyeShape:
    return EyeShape(load(name)[1].landmarks, request.param)


@pytest.fixture(scope="module")
def whole(name) -> Rect:
    return Rect.whole(load(name)[0])


def grid(rect: Rect, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """The px of a rectangle, and how far beside whole px they are."""
    x, y = np.meshgrid(np.arange(rect.x0, rect.x1), np.arange(rect.y0, rect.y1))
    return (x + shift).astype(np.float32), (y + shift).astype(np.float32)


def iris_directly(shape: EyeShape, px_x: np.ndarray, px_y: np.ndarray) -> np.ndarray:
    x, y = shape.locate(px_x, px_y)
    at = shape.columns(x)
    weight = smoothstep(
        2.2, 1.2, np.hypot(x - shape.iris[0], y - shape.iris[1]) / shape.iris_radius
    )
    return weight * smoothstep(-0.005, 0.03, y - at.upper) * smoothstep(0.0, 0.03, at.lower - y)


def brow_directly(shape: EyeShape, px_x: np.ndarray, px_y: np.ndarray) -> np.ndarray:
    """As far as the skin below allows it, as `squeezed` checks."""
    return brow_share(shape) * brow_formula(shape, px_x, px_y)


def brow_share(shape: EyeShape) -> float:
    steepest = squeezed(shape, brow_formula(shape, *grid(brow_weight(shape).rect)))
    return min(1.0, MOST_SQUEEZED / steepest)


def squeezed(shape: EyeShape, weight: np.ndarray) -> float:
    """The largest share of its height that skin loses under a brow raised as far as it goes."""
    rise = BROW_RISE * shape.width * weight
    by_row, by_column = np.gradient(rise)
    return float(-(by_row * shape.down[1] + by_column * shape.down[0]).min())


def brow_formula(shape: EyeShape, px_x: np.ndarray, px_y: np.ndarray) -> np.ndarray:
    x, y = shape.locate(px_x, px_y)
    brow, lid = shape.columns(x).brow, shape.open_top - 0.03
    rise = np.exp(-(((y - brow) / BROW_SPREAD) ** 2))
    rise = np.minimum(rise, smoothstep(lid, np.minimum(brow, lid - 0.17), y))
    rise = rise * smoothstep(0.92, 0.45, np.abs(x))
    return rise * smoothstep(shape.brow_middle - 0.6, shape.brow_middle - 0.4, y)


@pytest.mark.parametrize(
    ("weight", "directly"), [(iris_weight, iris_directly), (brow_weight, brow_directly)]
)
def test_it_is_the_formula_everywhere(shape, whole, weight, directly):
    placed = weight(shape)
    x, y = grid(whole)
    wanted = directly(shape, x, y)
    assert wanted.max() > 0.7
    inside = np.zeros(wanted.shape, bool)
    inside[placed.rect.clipped(whole).slices] = True
    found = placed.at(x, y)
    assert np.abs(found - wanted)[inside].max() < 1e-5
    assert not found[~inside].any()
    beside, below = shape.locate(x, y)
    window = (np.abs(beside) < 0.92) & (below < shape.open_bottom)  # the most that is looked up
    window &= below > (shape.open_top if weight is iris_weight else shape.brow_middle - 0.6)
    if weight is brow_weight:
        window &= below < shape.open_top
    assert wanted[window & ~inside].max(initial=0) < 1e-3


@pytest.mark.parametrize("lower", [0.0, 0.15, 0.3])
def test_skin_below_a_rising_brow_does_not_fold(name, lower):
    """However low it lies above the eye, even as in paintings of long ago."""
    landmarks = load(name)[1].landmarks.copy()
    width = EyeShape(landmarks, LEFT_EYE).width
    landmarks[LEFT_EYE["brow"] + LEFT_EYE["brow_top"], 1] += lower * width
    shape = EyeShape(landmarks, LEFT_EYE)
    weight = brow_weight(shape).values
    assert squeezed(shape, weight) < 1.01 * MOST_SQUEEZED
    assert weight.max() > 0.25


@pytest.mark.parametrize(
    ("weight", "directly"), [(iris_weight, iris_directly), (brow_weight, brow_directly)]
)
def test_between_px_it_is_nearly_the_formula(shape, weight, directly):
    """A lid's edge is narrower than a px of these pictures."""
    placed = weight(shape)
    x, y = grid(placed.rect, 0.4)
    off = np.abs(placed.at(x, y) - directly(shape, x, y))[:-1, :-1]
    assert off.mean() < 0.05 and np.median(off) < 0.01


def test_weights_go_on_beyond_the_pictures_edge(name):
    """An eye that the edge cuts off moves as far as it is seen."""
    image, face = load(name)
    top = int(face.landmarks[[33, 263], 1].max()) + 5
    landmarks = face.landmarks - np.array([0, top, 0], np.float32)
    low = np.ascontiguousarray(image[top:])
    eyes = Eyes(low, replace(face, landmarks=landmarks))
    whole = Rect.whole(low)
    for state in (MotionState(gaze_y=-0.05), MotionState(brow=1.0)):
        moved, still = grid(whole), grid(whole)
        eyes.warp(*moved, (0, 0), state)
        assert np.isfinite(moved).all()
        assert np.abs(moved[1] - still[1]).max() < 0.2 * eyes.shapes[0].width


def test_nothing_is_looked_up_nowhere(shape):
    nowhere = np.zeros((0, 4), np.float32)
    assert iris_weight(shape).at(nowhere, nowhere).shape == (0, 4)


def test_eyes_move_by_it(name, whole):
    image, face = load(name)
    eyes = Eyes(image, face)
    for state, directly in (
        (MotionState(gaze_x=0.06, gaze_y=-0.02), iris_directly),
        (MotionState(brow=0.8), brow_directly),
    ):
        moved, still = grid(whole), grid(whole)
        assert eyes.warp(*moved, (0, 0), state) == []
        for axis in (0, 1):
            wanted = np.zeros(still[0].shape)
            for shape in eyes.shapes:
                share = directly(shape, *still)
                inner = share * (shape.locate(*still)[1] < shape.open_bottom + 0.1)
                turned = -state.gaze_x * shape.right - state.gaze_y * shape.down
                risen = BROW_RISE * eyes.brow_range * state.brow * shape.down
                wanted += inner * shape.width * (turned + risen)[axis]
            off = np.abs(moved[axis] - still[axis] - wanted)
            # what moves the brows is worked out on every fourth px
            limit = 1e-4 if state.brow == 0 else 0.3 * eyes.shapes[0].width * BROW_RISE
            assert off.max() < limit
