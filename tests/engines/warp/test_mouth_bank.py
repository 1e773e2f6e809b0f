"""Mouths of a film are chosen by what they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from tests.known_mouths import known_person

from lipwright.engines.warp.mouth_bank import FOREIGN, PICTURES, POSE, SHAPES, Chosen, MouthBank
from lipwright.engines.warp.mouth_examples import Example
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.wanted_shape import WantedShape
from lipwright.face.face import Face

PICTURE = np.zeros((8, 8, 3), np.uint8)
STEP = 0.02
OPENINGS = np.arange(0, 0.31, STEP)
WIDTHS = (-0.08, 0.0, 0.08)


def opened(by: float, wide: float = 0.0) -> Mouth:
    return Mouth(jaw=by, gap=by, wide=wide)


def turned(face: Face, yaw: float) -> Face:
    return replace(face, pose=(yaw, 0.0, 0.0))


def bank_of(faces: list[Face]) -> MouthBank:
    person = known_person()
    return MouthBank(person.frame, person.reader, [Example(PICTURE, face) for face in faces])


@cache
def bank() -> MouthBank:
    """Mouths that differ in how open and how wide they are."""
    person = known_person()
    return bank_of([person.landmarks(opened(*how)) for how in product(OPENINGS, WIDTHS)])


def choose(mouth: Mouth, where: MouthBank | None = None, yaw: float = 0.0) -> Chosen:
    return (where or bank()).choose(mouth, turned(known_person().face, yaw))


def as_seen(opening: float) -> float:
    """What a tracker sees of an opening that a mouth is drawn with."""
    person = known_person()
    return WantedShape(person.frame, person.reader).shape(opened(opening)).gap


def mixture(chosen: Chosen) -> np.ndarray:
    """How much each mouth of the bank counts, and the drawn one, float64 (n + 1,)."""
    shares = np.zeros(len(bank().entries) + 1)
    for entry, weight in zip(chosen.entries, chosen.weights, strict=True):
        shares[bank().entries.index(entry)] += (1 - chosen.foreign) * weight
    shares[-1] = chosen.foreign
    return shares


@pytest.mark.parametrize("opening", [0.0, 0.06, 0.15, 0.27])
@pytest.mark.parametrize("wide", WIDTHS)
def test_the_nearest_mouths_are_chosen(opening, wide):
    chosen = choose(opened(opening, wide))
    assert chosen.foreign == 0
    assert len(chosen.entries) == PICTURES and sum(chosen.weights) == pytest.approx(1)
    for entry, weight in zip(chosen.entries, chosen.weights, strict=True):
        if weight > 0.01:
            assert entry.own.gap == pytest.approx(as_seen(opening), abs=1.5 * STEP)
            assert entry.own.mouth.wide == pytest.approx(chosen.shape.mouth.wide, abs=0.05)


def test_a_mouth_that_the_bank_has_counts_most():
    for entry in bank().entries[6::9]:
        chosen = choose(entry.own.mouth)
        nearest = min(
            bank().entries, key=lambda one: np.abs(one.own.curves - chosen.shape.curves).mean()
        )
        assert nearest in chosen.entries


def test_the_shape_has_the_wanted_opening_and_the_person_s_own_form():
    chosen = choose(opened(0.13))
    person = known_person()
    wanted = WantedShape(person.frame, person.reader).shape(opened(0.13))
    assert chosen.shape.gap == pytest.approx(wanted.gap, abs=1e-6)
    assert chosen.shape.mouth.jaw == pytest.approx(0.13)
    corners, asked = (shape.curves[0, [0, -1]] for shape in (chosen.shape, wanted))
    np.testing.assert_allclose(corners[:, 0], asked[:, 0], atol=1e-6)
    assert corners[:, 1].mean() == pytest.approx(asked[:, 1].mean())


def test_lips_that_shall_be_shut_are_shut():
    assert choose(Mouth()).shape.gaps.max() < 1e-6


def opening_slowly(moment: float) -> Mouth:
    return opened(0.3 * moment, 0.05 * np.sin(9 * moment))


def widening_slowly(moment: float) -> Mouth:
    return opened(0.1, 0.25 * moment - 0.1)


def leaving_the_bank(moment: float) -> Mouth:
    return opened(0.2 + 0.4 * moment)


@pytest.mark.parametrize("path", [opening_slowly, widening_slowly, leaving_the_bank])
def test_nothing_jumps_while_the_wanted_mouth_moves_slowly(path: Callable[[float], Mouth]):
    """Wherever the mixture changes most, it changes little when that is looked at closely."""

    def looked_at(moments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How much mixture and shape change from each of the moments to the next."""
        chosen = [choose(path(moment)) for moment in moments]
        shares = np.abs(np.diff([mixture(one) for one in chosen], axis=0)).sum(axis=1)
        curves = np.abs(np.diff([one.shape.curves for one in chosen], axis=0)).max(axis=(1, 2, 3))
        return shares, curves

    for which in (0, 1):
        moments = np.linspace(0, 1, 201)
        for _ in range(5):
            changes = looked_at(moments)[which]
            steepest = int(changes.argmax())
            moments = np.linspace(moments[steepest], moments[steepest + 1], 11)
        assert changes.max() < 0.02


