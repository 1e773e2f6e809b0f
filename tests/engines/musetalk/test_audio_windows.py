"""Which steps of Whisper's states frames hear, against the official tables."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.engines.recipe import parity

from lipwright.core.errors import EngineError
from lipwright.engines.musetalk.audio_windows import (
    STEPS,
    first_step,
    official_count,
    step_count,
)
from lipwright.engines.shared_options import TimingName

VOICE, LONG = 41_120, 31 * 16_000 + 1234  # samples


def table(fps: Fraction, timing: TimingName, samples: int) -> np.ndarray:
    """The steps that each frame of the official table hears; -1 for zeros."""
    steps = step_count(samples)
    starts = [first_step(i, fps, timing) for i in range(official_count(samples, fps))]
    rows = np.add.outer(starts, np.arange(STEPS))
    return np.where((rows >= 0) & (rows < steps), rows, -1)


@pytest.mark.parametrize("fps", ["12", "24", "25", "29.97", "30", "48"])
def test_official_windows_are_the_official_ones(fps):
    official = parity("musetalk_audio")[f"steps_{fps}"]
    np.testing.assert_array_equal(table(Fraction(fps), "official", VOICE), official)


def test_so_are_those_of_long_sounds():
    official = parity("musetalk_audio")["long_steps_25"]
    ours = table(Fraction(25), "official", LONG)
    np.testing.assert_array_equal(ours[740 : 740 + len(official)], official)


@pytest.mark.parametrize("timing", ["exact", "official"])
def test_at_25_frames_per_second_both_are_the_same(timing):
    official = parity("musetalk_audio")["steps_25"]
    np.testing.assert_array_equal(table(Fraction(25), timing, VOICE), official)


@pytest.mark.parametrize("fps", ["1/2", "10", "24", "30000/1001", "50", "59.94", "240"])
def test_exact_windows_stand_around_their_frames_at_any_rate(fps):
    rate = Fraction(fps)
    for number in range(0, 500, 7):
        start = first_step(number, rate)
        assert 0 <= number / rate - Fraction(start + 4, 50) < Fraction(1, 50)


@pytest.mark.parametrize("fps", ["50", "60", "1/2"])
def test_where_the_official_program_stops_a_sentence_says_so(fps):
    with pytest.raises(EngineError, match="choose the timing exact"):
        first_step(0, Fraction(fps), "official")
