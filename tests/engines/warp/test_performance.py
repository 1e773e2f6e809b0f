"""What mouth and head do in a frame, while the speech goes on and its beginning is let go."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import inf

import numpy as np
import pytest

from lipwright.articulation.curves import CHANNELS, Articulation
from lipwright.articulation.streaming import KEPT, REACH, PartialCurves
from lipwright.engines.warp.motion.plan import FORESIGHT, HINDSIGHT
from lipwright.engines.warp.performance import PerformanceReader

RATE, FPS, SECONDS = 50, Fraction(25), 200
STEP = 1.0


@pytest.fixture(scope="module")
def curves() -> np.ndarray:
    random = np.random.default_rng(3)
    rows = np.zeros((SECONDS * RATE + 1, len(CHANNELS)), np.float32)
    rows[:, :2] = np.abs(np.cumsum(random.normal(0, 0.05, (len(rows), 2)), axis=0)) % 0.4
    rows[np.arange(len(rows)) % 190 < 30] = 0
    return rows


def whole(curves: np.ndarray) -> Iterator[PartialCurves]:
    yield PartialCurves(Articulation(RATE, curves), inf, SECONDS)


def growing(curves: np.ndarray) -> Iterator[PartialCurves]:
    """A second more at a time, the last `KEPT` seconds of it."""
    for seconds in np.arange(STEP, SECONDS, STEP):
        stop = int(seconds * RATE)
        first = max(0, stop - int(KEPT * RATE))
        lips = Articulation(RATE, curves[first:stop], first)
        yield PartialCurves(lips, (stop - 1) / RATE, seconds + 0.9)
    first = len(curves) - int(KEPT * RATE)
    yield PartialCurves(Articulation(RATE, curves[first:], first), inf, SECONDS)


@pytest.mark.parametrize("motion", ["still", "lively"])
def test_every_frame_is_that_of_the_whole(curves, motion):
    reader = PerformanceReader(lambda: growing(curves), FPS, 5, motion)
    expected = PerformanceReader(lambda: whole(curves), FPS, 5, motion)
    for number in range(0, SECONDS * 25, 3):
        found, wanted = reader.at(number), expected.at(number)
        assert found.mouth == wanted.mouth and found.time == wanted.time
        assert vars(found.motion) == pytest.approx(vars(wanted.motion), abs=1e-9)


def test_who_goes_far_back_is_given_the_same(curves):
    opened = []

    def stages() -> Iterator[PartialCurves]:
        opened.append(True)
        return growing(curves)

    reader = PerformanceReader(stages, FPS, 5, "lively")
    early = reader.at(250)
    reader.at(SECONDS * 25 - 1)
    assert len(opened) == 1
    again = reader.at(250)
    assert len(opened) == 2
    assert again.mouth == early.mouth and vars(again.motion) == vars(early.motion)


def test_a_still_head_need_not_know_what_follows(curves):
    taken = []

    def stages() -> Iterator[PartialCurves]:
        for stage in growing(curves):
            taken.append(stage)
            yield stage

    for motion, behind in (("still", 0.0), ("natural", FORESIGHT)):
        taken.clear()
        PerformanceReader(stages, FPS, 5, motion).at(250)
        assert 10 + behind < taken[-1].stable_until <= 10 + behind + 2 * STEP


def test_enough_is_kept_for_what_the_head_does():
    assert KEPT > HINDSIGHT + FORESIGHT + REACH + 10


def test_a_moment_says_whether_the_next_is_known(curves):
    taken = []

    def stages() -> Iterator[PartialCurves]:
        for stage in growing(curves):
            taken.append(stage)
            yield stage

    reader = PerformanceReader(stages, FPS, 5, "lively")
    seen = set()
    for number in range(400):
        followed, known = reader.at(number).followed, len(taken)
        reader.at(number + 1)
        assert followed == (len(taken) == known)
        seen.add(followed)
    assert seen == {True, False}
    last = SECONDS * 25 - 1
    assert PerformanceReader(lambda: whole(curves), FPS, 5, "lively").at(last).followed
