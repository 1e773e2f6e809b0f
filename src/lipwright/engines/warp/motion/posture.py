"""Postures of the head, a new one with a phrase and now and then within it.

A posture is drawn from a correlated distribution and reached by a minimum-jerk movement that now
and then goes a little too far. A shorter turn on a stressed word comes and goes on top of it.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from math import sqrt
from typing import NamedTuple

from lipwright.engines.warp.motion.levels import SHIFT_OF_ROLL, SHIFT_OF_YAW, Level
from lipwright.engines.warp.motion.random_numbers import milliseconds, uniforms, value_noise
from lipwright.engines.warp.motion.shapes import bell, ease, pulse
from lipwright.engines.warp.motion.voice import LEAD, VoiceMoments

BLOCK = 10.0
"""Seconds planned at once."""
SLOT = 1.0  # s: a new posture in each while a phrase goes on
SILENT_SLOTS = 3  # as many to a posture in silence
CLEAR_BEFORE, CLEAR_AFTER = 0.6, 0.14  # s around a phrase's boundary without other postures
START_DELAYS, END_DELAYS = (-0.12, 0.25), (0.12, 0.45)  # s
MARGIN = 0.5  # s: more than any of the delays
END_SHARE = 0.6  # of the phrase ends that bring a new posture
LISTENING = 0.75  # size of postures in silence
TILT = 0.5  # standard deviations that somebody who says nothing leans to his side
MIDDLE_SHARE, MIDDLE = 0.15, 0.3  # how many postures are near the middle, and how near
DURATIONS, SILENT_DURATIONS = (0.34, 0.75), (0.8, 1.4)  # s, of a move of ordinary size
TEMPOS = (1.0, 1.15, 0.85, 0.95, 1.15)  # of yaw, pitch, roll and shifts: heads tilt more slowly
LONGEST = 2.5  # s that any move takes
OVERSHOOT_SHARE, OVERSHOOT = 0.3, 0.12
ALTERNATING = 0.7  # share of postures to the other side of the one before
ROLL_WITH_YAW = 0.35  # correlation
ACCENT_SHARE, ACCENT = 0.75, 1.35  # of the stresses; size relative to a posture
ACCENT_REACH = 3.0  # s from its stress to its end
DRIFT = 0.28
DRIFT_RATES = (0.17, 0.41)  # Hz

Vector = tuple[float, float, float, float, float]
"""Yaw, pitch, roll in degrees and shifts along x and y in face widths."""
NEUTRAL: Vector = (0.0, 0.0, 0.0, 0.0, 0.0)


class Move(NamedTuple):
    """One move to a new posture."""

    start: float
    """Seconds."""
    duration: float
    overshoot: float
    """By what share of the way the move goes too far before it comes back."""
    target: Vector
    change: Vector
    """From the posture before."""


class Postures:
    """The postures over a whole speech."""

    def __init__(self, voice: VoiceMoments, seed: int, level: Level) -> None:
        self._voice, self._seed, self._level = voice, seed, level
        self._tilt = TILT if uniforms(seed, "side", 0)[0] < 0.5 else -TILT
        self._targets = lru_cache(maxsize=4)(self._plan_targets)
        self._near = lru_cache(maxsize=4)(self._plan_moves)
        self._accent = lru_cache(maxsize=32)(self._plan_accent)

    def at(self, time: float, delay: float = 0.0, stretch: float = 1.0) -> Vector:
        """Return the posture at `time`; delay and stretch: of something that follows the head."""
        time -= delay
        moves = self._near(int(max(0.0, time) // BLOCK))
        number = bisect_right(moves, time, key=_start)
        result = list(moves[number - 1].target) if number else [0.0] * 5
        while number and time - moves[number - 1].start < LONGEST * stretch:
            number -= 1
            start, duration, overshoot, _, change = moves[number]
            share = (time - start) / (duration * stretch)
            for part, tempo in enumerate(TEMPOS):
                result[part] += change[part] * _left(share * tempo, overshoot)
        return _vector(result)

    def accents_at(self, time: float) -> Vector:
        """Return the short turns on stressed words."""
        result = [0.0] * 5
        for stress, strength in self._voice.stresses_between(time - ACCENT_REACH, time + LEAD):
            start, rise, hold, fall, way = self._accent(stress, strength)
            amount = pulse(time - start, rise, hold, fall)
            if amount:
                result = [value + amount * part for value, part in zip(result, way, strict=True)]
        return _vector(result)

    def drift_at(self, time: float) -> Vector:
        """Return how the head drifts while it holds a posture."""
        noise = []
        for name in ("yaw", "pitch", "roll"):
            slow, fast = (
                value_noise(self._seed, f"{name}{layer}", time * rate)
                for layer, rate in enumerate(DRIFT_RATES)
            )
            noise.append(DRIFT * (1.4 * slow + 0.7 * fast))
        level = self._level
        return (*_turned(level, noise[0], noise[1], noise[2]), 0.0)

    def moves_between(self, begin: float, end: float) -> list[Move]:
        """Return the moves that start from `begin` to before `end`, s; less than a block."""
        moves = self._near(int(max(0.0, end) // BLOCK))
        return [move for move in moves if begin <= move.start < end]

    def _plan_moves(self, block: int) -> list[Move]:
        """Return the moves of a block and of the one before it."""
        before = NEUTRAL
        for earlier in self._targets(block - 2)[-1:]:
            before = earlier[3]
        moves = []
        for start, duration, overshoot, target in self._targets(block - 1) + self._targets(block):
            change = _vector([new - old for new, old in zip(target, before, strict=True)])
            # a long way takes longer
            far = min(3.0, abs(change[0]) / self._level.yaw + abs(change[2]) / self._level.roll)
            moves.append(Move(start, duration * (0.8 + 0.2 * far), overshoot, target, change))
            before = target
        return moves

    def _plan_targets(self, block: int) -> list[tuple[float, float, float, Vector]]:
        """Return (start, duration, overshoot, posture) of what begins in a block, in order."""
        if block < 0:
            return []
        begin, end = block * BLOCK, (block + 1) * BLOCK
        first, last = begin - MARGIN, end + MARGIN
        found = [
            self._draw("start", moment, START_DELAYS, True)
            for moment in self._voice.starts_between(first, last)
        ]
        found += [
            self._draw("end", moment, END_DELAYS, False)
            for moment in self._voice.ends_between(first, last)
            if self._takes_end(moment)
        ]
        for slot in range(round(begin / SLOT), round(end / SLOT)):
            moment = SLOT * (slot + 0.15 + 0.7 * uniforms(self._seed, "slot", slot)[0])
            speaking = self._voice.is_speaking(moment - LEAD)
            if (speaking or slot % SILENT_SLOTS == 0) and not self._is_near_boundary(moment):
                found.append(self._draw("within", moment, (0.0, 0.0), speaking))
        return sorted(target for target in found if begin <= target[0] < end)

    def _takes_end(self, moment: float) -> bool:
        return uniforms(self._seed, "takes", milliseconds(moment))[0] < END_SHARE

    def _is_near_boundary(self, moment: float) -> bool:
        begin = moment - CLEAR_BEFORE
        ends = self._voice.ends_between(begin, moment - LEAD)
        return bool(
            self._voice.starts_between(begin, moment + CLEAR_AFTER)
            or any(self._takes_end(end) for end in ends)
        )

    def _draw(
        self, name: str, moment: float, delays: tuple[float, float], speaking: bool
    ) -> tuple[float, float, float, Vector]:
        numbers = uniforms(self._seed, name, milliseconds(moment))
        start = max(0.0, moment + delays[0] + (delays[1] - delays[0]) * numbers[0])
        least, most = DURATIONS if speaking else SILENT_DURATIONS
        overshoot = OVERSHOOT if speaking and numbers[2] < OVERSHOOT_SHARE else 0.0
        size = 1.0 if speaking else LISTENING
        size *= MIDDLE if numbers[3] < MIDDLE_SHARE else 1.0
        tilt = 0.0 if speaking else self._tilt
        drawn = _alternated(int(moment // SLOT), numbers[4:9], numbers[9:])
        posture = _posture(self._level, drawn, size, tilt)
        return start, least + (most - least) * numbers[1], overshoot, posture

    def _plan_accent(
        self, stress: float, strength: float
    ) -> tuple[float, float, float, float, Vector]:
        """Return the start, the three times and the size of the turn on a stress."""
        numbers = uniforms(self._seed, "accent", milliseconds(stress))
        rise, hold, fall = 0.28 + 0.17 * numbers[1], 0.4 * numbers[2], 0.35 + 0.35 * numbers[3]
        size = ACCENT * (0.6 + 0.4 * strength) if numbers[0] < ACCENT_SHARE else 0.0
        posture = _posture(self._level, numbers[4:], size)
        return stress - LEAD + 0.15 * numbers[10], rise, hold, fall, posture


def _left(share: float, overshoot: float) -> float:
    """Return the part of a move's way, -1 to 0, that is still to go after a share of its time."""
    return ease(share) - 1 + overshoot * bell((share - 0.45) / 1.5)


