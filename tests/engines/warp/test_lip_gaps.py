"""How far lips are apart, and how far a face tracker sees them apart."""

from __future__ import annotations

import numpy as np
import pytest
from tests.known_mouths import known_person

from lipwright.engines.warp.lip_gaps import MIDDLE, UNSEEN, gaps_of, unseen, with_gaps
from lipwright.engines.warp.mouth_warp import Mouth

PROFILE = np.sin(np.linspace(0, np.pi, 11))


def of_middle(opening: float) -> float:
    """The opening in the middle that is seen as so much."""
    profile = PROFILE / PROFILE[MIDDLE].mean()
    return float(unseen(opening * profile)[MIDDLE].mean())


@pytest.mark.parametrize("opening", [0.0, 0.002, 0.004, 0.13, 0.2, 0.4])
def test_shut_lips_and_open_ones_are_seen_as_they_are(opening):
    assert of_middle(opening) == pytest.approx(opening)


@pytest.mark.parametrize(
    ("there", "seen"), [(0.035, 0.011), (0.053, 0.026), (0.072, 0.051), (0.09, 0.079)]
)
def test_lips_that_hardly_part_are_further_apart_than_they_seem(there, seen):
    assert of_middle(seen) == pytest.approx(there, abs=0.02)
    assert there > seen + 0.01 > seen


def test_of_two_openings_the_one_that_seems_wider_is():
    seen = np.linspace(0, 0.2, 201)
    there = np.array([of_middle(opening) for opening in seen])
    steps = np.diff(there)
    assert steps.min() > 0
    assert steps.max() < 3.5 * np.diff(seen).max()
    assert (there - seen).max() == pytest.approx(UNSEEN, rel=0.02)


def test_a_wider_opening_has_the_same_form():
    there = unseen(0.05 * PROFILE)
    np.testing.assert_allclose(there / there.max(), PROFILE, atol=1e-9)


def test_a_mouth_that_is_read_is_further_open_than_its_landmarks():
    """So the mouth that is reshaped into another one is the one that is there."""
    person = known_person()
    offsets = person.reader.offsets(person.landmarks(Mouth(jaw=0.05, gap=0.05)))
    seen = person.frame.points[:, 1][[13, 14]] + offsets[[16, 27], 1]
    read = person.reader.shape(offsets)
    assert read.gap > np.diff(seen)[0] + 0.01


def test_lips_are_so_far_apart_as_they_shall_be():
    curves = known_person().seen(Mouth(jaw=0.1, gap=0.1)).curves
    gaps = np.linspace(0, 0.2, curves.shape[1])
    moved = with_gaps(curves, gaps)
    np.testing.assert_allclose(gaps_of(moved), gaps)
    np.testing.assert_array_equal(moved[..., 0], curves[..., 0])
    # the red of either lip moves as a whole, the lower one further
    np.testing.assert_allclose(np.diff(moved[:2, :, 1], axis=0), np.diff(curves[:2, :, 1], axis=0))
    np.testing.assert_allclose(np.diff(moved[2:, :, 1], axis=0), np.diff(curves[2:, :, 1], axis=0))
    up, down = np.abs(moved - curves)[1:3, :, 1]
    assert np.all(down >= 2 * up)