@pytest.mark.parametrize("count", [0, 1, SHAPES])
def test_of_too_few_mouths_none_is_chosen(count):
    person = known_person()
    small = bank_of([person.landmarks(opened(0.02 * i)) for i in range(count)])
    chosen = choose(opened(0.04), small)
    assert chosen.entries == () and chosen.weights == () and chosen.foreign == 1
    wanted = WantedShape(person.frame, person.reader).shape(opened(0.04))
    np.testing.assert_array_equal(chosen.shape.curves, wanted.curves)


def test_a_bank_that_is_just_large_enough_is_used():
    person = known_person()
    small = bank_of([person.landmarks(opened(0.02 * i)) for i in range(SHAPES + 1)])
    assert choose(opened(0.04), small).foreign == 0


def test_mouths_that_are_all_the_same_are_one_mouth():
    person = known_person()
    same = bank_of([person.landmarks(opened(0.1))] * 20)
    chosen = choose(opened(0.1), same)
    assert chosen.foreign == 0 and sum(chosen.weights) == pytest.approx(1)


def test_what_is_far_from_all_mouths_is_drawn():
    person = known_person()
    shut = bank_of([person.landmarks(opened(0.002 * i)) for i in range(20)])
    assert choose(Mouth(), shut).foreign == 0
    assert choose(opened(0.3), shut).foreign == 1
    foreign = [choose(opened(by), shut).foreign for by in np.arange(0, 0.3, 0.01)]
    assert np.all(np.diff(foreign) >= 0)
    wanted = WantedShape(person.frame, person.reader).shape(opened(0.3))
    np.testing.assert_allclose(choose(opened(0.3), shut).shape.curves, wanted.curves)
    assert FOREIGN[0] < FOREIGN[1]


def test_of_like_mouths_those_with_a_like_pose_are_chosen():
    person = known_person()
    faces = [
        turned(person.landmarks(opened(by)), yaw)
        for by in np.arange(0, 0.2, 0.02)
        for yaw in (-30.0, 0.0, 30.0)
    ]
    for yaw in (-30.0, 0.0, 30.0):
        chosen = choose(opened(0.1), bank_of(faces), yaw)
        assert {entry.face.pose[0] for entry in chosen.entries} == {yaw}


def test_a_pose_makes_no_mouth_foreign():
    """It is still the person's own, however the head is turned."""
    person = known_person()
    faces = [turned(person.landmarks(opened(by)), 40.0) for by in np.arange(0, 0.2, 0.02)]
    assert POSE * 40 > FOREIGN[0]
    assert choose(opened(0.1), bank_of(faces)).foreign == 0


def test_wry_mouths_are_taken_for_straight_ones():
    person = known_person()
    straight = person.landmarks(opened(0.1))
    (one,), (other,) = (
        bank_of([face]).entries for face in (straight, person.wry(straight, 0.1, 0.05))
    )
    assert np.subtract(other.wry, one.wry)[1] == pytest.approx(0.05, abs=1e-3)
    assert np.abs(other.own.curves - one.own.curves).max() < 0.01
