"""Gaze: small fixations around the camera, glances that lead a turn, and looks away to think."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from functools import lru_cache
from math import log, radians, sin

from lipwright.engines.warp.motion.blinks import LARGE_TURN
from lipwright.engines.warp.motion.posture import BLOCK, Postures
from lipwright.engines.warp.motion.random_numbers import generator, milliseconds, uniforms
from lipwright.engines.warp.motion.shapes import ease, limited, pulse
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.motion.voice import VoiceMoments

SACCADE = 0.03  # s from one fixation to the next
REACH = (0.024, 0.008)  # eye widths
# the eyes hold the camera while the head turns: eye widths per sine of the turn
EYEBALL = 0.40
GLANCE_SHARE = 0.5  # of the large turns
GLANCE_LEADS = (0.05, 0.15)  # s before the turn
GLANCE_HOLDS = (0.15, 0.6)  # s
LARGEST_GLANCE = 0.045  # eye widths
THOUGHT_SHARE = 0.2  # of the phrase starts
THOUGHT = (0.05, 0.02)  # eye widths
THOUGHT_HOLDS = (0.4, 1.1)
AWAY = 2.5  # s: longer than any look away
LIMITS = (0.10, 0.04)  # eye widths


def held_gaze(yaw: float, pitch: float) -> tuple[float, float]:
    """Return the shift of irises that hold the camera in a head turned so far, eye widths."""
    return -EYEBALL * sin(radians(yaw)), -0.5 * EYEBALL * sin(radians(pitch))


def regazed(state: MotionState, yaw: float, pitch: float) -> MotionState:
    """Return a moment with the head at another yaw and pitch, and eyes that hold what they held."""
    before, now = held_gaze(state.yaw, state.pitch), held_gaze(yaw, pitch)
    moved = (state.gaze_x + now[0] - before[0], state.gaze_y + now[1] - before[1])
    x, y = (min(max(at, -most), most) for at, most in zip(moved, LIMITS, strict=True))
    return replace(state, yaw=yaw, pitch=pitch, gaze_x=x, gaze_y=y)


class Gaze:
    """The gaze over a whole speech."""

    def __init__(
        self,
        voice: VoiceMoments,
        postures: Postures,
        seed: int,
        size: float,
    ) -> None:
        """size: of looks away."""
        self._voice, self._postures, self._seed = voice, postures, seed
        self._size = size
        self._fixations = lru_cache(maxsize=4)(self._plan_fixations)

    def at(self, time: float, yaw: float, pitch: float, ease_in: float) -> tuple[float, float]:
        """Return the shift of the irises in eye widths, in a head turned by yaw and pitch."""
        x, y = self._fixation(time)
        for away_x, away_y, amount in self._looks_away(time):
            x, y = x + amount * away_x, y + amount * away_y
        held_x, held_y = held_gaze(yaw, pitch)
        x, y = ease_in * x + held_x, ease_in * y + held_y
        return limited(x, LIMITS[0]), limited(y, LIMITS[1])

    def _looks_away(self, time: float) -> list[tuple[float, float, float]]:
        """Return (x, y, amount in [0, 1]) of the looks away that go on."""
        found = []
        for move in self._postures.moves_between(time - AWAY, time + GLANCE_LEADS[1]):
            turn = move.change[0]
            numbers = uniforms(self._seed, "glance", milliseconds(move.start))
            if abs(turn) >= LARGE_TURN and numbers[0] < GLANCE_SHARE:
                lead = _between(GLANCE_LEADS, numbers[1])
                far = limited(EYEBALL * sin(radians(turn)), LARGEST_GLANCE) * (0.5 + numbers[2] / 2)
                hold = lead + _between(GLANCE_HOLDS, numbers[3])
                amount = pulse(time - move.start + lead, SACCADE, hold, SACCADE)
                found.append((self._size * far, 0.0, amount))
        for start in self._voice.starts_between(time - AWAY, time):
            numbers = uniforms(self._seed, "thought", milliseconds(start))
            if numbers[0] < THOUGHT_SHARE:
                x, y = (
                    self._size * r * (2 * n - 1) for r, n in zip(THOUGHT, numbers[1:3], strict=True)
                )
                hold = _between(THOUGHT_HOLDS, numbers[3])
                found.append((x, y, pulse(time - start, SACCADE, hold, SACCADE)))
        return found

    def _fixation(self, time: float) -> tuple[float, float]:
        block = int(time // BLOCK)
        starts, places = self._fixations(block)
        number = bisect_right(starts, time) - 1
        now = places[number]
        if number > 0:
            before = places[number - 1]
        else:
            before = self._fixations(block - 1)[1][-1] if block > 0 else (0.0, 0.0)
        share = ease((time - starts[number]) / SACCADE)
        return (
            before[0] + (now[0] - before[0]) * share,
            before[1] + (now[1] - before[1]) * share,
        )

    def _plan_fixations(self, block: int) -> tuple[list[float], list[tuple[float, float]]]:
        """Return start times and places of the fixations in a block; every other one is ahead."""
        random = generator(self._seed, "gaze", block)
        starts, places = [block * BLOCK], []
        while starts[-1] < (block + 1) * BLOCK:
            x, y = (min(max(value, -1.0), 1.0) for value in random.normal(0, 0.5, 2))
            size = 0.25 if len(starts) % 2 else 1.0
            places.append((size * x * REACH[0], size * y * REACH[1]))
            starts.append(starts[-1] + max(0.25, float(random.lognormal(log(1.1), 0.5))))
        return starts[:-1], places


def _between(ends: tuple[float, float], share: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * share
