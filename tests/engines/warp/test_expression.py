"""A smile in a film outlasts the film's own speech."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.drawing import dubbed
from tests.videos import portrait, track_whole

from lipwright.engines.warp import WarpEngine
from lipwright.engines.warp.expression import (
    LEAST,
    Expression,
    Observation,
    with_expressions,
)
from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.mouth_closing import close_mouth
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.renderer import Renderer
from lipwright.face import FaceFinder
from lipwright.face.tracker import TrackedFrame
from lipwright.speech.speech import Speech

FPS = Fraction(25)
CALM, SMILING = 20, 30  # frames


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.fixture(scope="module")
def smile(finder) -> list[TrackedFrame]:
    """Hopper talks calmly, then smiling."""
    landmarks = finder.find(portrait())[0].landmarks - np.array([0.5, 0.5, 0], np.float32)
    renderer = Renderer(close_mouth(portrait(), landmarks))
    pictures = []
    for i in range(CALM + SMILING):
        amount = np.clip((i - CALM) / 10, 0, 1)
        gap = 0.1 * np.sin(0.9 * i) ** 2
        mouth = Mouth(jaw=gap, gap=gap, wide=0.22 * amount, lift=0.1 * amount)
        pictures.append(renderer.render(mouth, MotionState()).copy())
    return track_whole(finder, pictures)


def corners(finder: FaceFinder, picture: np.ndarray) -> tuple[float, float]:
    """How far apart they are, and how far below the eyes, in distances of the eyes."""
    points = finder.find(picture)[0].landmarks[:, :2]
    eyes = points[[33, 263]]
    unit = float(np.linalg.norm(eyes[0] - eyes[1]))
    left, right = points[61], points[291]
    below = float(points[[61, 291], 1].mean() - eyes[:, 1].mean())
    return float(np.linalg.norm(left - right)) / unit, below / unit


def test_a_smile_stays_while_the_mouth_is_shut(smile, finder):
    rest = Speech.from_samples(np.zeros(len(smile) * 640, np.float32), 16000, [])
    images = list(dubbed(WarpEngine(), smile, rest, FPS, smile[:CALM:4]))
    width, below = np.mean([corners(finder, image) for image in images[-15:]], axis=0)
    calm_width, calm_below = np.mean([corners(finder, image) for image in images[:10]], axis=0)
    own_width, own_below = np.mean([corners(finder, f.image) for f in smile[-15:]], axis=0)
    assert width - calm_width > 0.5 * (own_width - calm_width) > 0.03
    assert calm_below - below > 0.4 * (calm_below - own_below) > 0.01
    gaps = [FaceFrame.of(finder.find(image)[0].landmarks).gap for image in images]
    assert max(gaps) < 0.03


def observed(wide: float, lift: float = 0.0) -> Observation:
    """Corners of the mouth, and landmarks that are all as far to the right."""
    return Observation(Expression(wide, lift), np.full((45, 2), [wide, 0.0]))


def test_speech_is_no_expression():
    """Corners that go to and fro several times a second count as still."""
    seen = [observed(0.12 * (-1.0) ** (i // 3)) for i in range(75)]
    slow = [one for _, one in with_expressions(((i, (0, e)) for i, e in enumerate(seen)), 25)]
    assert len(slow) == 75
    for one in slow[15:60]:
        assert one is not None and one.expression.on(Mouth()) == Mouth()


@pytest.mark.parametrize("rate", [1.6, 2.0, 3.0, 5.0])  # Hz: of syllables and words
def test_little_of_what_speech_does_to_the_corners_passes(rate):
    seen = [observed(0.1 * np.sin(2 * np.pi * rate * i / 25)) for i in range(100)]
    slow = [one for _, one in with_expressions(((i, (0, e)) for i, e in enumerate(seen)), 25)]
    assert max(abs(one.expression.wide) for one in slow[30:85] if one) < 0.03 * 0.1


def test_tremble_is_taken_out_of_landmarks_and_speech_is_not():
    def taken(places: list[float]) -> list[float]:
        film = ((i, (0, observed(place))) for i, place in enumerate(places))
        return [float(one.offsets[0, 0]) for _, one in with_expressions(film, 25) if one]

    to_and_fro = np.array([(-1.0) ** i for i in range(9)])
    left = (17 - 2 * 12 - 2 * 3) / 35  # of what goes to and fro with each frame
    assert abs(left) < 0.4
    assert taken((0.1 * to_and_fro).tolist())[2:-2] == pytest.approx(0.1 * left * to_and_fro[2:-2])
    first, *_, last = taken([0.0, 0.3, 0.3, 0.3, 0.0])
    assert [first, last] == pytest.approx([0.05, 0.05])  # by a line through three frames
    tremble = 0.1 * np.random.default_rng(0).standard_normal(300)
    assert np.std(taken(tremble.tolist())[5:-5]) < 0.75 * np.std(tremble)
    syllables = 0.1 * np.sin(2 * np.pi * 3.0 * np.arange(50) / 25)
    assert taken(syllables.tolist())[5:-5] == pytest.approx(syllables[5:-5], abs=0.004)
    assert taken([0.01 * i for i in range(9)]) == pytest.approx([0.01 * i for i in range(9)])


def test_shots_and_gaps_part_what_is_averaged():
    one, other = observed(0.0), observed(0.2, 0.1)
    film = [(0, one)] * 9 + [(1, other)] * 9 + [(1, None)] * 2 + [(1, one)] * 9
    seen = list(with_expressions(enumerate(film), 25))
    assert [number for number, _ in seen] == list(range(len(film)))
    expected = [0.0] * 9 + [0.2] * 9 + [None] * 2 + [0.0] * 9
    assert [one and one.expression.wide for _, one in seen] == pytest.approx(expected)
    assert [one and float(one.offsets[7, 0]) for _, one in seen] == pytest.approx(expected)


@pytest.mark.parametrize("count", [0, 1, 4, 7, 30])
def test_films_of_any_length_come_through(count):
    film = [(0, observed(float(i))) for i in range(count)]
    seen = list(with_expressions(enumerate(film), 25))
    assert [number for number, _ in seen] == list(range(count))
    assert all(one and 0 <= one.expression.wide <= count for _, one in seen)
    there = [one.offsets for _, one in seen if one]
    assert len(there) == count  # what moves evenly comes out as it is, up to both ends
    assert all(rows[:, 0] == pytest.approx(number, abs=1e-5) for number, rows in enumerate(there))
    assert all((rows[:, 1] == 0).all() and rows.max() <= count for rows in there)


def test_small_differences_are_left_alone():
    assert Expression(0.9 * LEAST, -0.9 * LEAST).on(Mouth(gap=0.1)) == Mouth(gap=0.1)
    assert Expression(0.2, 0.0).on(Mouth()).wide == pytest.approx(0.2 - LEAST)


def test_a_wry_mouth_stays_wry():
    wry = Expression(0.0, 0.0, tilt=-0.2, shift=0.1).on(Mouth(gap=0.1))
    assert (wry.tilt, wry.shift) == pytest.approx((LEAST - 0.2, 0.1 - LEAST))
