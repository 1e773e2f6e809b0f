"""Grain of frames: what there is of it, and what drawn mouths get."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.drawing import draw_over
from tests.videos import portrait

from lipwright.engines.warp.grain import SPREADS, Grain, middle_of, texture_of
from lipwright.engines.warp.lower_face import LowerFace
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.face import FaceFinder
from lipwright.face.face import Face

STRONG = 8.0  # grey levels


def smooth() -> np.ndarray:
    """The portrait, a photograph with grain of its own, without it."""
    return cv2.GaussianBlur(portrait(), (0, 0), 2.0)


@pytest.fixture(scope="module")
def face() -> Face:
    return FaceFinder().find(portrait())[0]


def noise(size: tuple[int, int], spread: float = 0.0, seed: int = 0) -> np.ndarray:
    """Of a standard deviation of 1, the same in all colours, float32 (h, w, 1)."""
    values: np.ndarray = np.random.default_rng(seed).standard_normal(size, np.float32)
    if spread:
        values = cv2.GaussianBlur(values, (0, 0), spread)
    return (values / values.std())[..., None]


def with_noise(
    image: np.ndarray, strength: np.ndarray | float, spread: float = 0.0, seed: int = 0
) -> np.ndarray:
    added = image + strength * noise(image.shape[:2], spread, seed)
    return np.clip(np.round(added), 0, 255).astype(np.uint8)


def band_powers(picture: np.ndarray) -> list[float]:
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    near, far = (cv2.GaussianBlur(grey, (0, 0), spread) for spread in SPREADS)
    return [float(band.var()) for band in (grey - near, near - far)]


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_the_grain_of_a_face_is_measured(face, spread):
    grain = Grain.of(with_noise(smooth(), STRONG, spread=spread), face)
    assert grain is not None
    flat = with_noise(np.full_like(portrait(), 128), STRONG, spread=spread)
    assert grain.power == pytest.approx(band_powers(flat), rel=0.35)


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_a_clean_frame_has_none(face, strength):
    assert Grain.of(with_noise(smooth(), strength), face) is None


def test_texture_that_moves_with_the_head_is_none():
    """As in a film that is made of one photograph."""
    face, *_ = FaceFinder().find(portrait())
    one, other = portrait(), np.roll(portrait(), (2, 3), (0, 1))
    grain = Grain.of(one, face)
    assert grain is not None
    part = middle_of(face, one).slices
    assert grain.besides(texture_of(with_noise(one, 2)[part], other[part])) is None
    one, other = (with_noise(smooth(), STRONG, seed=seed)[part] for seed in (1, 2))
    assert grain.besides(texture_of(one, other)) == grain


def test_grain_is_as_uneven_as_in_the_frame(face):
    light = cv2.cvtColor(smooth(), cv2.COLOR_BGR2GRAY)[..., None] / 255
    grain = Grain.of(with_noise(smooth(), 2 + 14 * light), face)
    assert grain is not None
    assert grain.tones[200] > 2 * grain.tones[40]


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_what_was_smoothed_gets_as_much_grain_as_the_rest(face, spread):
    grain = Grain.of(with_noise(smooth(), STRONG, spread=spread), face)
    assert grain is not None
    before = with_noise(np.full((600, 200, 3), 128, np.uint8), STRONG, spread=spread)
    pixels = before.copy()
    pixels[100:200] = cv2.GaussianBlur(before, (0, 0), 0.6)[100:200]
    pixels[200:300] = 128
    grain._replace(tones=np.ones(256, np.float32)).complete(
        pixels, before, np.zeros(before.shape[:2], np.float32)
    )
    for part in (pixels[105:195], pixels[205:295]):
        assert band_powers(part) == pytest.approx(band_powers(before), rel=0.4)
    np.testing.assert_array_equal(pixels[:100], before[:100])
    np.testing.assert_array_equal(pixels[300:], before[300:])


def test_each_frame_has_its_own_and_always_the_same(face):
    flat = np.full((100, 100, 3), 128, np.uint8)
    before = with_noise(flat, STRONG, seed=3)
    added = []
    for seed in (1, 1, 2):
        pixels = flat.copy()
        grain = Grain.of(with_noise(smooth(), STRONG, seed=seed), face)
        assert grain is not None
        grain.complete(pixels, before, np.ones((100, 100), np.float32))
        added.append(pixels.astype(float).ravel())
    np.testing.assert_array_equal(added[0], added[1])
    assert abs(np.corrcoef(added[0], added[2])[0, 1]) < 0.1


def test_a_drawn_mouth_in_a_grainy_film_is_as_grainy_as_its_frame(face):
    """Not as smooth as what was resampled, and not with the grain of the frame that lends."""
    template = with_noise(smooth(), STRONG, seed=1)
    lower_face = LowerFace(template, face)
    drawn = []
    for seed in (2, 3):
        image = with_noise(smooth(), STRONG, seed=seed)
        draw_over(lower_face, image, face, Mouth(jaw=0.12, gap=0.15))
        drawn.append(image)
    lips = face.landmarks[[61, 291, 0, 17], :2].astype(int)
    (x0, y0), (x1, y1) = lips.min(axis=0), lips.max(axis=0)
    one, other = (picture[y0:y1, x0:x1].astype(np.float32).mean(axis=2) for picture in drawn)
    fine = (one - other) - cv2.GaussianBlur(one - other, (0, 0), SPREADS[0])
    flat = with_noise(np.full_like(template, 128), STRONG)
    assert fine.var() == pytest.approx(2 * band_powers(flat)[0], rel=0.35)
