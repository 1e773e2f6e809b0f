"""Which frames of a video are looked at beforehand for the mouths in them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from lipwright.media.video.frame_sampling import (
    FEWEST_MOUTHS,
    MOST_MOUTHS,
    MOUTHS_PER_SECOND,
    RUN,
    runs_of,
)

HOUR = 90_000  # frames at 25 per second


def numbers_of(runs: list[range]) -> list[int]:
    return [number for run in runs for number in run]


@pytest.mark.parametrize("fps", [12.5, 25.0, 60.0])
@pytest.mark.parametrize("count", [1, 2, 13, 250, 2000, 5000, 20_000, HOUR])
@pytest.mark.parametrize("apart", [1, 7, 50, 250, 10**6])
def test_frames_are_looked_at_in_order_and_once(count, fps, apart):
    numbers = numbers_of(runs_of(count, fps, list(range(0, count, apart))))
    assert numbers and all(one < other for one, other in pairwise(numbers))
    assert numbers[0] >= 0 and numbers[-1] < count
    usual = max(FEWEST_MOUTHS, round(MOUTHS_PER_SECOND * count / fps))
    assert len(numbers) <= min(MOST_MOUTHS, usual)


def test_of_a_short_video_all_is_seen():
    (run,) = runs_of(75, 25.0, [0, 50])
    assert run == range(0, 75, 2)
    (run,) = runs_of(3000, 25.0, [])
    assert run.start == 0 and run.step <= 8 and run[-1] >= 3000 - run.step
    assert runs_of(1, 25.0, [0]) == [range(1)]
    assert runs_of(10, 5.0, [0]) == [range(10)]  # each frame, where there are few


def test_of_a_long_video_runs_begin_at_key_frames_all_over_it():
    keys = list(range(0, HOUR, 50))
    runs = runs_of(HOUR, 25.0, keys)
    assert {run[0] for run in runs} <= set(keys)
    begins = [run[0] for run in runs]
    assert begins[0] == 0 and HOUR - begins[-1] < 100
    assert np.diff(begins).max() < 1.2 * HOUR / len(runs)
    assert len(numbers_of(runs)) == MOST_MOUTHS == RUN * len(runs)
    assert {run.step for run in runs} == {2}


def test_with_few_key_frames_runs_are_longer():
    """And no more is decoded than with many."""
    for keys in ([], [0], list(range(0, HOUR, 9000))):
        runs = runs_of(HOUR, 25.0, keys)
        assert [run[0] for run in runs] == (keys or [0])
        assert len(numbers_of(runs)) == MOST_MOUTHS
        assert sum(run[-1] + 1 - run[0] for run in runs) <= 2 * MOST_MOUTHS


def test_key_frames_that_are_close_to_each_other_part_their_runs():
    keys = [0, 50, 55, *range(4000, HOUR, 50)]
    runs = runs_of(HOUR, 25.0, keys)
    assert all(one[-1] < other[0] for one, other in pairwise(runs))


def test_key_frames_at_the_very_end_do_not_reach_beyond_it():
    runs = runs_of(HOUR, 25.0, [*range(0, HOUR, 100), HOUR - 1])
    assert runs[-1][-1] < HOUR
