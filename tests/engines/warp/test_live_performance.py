"""A face that speaks right now moves as one whose speech is known, a moment later."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from lipwright.articulation import CHANNELS
from lipwright.engines.warp.live_performance import LivePerformance
from lipwright.engines.warp.motion.plan import FORESIGHT, plan_motion
from lipwright.speech import Speech

FPS = 25


def voice(seconds: float) -> np.ndarray:
    """Curves at 50 Hz of somebody who speaks for three seconds in five."""
    times = np.arange(round(seconds * 50)) / 50
    rows = np.zeros((len(times), len(CHANNELS)), np.float32)
    rows[:, 0] = 0.3 * np.sin(2 * np.pi * 2 * times) ** 2 * (times % 5 < 3)
    return rows


def play(performance: LivePerformance, rows: np.ndarray) -> list[float]:
    yaws = []
    for number in range(len(rows) // 2):
        now = rows[2 * number : 2 * number + 2]
        performance.advance(number / FPS, now[0], now)
        yaws.append(performance.at(number).motion.yaw)
    return yaws


def test_the_head_does_what_it_does_when_all_is_known() -> None:
    rows = voice(24)
    yaws = play(LivePerformance("natural", 3), rows)
    plan = plan_motion(rows[:, 0], 50, 3, "natural")
    wanted = [plan.at(number / FPS - FORESIGHT).yaw for number in range(len(yaws))]
    assert np.ptp(wanted) > 1
    np.testing.assert_allclose(yaws, wanted, atol=1e-6)


def test_an_hour_takes_no_more_memory_and_nothing_jumps() -> None:
    performance = LivePerformance("natural", 1)
    rows = voice(10)
    yaws: list[float] = []
    for turn in range(16):
        for number in range(0, 500, 2):
            time = turn * 10 + number / 50
            performance.advance(time, rows[number], rows[number : number + 2])
            yaws.append(performance.at(0).motion.yaw)
    assert np.abs(np.diff(yaws)).max() < 3.0  # degrees in a frame
    assert performance.held < 60 * 50 * 4


def test_it_is_the_features_of_any_speech() -> None:
    performance = LivePerformance("still")
    performance.advance(1.0, np.full(9, 0.1, np.float32), np.zeros((2, 9), np.float32))
    reader = performance.read(Speech(rate=1, duration=9.0), Fraction(25), 0, 0)
    assert reader.at(7).mouth.gap == pytest.approx(0.1)
    assert reader.at(7).motion.yaw == 0
    assert not reader.at(7).followed
