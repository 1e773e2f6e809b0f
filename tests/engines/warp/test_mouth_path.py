"""Lent pictures follow each other steadily."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from tests.known_mouths import known_person

from lipwright.engines.warp import mouth_path
from lipwright.engines.warp.mouth_bank import Chosen, MouthBank
from lipwright.engines.warp.mouth_examples import Example
from lipwright.engines.warp.mouth_path import FADE, HORIZON, Wanted, with_choices
from lipwright.engines.warp.mouth_warp import Mouth

GREY = np.full((8, 8, 3), 90, np.uint8)
FPS = 25.0
STEP = 0.004  # mw from one mouth of the bank to the next
AHEAD = round(HORIZON * FPS) + round(FADE * FPS)


@cache
def bank(count: int = 60) -> MouthBank:
    person = known_person()
    faces = [person.landmarks(opened(STEP * i)) for i in range(count)]
    return MouthBank(person.frame, person.reader, [Example(GREY, face) for face in faces])


def opened(by: float) -> Mouth:
    return Mouth(jaw=by, gap=by)


def wanted(opening: float, shot: int = 0, where: MouthBank | None = None) -> Wanted:
    there = where or bank()
    return Wanted(shot, there, there.candidates(opened(opening), GREY, known_person().face))


def followed(frames: Sequence[Wanted | None]) -> list[Chosen | None]:
    numbers, chosen = zip(*with_choices(enumerate(frames), FPS), strict=True)
    assert list(numbers) == list(range(len(frames)))
    return list(chosen)


def mixtures(chosen: list[Chosen | None]) -> np.ndarray:
    """How much each picture of the bank counts, float64 (frames, pictures)."""
    shares = np.zeros((len(chosen), len(bank().entries)))
    for row, one in zip(shares, chosen, strict=True):
        assert one is not None and sum(one.weights) == pytest.approx(1)
        for entry, weight in zip(one.entries, one.weights, strict=True):
            row[bank().entries.index(entry)] += weight
    return shares


def test_a_trembling_mouth_keeps_its_picture_and_the_nearest_ones_would_not():
    openings = 0.1 + 0.01 * (-1.0) ** np.arange(30)
    nearest = [bank().choose(opened(by), GREY, known_person().face).entries[0] for by in openings]
    assert len({bank().entries.index(entry) for entry in nearest}) > 1
    shares = mixtures(followed([wanted(by) for by in openings]))
    assert shares.max(axis=1) == pytest.approx(np.ones(30))
    assert len(set(shares.argmax(axis=1).tolist())) == 1


def changes_to(shares: np.ndarray) -> np.ndarray:
    """How much of the picture is another one than in the frame before, float64 (frames - 1,)."""
    changes: np.ndarray = np.abs(np.diff(shares, axis=0)).sum(axis=1) / 2
    return changes


def test_an_open_mouth_gets_another_picture_at_once():
    """Two rows of teeth would be seen through each other otherwise."""
    shares = mixtures(followed([wanted(0.1)] * 15 + [wanted(0.24)] * 15))
    before, after = (bank().entries[place].own.gap for place in shares[[0, -1]].argmax(axis=1))
    asked = [wanted(by).candidates.drawn.gap for by in (0.1, 0.24)]
    assert [before, after] == pytest.approx(asked, abs=0.03)
    assert changes_to(shares).sum() == pytest.approx(1)
    assert np.all(shares.max(axis=1) > 0.99)


def test_closed_lips_fade_into_those_of_another_picture():
    def shut(jaw: float) -> Wanted:
        there = bank().candidates(Mouth(jaw=jaw), GREY, known_person().face)
        return Wanted(0, bank(), there)

    shares = mixtures(followed([shut(0.0)] * 15 + [shut(0.3)] * 15))
    assert shares[0].argmax() != shares[-1].argmax()
    changes = changes_to(shares)
    assert changes.sum() == pytest.approx(1)
    assert changes.max() < 0.55


def test_an_open_mouth_that_stands_still_keeps_its_picture_longer(monkeypatch):
    def changes() -> int:
        jaws = np.linspace(0.0, 0.3, 60)
        there = [
            bank().candidates(Mouth(jaw=jaw, gap=0.12), GREY, known_person().face) for jaw in jaws
        ]
        shares = mixtures(followed([Wanted(0, bank(), one) for one in there]))
        return int(np.count_nonzero(np.diff(shares.argmax(axis=1))))

    kept = changes()
    monkeypatch.setattr(mouth_path, "IN_OPEN", 1.0)
    assert kept < changes()


def test_lips_are_as_far_open_as_asked_whatever_is_lent():
    openings = 0.1 + 0.08 * np.sin(np.arange(40))
    frames = [wanted(by) for by in openings]
    for frame, chosen in zip(frames, followed(frames), strict=True):
        assert chosen is not None
        assert chosen.shape.gap == pytest.approx(frame.candidates.drawn.gap, abs=1e-6)


def test_what_is_far_ahead_changes_nothing():
    """So frames come as soon as a few more are known."""
    openings = 0.1 + 0.08 * np.sin(0.7 * np.arange(40))
    known = mixtures(followed([wanted(by) for by in openings[:30]]))
    whole = mixtures(followed([wanted(by) for by in openings]))
    np.testing.assert_allclose(whole[: 30 - AHEAD], known[: 30 - AHEAD])


def test_no_more_frames_than_needed_are_held():
    given = 0

    def frames():
        nonlocal given
        for given in range(1, 30):
            yield given, wanted(0.1)

    for number, _ in with_choices(frames(), FPS):
        assert given - number <= AHEAD


def test_shots_banks_and_gaps_part_paths():
    one, other = wanted(0.02), wanted(0.2, shot=1)
    chosen = followed([one] * 9 + [other] * 9 + [None] * 2 + [one] * 9)
    assert [place for place, each in enumerate(chosen) if each is None] == [18, 19]
    shares = mixtures([each for each in chosen if each is not None])
    assert shares.max(axis=1) == pytest.approx(np.ones(27))
    assert shares[0].argmax() == shares[-1].argmax() != shares[9].argmax()


def test_too_few_mouths_lend_nothing():
    few = bank(3)
    for each in followed([wanted(0.1, where=few)] * 9):
        assert each is not None and each.entries == () and each.foreign == 1
