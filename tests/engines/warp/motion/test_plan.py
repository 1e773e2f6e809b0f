"""Idle motion is seeded, bounded, smooth, starts at rest and blinks like people do."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from lipwright.core.validation import MOTIONS
from lipwright.engines.warp.idle_motion import BLINK_SHAPE, LIMITS, plan_idle
from lipwright.engines.warp.motion.state import MotionState

FPS = 25


def syllables(seconds: float, rate: float = 100) -> np.ndarray:
    """Loudness of three syllables a second, with a pause of half a second every 4 s."""
    times = np.arange(round(seconds * rate)) / rate
    loud = np.clip(np.sin(2 * np.pi * 3 * times), 0, None)
    loud *= 0.6 + 0.4 * np.sin(2 * np.pi * 0.43 * times)
    return np.where(times % 4 < 3.5, loud, 0).astype(np.float32)


def states(plan, seconds: float, fps: float = FPS) -> np.ndarray:
    rows = [plan.at(frame / fps) for frame in range(round(seconds * fps))]
    return np.array([[s.yaw, s.pitch, s.roll, s.blink, s.gaze_x, s.gaze_y, s.brow] for s in rows])


def blink_starts(plan, seconds: float) -> list[float]:
    closures = states(plan, seconds, 100)[:, 3]
    return [frame / 100 for frame in np.flatnonzero((closures[1:] > 0) & (closures[:-1] == 0))]


def test_still_is_still():
    plan = plan_idle(syllables(5), 100, 5, seed=1, motion="still")
    assert all(plan.at(time) == MotionState() for time in np.linspace(0, 5, 99))


def test_unknown_motion():
    with pytest.raises(ValueError, match="wild"):
        plan_idle(None, 100, 5, seed=1, motion="wild")
    assert MOTIONS == ("still", "subtle", "lively")


@pytest.mark.parametrize("energy", [None, syllables(60)])
@pytest.mark.parametrize(("motion", "gain"), [("subtle", 1), ("lively", 2)])
def test_bounds_and_smoothness(energy, motion, gain):
    for seed in range(4):
        values = states(plan_idle(energy, 100, 60, seed, motion), 60)
        assert np.isfinite(values).all()
        for axis, limit in enumerate(LIMITS):
            reached = np.abs(values[:, axis]).max()
            assert 0.4 * gain * limit < reached <= gain * limit
        assert np.abs(np.diff(values[:, :3], axis=0)).max() < 0.3 * gain  # degrees a frame
        assert values[:, 3].min() == 0 and values[:, 3].max() <= 1
        assert np.abs(values[:, 4]).max() < 0.06 and np.abs(values[:, 5]).max() < 0.03
        assert 0 <= values[:, 6].min() and values[:, 6].max() <= 1


def test_starts_at_rest():
    for seed in range(20):
        plan = plan_idle(syllables(3), 100, 3, seed, "lively")
        assert plan.at(0) == MotionState()
        soon = plan.at(0.04)
        assert abs(soon.yaw) + abs(soon.pitch) + abs(soon.roll) + soon.brow < 0.05
        assert soon.blink == 0


def test_same_seed_same_motion_whatever_the_order():
    forward = plan_idle(syllables(90), 100, 90, 7, "subtle")
    backward = plan_idle(syllables(90), 100, 90, 7, "subtle")
    times = np.linspace(0, 90, 300)
    late_first = {time: backward.at(time) for time in reversed(times)}
    assert all(forward.at(time) == late_first[time] for time in times)
    other = plan_idle(syllables(90), 100, 90, 8, "subtle")
    assert any(forward.at(time) != other.at(time) for time in times)


def test_does_not_depend_on_the_frame_rate():
    plan = plan_idle(None, 100, 10, 3, "subtle")
    coarse, fine = states(plan, 10, 25), states(plan, 10, 50)
    assert np.array_equal(coarse, fine[::2])


def test_blinks_come_like_peoples():
    starts, gaps = [], []
    for seed in range(6):
        found = blink_starts(plan_idle(None, 100, 120, seed, "subtle"), 120)
        starts += found[:1]
        gaps += [later - earlier for earlier, later in pairwise(found)]
    assert min(starts) >= 0.6
    assert min(gaps) > 0.8 and max(gaps) < 16
    assert 2.5 < np.mean(gaps) < 4.5
    assert np.std(gaps) > 0.8  # no metronome


def test_a_blink_closes_fast_and_opens_slowly():
    plan = plan_idle(None, 100, 30, 2, "subtle")
    start = blink_starts(plan, 30)[1]
    closures = [plan.at(start + 0.04 * step).blink for step in range(len(BLINK_SHAPE))]
    assert max(closures) > 0.95
    assert closures == pytest.approx(BLINK_SHAPE, abs=0.2)
    assert plan.at(start + 0.33).blink == 0


def test_more_blinks_at_phrase_ends():
    near = total = 0
    for seed in range(8):
        found = blink_starts(plan_idle(syllables(60), 100, 60, seed, "subtle"), 60)
        total += len(found)
        near += sum((start - 3.4) % 4 < 0.4 for start in found)
    assert near / total > 0.3  # by chance it would be 0.1


def test_nods_and_brows_follow_stress():
    """A single loud syllable in silence moves head and brows; without it they move less."""
    energy = np.zeros(1000, np.float32)
    energy[480:520] = np.hanning(40)
    energy[200:240] = 0.5 * np.hanning(40)
    with_voice = plan_idle(energy, 100, 10, 5, "subtle")
    without = plan_idle(None, 100, 10, 5, "subtle")
    assert with_voice.at(5.0).pitch > without.at(5.0).pitch + 0.15
    assert with_voice.at(5.0).brow > without.at(5.0).brow + 0.3
    assert with_voice.at(8.0) == without.at(8.0) or abs(with_voice.at(8.0).blink) > 0


@pytest.mark.parametrize(
    "energy", [np.zeros(0), np.zeros(500), np.full(500, np.nan), np.ones(500), np.full(2, 3.0)]
)
def test_odd_energies(energy):
    values = states(plan_idle(energy, 100, 5, 1, "lively"), 5)
    assert np.isfinite(values).all()


def test_an_hour_takes_no_memory():
    plan = plan_idle(None, 100, 3600, 1, "subtle")
    for time in range(0, 3600, 7):
        plan.at(time + 0.02)
    assert plan._blinks.cache_info().currsize <= 4
    assert plan._fixations.cache_info().currsize <= 4
