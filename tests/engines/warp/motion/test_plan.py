"""The motion of head, shoulders, eyes and brows is seeded, bounded, smooth and starts at rest."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from tests.engines.warp.motion.voices import COLUMNS, blink_starts, minute, spoken, tracked

from lipwright.core.validation import MOTIONS
from lipwright.engines.warp.motion.blinks import BLINK_SHAPE
from lipwright.engines.warp.motion.levels import LEVELS, SHIFT_LIMIT
from lipwright.engines.warp.motion.plan import FORESIGHT, HINDSIGHT, plan_motion
from lipwright.engines.warp.motion.state import MotionState

MOVING = [motion for motion in MOTIONS if motion != "still"]


def test_still_is_still():
    plan = plan_motion(spoken(5), 50, seed=1, motion="still")
    assert all(plan.at(time) == MotionState() for time in np.linspace(0, 5, 99))


def test_unknown_motion():
    with pytest.raises(ValueError, match="wild"):
        plan_motion(None, 50, seed=1, motion="wild")
    assert MOTIONS == ("still", "subtle", "natural", "lively")


@pytest.mark.parametrize("speaks", [False, True])
@pytest.mark.parametrize("motion", MOVING)
def test_limits(speaks, motion):
    level = LEVELS[motion]
    for seed in range(3):
        found = minute(speaks, seed, motion)
        assert all(np.isfinite(values).all() for values in found.values())
        for name, limit in zip(("yaw", "pitch", "roll"), level.limits, strict=True):
            assert np.abs(found[name]).max() < limit
        for name in ("x", "y"):
            assert np.abs(found[name]).max() < SHIFT_LIMIT
        for name in ("shoulder_x", "shoulder_y"):
            assert 0.001 < np.abs(found[name]).max() < 0.03
        for name in ("blink", "brow", "breath"):
            assert found[name].min() >= 0 and found[name].max() <= 1
        assert np.abs(found["gaze_x"]).max() < 0.10 and np.abs(found["gaze_y"]).max() < 0.04


@pytest.mark.parametrize("motion", MOVING)
@pytest.mark.parametrize("voice", [None, spoken(40), np.ones(2000), np.zeros(2000)])
def test_nothing_jerks(voice, motion):
    """Neither a place nor a speed jumps: nothing takes less than some 40 ms to begin."""
    plan = plan_motion(voice, 50, 4, motion)
    # a tracker sees 0.8 of the yaw (test_statistics.py)
    fast = {"yaw": 115, "pitch": 90, "roll": 60, "x": 0.75, "y": 0.6, "shoulder_x": 0.15,
            "shoulder_y": 0.15, "brow": 9.0, "breath": 5.0}  # fmt: skip
    found = tracked(plan, 40, 200)
    for name, most in fast.items():
        speed = np.diff(found[name]) * 200
        assert np.abs(speed).max() < most, name
        assert np.abs(np.diff(speed)).max() < 0.16 * most, name  # in 5 ms


@pytest.mark.parametrize("motion", MOVING)
def test_starts_at_rest(motion):
    for seed in range(20):
        plan = plan_motion(spoken(3, seed), 50, seed, motion)
        assert plan.at(0) == MotionState()
        soon = plan.at(0.04)
        assert abs(soon.yaw) + abs(soon.pitch) + abs(soon.roll) + soon.brow < 0.05
        assert soon.blink == 0


def test_same_seed_same_motion_whatever_the_order():
    forward, backward = (plan_motion(spoken(90), 50, 7) for _ in range(2))
    times = np.linspace(0, 90, 300)
    late_first = {time: backward.at(time) for time in reversed(times)}
    assert all(forward.at(time) == late_first[time] for time in times)


def test_each_seed_is_another_performance():
    found = [tracked(plan_motion(spoken(20), 50, seed), 20) for seed in range(6)]
    for one, other in pairwise(found):
        assert abs(np.corrcoef(one["yaw"], other["yaw"])[0, 1]) < 0.6
        assert not np.array_equal(one["blink"], other["blink"])


@pytest.mark.parametrize("motion", MOVING)
def test_what_follows_later_changes_nothing(motion):
    voice, other = spoken(40, 1), spoken(40, 2)
    expected = plan_motion(voice, 50, 3, motion)
    for cut in range(500, 1500, 7):
        changed = voice.copy()
        changed[cut + 1 :] = other[cut + 1 :]
        begun = voice[: cut + 1]
        time = cut / 50 - FORESIGHT
        state = expected.at(time)
        assert plan_motion(changed, 50, 3, motion).at(time) == state
        assert plan_motion(begun, 50, 3, motion).at(time) == state


@pytest.mark.parametrize("motion", MOVING)
def test_what_was_long_before_changes_nothing(motion):
    voice = spoken(150, 1)
    expected = plan_motion(voice, 50, 3, motion)
    for first in (1003, 1500, 2222):
        late = plan_motion(voice[first:], 50, 3, motion, first=first)
        for time in np.arange(first / 50 + HINDSIGHT, 149, 0.31):
            assert late.at(time) == expected.at(time)
    assert HINDSIGHT <= 60


def test_who_listens_moves_less_but_moves():
    for motion in MOVING:
        speaking, silent = (
            [minute(speaks, seed, motion) for seed in range(3)] for speaks in (True, False)
        )
        for name in ("yaw", "roll", "x"):
            deviations, speeds = [], []
            for found in (speaking, silent):
                deviations.append(np.mean([track[name].std() for track in found]))
                speeds.append(np.mean([np.abs(np.diff(track[name])).mean() for track in found]))
            assert 0.2 < deviations[1] / deviations[0] < 0.85
            assert 0.05 < speeds[1] / speeds[0] < 0.4


def test_lids_shut_and_open_like_peoples():
    plan = plan_motion(None, 50, 2)
    seen = blink_starts(plan, 30)[1]
    start = next(time for time in np.arange(seen - 0.03, 30, 0.002) if plan.at(time).blink > 0)
    closures = [plan.at(start + 0.04 * step).blink for step in range(len(BLINK_SHAPE))]
    assert max(closures) > 0.95
    assert closures == pytest.approx(BLINK_SHAPE, abs=0.2)
    assert plan.at(start + 0.33).blink == 0
    lids = tracked(plan, 30)["blink"]
    shut = lids.max()
    assert lids.tolist() == [plan._blinks.at(frame / 25) for frame in range(len(lids))]
    assert shut == 1, "at 25 frames a second a blink shows closed lids"


@pytest.mark.parametrize("voice", [None, spoken(120)])
def test_blinks_come_like_peoples(voice):
    counts, gaps = [], []
    for seed in range(5):
        found = blink_starts(plan_motion(voice, 50, seed), 120)
        assert found[0] >= 0.6
        counts.append(len(found) / 2)
        gaps += [later - earlier for earlier, later in pairwise(found)]
    assert min(counts) >= 10 and max(counts) <= 25
    assert min(gaps) > 0.85 and max(gaps) < 20
    assert np.std(gaps) > 0.8  # no metronome


def test_calm_people_blink_less_and_raise_their_brows_less():
    blinks, brows = [], []
    for motion in MOVING:
        plans = [plan_motion(spoken(60), 50, seed, motion) for seed in range(4)]
        blinks.append(sum(len(blink_starts(plan, 60)) for plan in plans) / len(plans))
        brows.append(np.mean([minute(True, seed, motion)["brow"].std() for seed in range(4)]))
    assert 11 < blinks[0] < 0.85 * blinks[1] and blinks[1] < blinks[2] < 26
    assert brows[0] < 0.4 * brows[1] and brows[2] > 1.7 * brows[1]


def test_blinks_come_with_pauses_and_turns():
    near = total = 0
    voice = spoken(60)
    for seed in range(5):
        plan = plan_motion(voice, 50, seed)
        moments = list(plan._voice.phrase_ends)
        for block in range(6):
            moves = plan._postures.moves_between(10 * block, 10 * (block + 1) - 1e-6)
            moments += [move.start for move in moves if abs(move.change[0]) > 3.4]
        found = np.array(blink_starts(plan, 60))
        since = found[:, None] - np.array(moments)
        near += int(((since > -0.02) & (since < 0.17)).any(axis=1).sum())
        total += len(found)
    assert near / total > 0.3  # by chance it would be 0.1


def test_eyes_hold_the_camera_while_the_head_turns():
    found = tracked(plan_motion(spoken(60), 50, 3, "lively"), 60)
    assert np.corrcoef(found["gaze_x"], found["yaw"])[0, 1] < -0.6


def test_eyes_lead_a_large_turn():
    """Just before a large turn the irises go its way, more often than against it."""
    ahead = []
    for seed in range(5):
        plan = plan_motion(spoken(60), 50, seed, "lively")
        for block in range(6):
            for move in plan._postures.moves_between(10 * block, 10 * block + 9.99):
                if abs(move.change[0]) > 8 and move.start > 1:
                    shift = plan.at(move.start + 0.02).gaze_x - plan.at(move.start - 0.17).gaze_x
                    ahead.append(shift * np.sign(move.change[0]))
    assert len(ahead) > 20
    assert np.mean(np.array(ahead) > 0.01) > 0.3 > 3 * np.mean(np.array(ahead) < -0.02)


def test_nods_and_brows_follow_stress():
    """A loud syllable in silence brings nods and brows; the others do not wait for it."""
    voice = np.zeros(500)
    voice[100:120], voice[240:260] = 0.3 * np.hanning(20), 0.55 * np.hanning(20)
    lowered, raised = [], []
    for seed in range(40):
        with_voice, without = plan_motion(voice, 50, seed), plan_motion(None, 50, seed)
        assert with_voice.at(1.5).pitch == without.at(1.5).pitch
        times = np.arange(4.9, 5.5, 0.05)
        lowered.append(max(with_voice.at(time).pitch - without.at(time).pitch for time in times))
        raised.append(max(with_voice.at(time).brow - without.at(time).brow for time in times))
    assert np.mean(np.array(lowered) > 0.8) > 0.5
    assert 0.25 < np.mean(np.array(raised) > 0.2) < 0.9


def test_shoulders_follow_later_and_less():
    lags, sizes = [], []
    for seed in range(4):
        found = tracked(plan_motion(spoken(60, seed), 50, seed), 60)
        carried = found["x"] + 0.022 * found["roll"]
        sizes.append(found["shoulder_x"].std() / carried.std())
        fits = [np.corrcoef(carried[: -lag or None], found["shoulder_x"][lag:])[0, 1]
                for lag in range(15)]  # fmt: skip
        lags.append(int(np.argmax(fits)) / 25)
    assert 0.2 < np.mean(sizes) < 0.36
    assert 0.12 <= np.mean(lags) <= 0.36


def test_a_breath_is_drawn_before_a_phrase():
    voice = np.zeros(1000)
    voice[500:700] = 0.2
    plan = plan_motion(voice, 50, 1)
    breath = tracked(plan, 20)["breath"]
    assert breath[25 * 10 + 4] > 0.8 > breath[25 * 10 + 4] - breath[25 * 10 - 7] > 0.25
    assert breath[25 * 13] < 0.6 * breath[25 * 10 + 4]


@pytest.mark.parametrize(
    "voice", [np.zeros(0), np.zeros(500), np.full(500, np.nan), np.ones(500), np.full(2, 3.0)]
)
def test_odd_voices(voice):
    found = tracked(plan_motion(voice, 50, 1, "lively"), 5)
    assert all(np.isfinite(found[name]).all() for name in COLUMNS)


def test_an_hour_takes_no_memory():
    plan = plan_motion(None, 50, 1)
    for time in range(0, 3600, 7):
        plan.at(time + 0.02)
    for cached in (plan._blinks._in_block, plan._gaze._fixations, plan._postures._near):
        assert cached.cache_info().currsize <= 4
