"""The measures on curves whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.evaluation import metrics, mouth_metrics
from lipwright.evaluation.metrics import Closures
from lipwright.evaluation.results import MEASURE
from lipwright.speech.speech import Phone

FPS = 25.0
SPAN = (15, 84)


def wobble(count: int = 100, seed: int = 0) -> np.ndarray:
    """A smooth curve between 0 and about 0.4 that never repeats."""
    generator = np.random.default_rng(seed)
    rough = np.convolve(generator.standard_normal(count + 8), np.hanning(9)[1:-1], "same")[4:-4]
    return np.abs(rough) / np.abs(rough).max() * 0.4


@given(st.integers(-10, 10), st.integers(0, 50))
@settings(max_examples=40, deadline=None)
def test_a_shifted_curve_has_that_offset(lag, seed):
    long = wobble(140, seed)
    real, ours = long[20:120], long[20 - lag : 120 - lag]
    assert metrics.find_offset(real, ours, SPAN) == lag


def test_a_mouth_that_does_not_move_has_no_offset_and_no_correlation():
    real = wobble()
    noise = 0.001 * np.random.default_rng(1).standard_normal(100)
    assert math.isnan(metrics.find_offset(real, noise, SPAN))
    assert metrics.correlation(real, noise) == 0.0
    assert metrics.correlation(noise, real) == 0.0


@given(st.floats(0.2, 5), st.floats(-1, 1))
def test_correlation_does_not_mind_size_and_place(scale, shift):
    real = wobble()
    assert metrics.correlation(real, scale * real + shift) == pytest.approx(1, abs=1e-6)
    assert metrics.correlation(real, shift - scale * real) == pytest.approx(-1, abs=1e-6)


@given(st.floats(0.05, 8))
def test_a_scaled_curve_has_that_articulation_ratio(scale):
    real = wobble()
    assert metrics.articulation_ratio(real, scale * real, SPAN) == pytest.approx(scale)


def gap_of(*closed: tuple[int, int], count: int = 100) -> np.ndarray:
    """Open lips but for these stretches, ends included."""
    gap = np.full(count, 0.2)
    for first, last in closed:
        gap[first : last + 1] = 0.0
    return gap


@pytest.mark.parametrize(
    ("ours", "hit", "made", "right"),
    [
        (gap_of((30, 31), (50, 52), (70, 70)), 3, 3, 3),  # the same
        (gap_of((29, 30), (51, 53), (71, 71)), 3, 3, 3),  # a frame early, a frame late
        (gap_of((32, 33), (50, 52), (72, 72)), 2, 3, 2),  # half of the first, none of the last
        (gap_of((50, 52)), 1, 1, 1),
        (gap_of((30, 31), (40, 41), (50, 52), (60, 60), (70, 70)), 3, 5, 3),  # two too many
        (gap_of(), 0, 0, 0),
        (gap_of((0, 99)), 0, 0, 0),  # lips that are simply shut hit nothing
        (gap_of((28, 74)), 0, 1, 0),  # nor do lips shut for long
        (gap_of((30, 30), (32, 32), (50, 50), (70, 70)), 3, 4, 3),  # one closure counts once
    ],
)
def test_closures_are_matched_one_to_one_and_in_time(ours, hit, made, right):
    real = gap_of((30, 31), (50, 52), (70, 70))
    assert metrics.match_closures(real, ours, SPAN) == Closures(3, hit, made, right)


def test_rest_at_the_ends_of_speech_is_no_closure_but_may_be_matched():
    real = gap_of((0, 17), (50, 51), (80, 99))
    assert metrics.match_closures(real, real, SPAN) == Closures(1, 1, 1, 1)
    late = gap_of((15, 18), (50, 51))  # still resting in ours when the real mouth has opened
    assert metrics.match_closures(real, late, SPAN) == Closures(1, 1, 1, 1)
    begins = gap_of((16, 17), (50, 51))
    assert metrics.match_closures(real, begins, SPAN) == Closures(1, 1, 2, 2)


@pytest.mark.parametrize(
    ("ours", "tolerance", "hit", "made", "right"),
    [
        (gap_of((30, 31), (50, 52), (70, 70)), 0, 3, 3, 3),  # the same
        (gap_of((32, 33), (50, 52), (71, 71)), 1, 3, 3, 3),  # each a frame late
        (gap_of((32, 33), (50, 52), (71, 71)), 0, 1, 3, 1),
        (gap_of((33, 33), (48, 48), (73, 73)), 1, 0, 3, 0),  # two, two and three frames off
        (gap_of((33, 33), (48, 48), (73, 73)), 2, 2, 3, 2),
        (gap_of((30, 30), (32, 32), (40, 41)), 1, 1, 3, 2),  # two for one, and one too many
        (gap_of(), 2, 0, 0, 0),
        (gap_of((0, 99)), 1, 3, 0, 0),  # lips that are shut hit all, but claim nothing
    ],
)
def test_closures_as_events_are_hit_within_a_tolerance(ours, tolerance, hit, made, right):
    real = gap_of((30, 31), (50, 52), (70, 70))
    assert metrics.closure_events(real, ours, SPAN, tolerance) == Closures(3, hit, made, right)
    mirrored = metrics.closure_events(ours, real, SPAN, tolerance)
    assert (mirrored.real, mirrored.hit, mirrored.ours, mirrored.right) == (made, right, 3, hit)


def test_events_at_the_ends_of_speech_are_not_counted_but_hit():
    real = gap_of((0, 17), (50, 51), (80, 99))
    assert metrics.closure_events(real, real, SPAN, 1) == Closures(1, 1, 1, 1)
    assert metrics.closure_events(real, gap_of((16, 17), (50, 51)), SPAN, 1) == Closures(1, 1, 2, 2)
    early = metrics.closure_events(gap_of((16, 16)), gap_of((14, 14)), SPAN, 2)
    assert early == Closures(1, 1, 0, 0)  # closed before speech, and near enough


@given(st.lists(st.booleans(), min_size=100, max_size=100))
@settings(max_examples=50, deadline=None)
def test_a_mouth_always_agrees_with_itself(closed):
    gap = np.where(closed, 0.0, 0.2)
    found = metrics.match_closures(gap, gap, SPAN)
    assert found.real == found.hit == found.ours == found.right


def test_bilabials_and_open_vowels():
    phones = [
        Phone(0.4, 0.48, "m"),
        Phone(0.48, 0.8, "ɑ"),
        Phone(0.8, 0.88, "b"),
        Phone(0.9, 1.2, "a"),
        Phone(1.3, 1.4, "s"),
    ]
    gap = gap_of((10, 11), (22, 23), count=50)
    assert metrics.bilabials_closed(gap, FPS, phones) == (2, 2)
    assert metrics.vowels_open(gap, FPS, phones) == (2, 2)
    assert metrics.bilabials_closed(np.zeros(50), FPS, phones) == (2, 2)
    assert metrics.vowels_open(np.zeros(50), FPS, phones) == (0, 2)  # shut lips fail here
    assert metrics.bilabials_closed(gap_of((13, 13), count=50), FPS, phones) == (1, 2)
    assert metrics.bilabials_closed(gap_of((14, 14), count=50), FPS, phones) == (0, 2)
    assert metrics.vowels_open(np.zeros(0), FPS, []) == (0, 0)


def test_movement_in_silence():
    gap = np.zeros(100)
    silent = np.zeros(100, bool)
    silent[60:80] = True
    gap[70:] = 0.05  # one step in twenty silent frames
    assert metrics.silence_movement(gap, silent, FPS) == pytest.approx(1 / 20)
    gap[70:] = 0.009  # within the tracker's noise
    assert metrics.silence_movement(gap, silent, FPS) == 0
    assert math.isnan(metrics.silence_movement(gap, np.zeros(100, bool), FPS))
    slow = np.linspace(0, 0.6, 100)  # the same speed at twice the frames counts the same
    assert metrics.moving(slow[::2], 25).mean() > 0.9 and not metrics.moving(slow, 25).any()
    assert metrics.moving(slow, 50).mean() > 0.9


def test_movement_agreement():
    real = wobble()
    real[:30] = real[70:] = 0
    assert metrics.movement_agreement(real, real, FPS) == 1
    assert metrics.movement_agreement(real, np.zeros(100), FPS) == pytest.approx(0)
    assert metrics.movement_agreement(real, np.roll(real, 50), FPS) < 0.2


def face_film(gap: np.ndarray, width: float = 60.0) -> np.ndarray:
    """Landmarks of a plain face whose lower lip is `gap` mouth widths below the upper one."""
    generator = np.random.default_rng(5)
    still = np.zeros((478, 3), np.float32)
    still[:, :2] = generator.uniform(0, 200, (478, 2))
    places = {
        33: (40, 60), 133: (80, 60), 362: (120, 60), 263: (160, 60), 168: (100, 60),
        6: (100, 70), 197: (100, 80), 195: (100, 90), 5: (100, 100), 13: (100, 150),
        14: (100, 150), 61: (100 - width / 2, 150), 291: (100 + width / 2, 150), 152: (100, 200),
    }  # fmt: skip
    for index, (x, y) in places.items():
        still[index, :2] = x, y
    film = np.repeat(still[None], len(gap), axis=0)
    film[:, 14, 1] += gap.astype(np.float32) * width
    return film


def turned(film: np.ndarray, seed: int = 0) -> np.ndarray:
    """The same film with the head moved, turned in the picture and scaled, anew in each frame."""
    generator = np.random.default_rng(seed)
    moved = np.empty_like(film)
    for index, points in enumerate(film):
        angle = generator.uniform(-0.2, 0.2)
        cosine, sine = np.cos(angle), np.sin(angle)
        turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
        moved[index] = generator.uniform(0.8, 1.2) * points @ turn + generator.uniform(-40, 40, 3)
    return moved


def test_the_mouth_is_measured_whatever_the_head_does():
    gap = wobble()
    found = mouth_metrics.measure_mouth(turned(face_film(gap)))
    np.testing.assert_allclose(found[:, 0], gap, atol=2e-3)
    np.testing.assert_allclose(found[:, 1:], 0, atol=2e-3)


def test_lmd_counts_the_mouth_and_not_the_head():
    real = face_film(wobble())
    assert metrics.landmark_distance(real, turned(real), SPAN) < 1e-4
    moved = real.copy()
    moved[:, metrics.LIP_POINTS, 0] += 12.0  # a tenth of the outer-eye distance
    assert metrics.landmark_distance(real, moved, SPAN) == pytest.approx(0.1, rel=0.01)


def test_jitter_is_what_is_faster_than_speech():
    times = np.arange(100) / FPS
    film = face_film(0.2 + 0.1 * np.sin(2 * np.pi * 4 * times))
    calm = metrics.jitter(film, FPS)
    trembling = film.copy()
    shake = 2.4 * np.sin(2 * np.pi * 10 * times)  # px: 2 % of the eye distance
    trembling[:, metrics.LIP_POINTS, 0] += shake[:, None].astype(np.float32)
    assert calm < 1e-3
    assert metrics.jitter(trembling, FPS) == pytest.approx(0.02 / math.sqrt(2), rel=0.05)
    assert math.isnan(metrics.jitter(film, 15.0))


def test_errors_of_ratios_are_the_same_both_ways():
    ratio = MEASURE["articulation_ratio"]
    assert ratio.error(1) == 0
    assert ratio.error(2) == ratio.error(0.5) == 1
    assert ratio.error(0) == ratio.error(1e9) == 4
    assert MEASURE["offset"].error(float("nan")) == math.inf