def _alternated(
    slot: int, numbers: tuple[float, ...], chances: tuple[float, ...]
) -> tuple[float, ...]:
    """Turn most of the numbers in [0, 1) to the side of 0.5 that is not the last posture's."""
    sides = (slot % 2, (slot + 1) // 2 % 2, slot // 2 % 2, slot % 2, slot % 2)
    return tuple(
        1 - number if chance < ALTERNATING and (number < 0.5) != bool(side) else number
        for number, side, chance in zip(numbers, sides, chances, strict=False)
    )


def _posture(level: Level, numbers: tuple[float, ...], size: float, tilt: float = 0.0) -> Vector:
    """Return a posture of which each part has the level's standard deviation times `size`.

    tilt: standard deviations of roll on top of it.
    """
    turn, nod, lean, aside, height = (size * sqrt(3) * (2 * n - 1) for n in numbers[:5])
    yaw, pitch, roll, x = _turned(level, turn, nod, lean + tilt)
    return yaw, pitch, roll, x + level.x * aside, level.y * height


def _turned(
    level: Level, turn: float, nod: float, lean: float
) -> tuple[float, float, float, float]:
    """Return yaw, pitch, roll and the shift x that belongs to them, of independent numbers."""
    yaw, pitch = level.yaw * turn, level.pitch * nod
    roll = level.roll * (ROLL_WITH_YAW * turn + sqrt(1 - ROLL_WITH_YAW**2) * lean)
    return yaw, pitch, roll, SHIFT_OF_ROLL * roll + SHIFT_OF_YAW * yaw


def _start(move: Move) -> float:
    return move.start


def _vector(values: list[float]) -> Vector:
    yaw, pitch, roll, x, y = values
    return yaw, pitch, roll, x, y
