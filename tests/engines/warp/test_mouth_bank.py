"""Mouths of a film are chosen by what they do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import product

import cv2
import numpy as np
import pytest
from tests.known_mouths import known_person
from tests.videos import portrait

from lipwright.engines.warp.mouth_bank import FOREIGN, POSE, SHAPES, Chosen, MouthBank
from lipwright.engines.warp.mouth_examples import Example
from lipwright.engines.warp.mouth_path import CHANGE
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.wanted_shape import WantedShape
from lipwright.face.face import Face

GREY = np.full((8, 8, 3), 90, np.uint8)
STEP = 0.02
OPENINGS = np.arange(0, 0.31, STEP)
WIDTHS = (-0.08, 0.0, 0.08)


def opened(by: float, wide: float = 0.0) -> Mouth:
    return Mouth(jaw=by, gap=by, wide=wide)


def turned(face: Face, yaw: float) -> Face:
    return replace(face, pose=(yaw, 0.0, 0.0))


def bank_of(faces: list[Face], pictures: Sequence[np.ndarray] | None = None) -> MouthBank:
    """Mouths, all in one picture unless others are given."""
    person, given = known_person(), pictures or [GREY] * len(faces)
    examples = [Example(*one) for one in zip(given, faces, strict=True)]
    return MouthBank(person.frame, person.reader, examples)


@cache
def bank() -> MouthBank:
    """Mouths that differ in how open and how wide they are."""
    person = known_person()
    return bank_of([person.landmarks(opened(*how)) for how in product(OPENINGS, WIDTHS)])


def choose(mouth: Mouth, where: MouthBank | None = None, yaw: float = 0.0) -> Chosen:
    return (where or bank()).choose(mouth, GREY, turned(known_person().face, yaw))


def as_seen(opening: float) -> float:
    """What a tracker sees of an opening that a mouth is drawn with."""
    person = known_person()
    return WantedShape(person.frame, person.reader).shape(opened(opening)).gap


@pytest.mark.parametrize("opening", [0.0, 0.06, 0.15, 0.27])
@pytest.mark.parametrize("wide", WIDTHS)
def test_the_nearest_mouths_are_chosen(opening, wide):
    chosen = choose(opened(opening, wide))
    assert chosen.foreign == 0
    assert chosen.weights == pytest.approx((1.0,))
    assert chosen.entries[0].own.gap == pytest.approx(as_seen(opening), abs=1.5 * STEP)
    assert chosen.entries[0].own.mouth.wide == pytest.approx(chosen.shape.mouth.wide, abs=0.05)


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
def test_no_shape_jumps_while_the_wanted_mouth_moves_slowly(path: Callable[[float], Mouth]):
    """Wherever the shape changes most, it changes little when that is looked at closely."""
    moments = np.linspace(0, 1, 201)
    for _ in range(5):
        curves = [choose(path(moment)).shape.curves for moment in moments]
        changes = np.abs(np.diff(curves, axis=0)).max(axis=(1, 2, 3))
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


def lit(share: float) -> np.ndarray:
    """The portrait with so much light."""
    return np.round(portrait() * share).astype(np.uint8)


def test_of_like_mouths_one_in_like_light_is_chosen():
    face = known_person().landmarks(opened(0.1))
    pictures = [lit(share) for share in np.linspace(0.4, 1, 12)]
    mixed = bank_of([face] * 12, pictures)
    for place in (0, 5, 11):
        (entry,) = mixed.choose(opened(0.1), pictures[place], face).entries
        assert entry is mixed.entries[place]


def test_lips_in_fast_movement_are_not_lent_where_others_are_like_them():
    face, still = known_person().landmarks(Mouth()), known_person().picture(Mouth())
    blur = 0.05 * known_person().frame.unit
    pictures = [cv2.GaussianBlur(still, (0, 0), blur), *[still] * 11]
    there = bank_of([face] * 12, pictures).candidates(Mouth(), still, face)
    assert there.costs[0] > there.costs[1:].max() + CHANGE
