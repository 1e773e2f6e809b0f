"""What the lips' opening does to the corners of a mouth is the film's speech and no expression."""

from __future__ import annotations

import numpy as np
import pytest
from tests.known_mouths import known_person

from lipwright.engines.warp.corner_movement import MOST, CornerMovement
from lipwright.engines.warp.mouth_bank import Entry
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.face.face import Face

NARROWER, HIGHER = 0.2, 0.2  # mw for each mw of opening, as this person speaks
GAPS = np.linspace(0.0, 0.3, 30)


def speaking(gap: float, smile: float = 0.0, narrower: float = NARROWER) -> Face:
    """The face that is so far open, as this person opens it."""
    wide, lift = smile - narrower * gap, HIGHER * gap
    return known_person().landmarks(Mouth(jaw=gap, gap=gap, wide=wide, lift=lift))


def opening_of(face: Face) -> float:
    reader = known_person().reader
    return reader.shape(reader.offsets(face)).gap


def learnt(narrower: float = NARROWER) -> CornerMovement:
    person = known_person()
    faces = [speaking(gap, narrower=narrower) for gap in GAPS]
    blank = np.zeros((4, 4, 3), np.uint8)
    shapes = [person.reader.shape(person.reader.offsets(face)) for face in faces]
    entries = [Entry(blank, face, own, (0, 0)) for face, own in zip(faces, shapes, strict=True)]
    return CornerMovement(person.carrying, entries)


def test_speech_is_told_from_an_expression():
    knowing, naive = learnt(), CornerMovement(known_person().carrying)
    for gap in (0.1, 0.25):
        calm, smiling = speaking(gap), speaking(gap, smile=0.1)
        shut = naive.expression(speaking(0.0), 0.0)
        known, taken = (one.expression(calm, opening_of(calm)) for one in (knowing, naive))
        assert abs(known.wide - shut.wide) < 0.25 * abs(taken.wide - shut.wide)
        assert abs(known.lift - shut.lift) < 0.4 * abs(taken.lift - shut.lift)
        smile = knowing.expression(smiling, opening_of(smiling))
        assert smile.wide - known.wide == pytest.approx(0.1, abs=0.03)


def test_without_a_film_nothing_is_taken_for_speech():
    face = speaking(0.2)
    moves = CornerMovement(known_person().carrying)
    assert moves.by_opening.tolist() == [0, 0]
    assert moves.expression(face, 0.2) == moves.expression(face, 0.0)


def test_somebody_who_laughs_keeps_the_smile():
    """Whose mouth is much wider whenever it is open."""
    wide, _ = learnt(narrower=-1.0).by_opening
    assert wide == MOST


def test_lips_that_never_part_teach_nothing():
    person = known_person()
    own = person.reader.shape(person.reader.offsets(person.face))
    entries = [Entry(np.zeros((4, 4, 3), np.uint8), person.face, own, (0.0, 0.0))] * 9
    assert CornerMovement(person.carrying, entries).by_opening == pytest.approx([0, 0])
