"""Nods and shakes of the head: on stressed words, and of somebody who listens."""

from __future__ import annotations

from functools import lru_cache
from math import pi, sin

from lipwright.engines.warp.motion.levels import Level
from lipwright.engines.warp.motion.random_numbers import milliseconds, uniforms
from lipwright.engines.warp.motion.shapes import bell, pulse
from lipwright.engines.warp.motion.voice import LEAD, VoiceMoments

NOD_SHARES = (0.40, 0.75)  # of the weakest stresses and of the strongest
DOUBLE_SHARE = 0.22  # of the nods
SHAKE_SHARE = 0.05  # of the stresses
SHAKE_DURATION, SHAKE_CYCLES = 0.9, 1.5
SHAKE = 0.7  # size relative to a nod
REACH = 2.2  # s from a stress to the end of what it brings
LISTENING_SLOT = 4.0  # s
LISTENING_SHARE, LISTENING = 0.45, 0.6  # how many slots bring a nod, and its size
SILENT_FOR = 0.8  # s before somebody listens


class Gestures:
    """The nods and shakes over a whole speech."""

    def __init__(self, voice: VoiceMoments, seed: int, level: Level) -> None:
        self._voice, self._seed, self._level = voice, seed, level
        keen = uniforms(seed, "keenness", 0)[0]
        self._keenness = 0.85 + 0.3 * keen
        """How readily this person nods."""
        self._on_stress = lru_cache(maxsize=32)(self._plan)
        self._listening = lru_cache(maxsize=8)(self._plan_listening)

    def at(self, time: float) -> tuple[float, float]:
        """Return yaw and pitch in degrees."""
        yaw = pitch = 0.0
        for stress, strength in self._voice.stresses_between(time - REACH, time + LEAD):
            nods, shake, shake_start = self._on_stress(stress, strength)
            pitch += sum(_nod(time, *nod) for nod in nods)
            if shake:
                share = (time - shake_start) / SHAKE_DURATION
                yaw += shake * bell(share) * sin(2 * pi * SHAKE_CYCLES * share)
        slot = int(time // LISTENING_SLOT)
        for number in (slot - 1, slot):
            pitch += sum(_nod(time, *nod) for nod in self._listening(number))
        return yaw, pitch

    def _plan(
        self, stress: float, strength: float
    ) -> tuple[list[tuple[float, float, float, float]], float, float]:
        """Return (start, rise, fall, depth) of each nod, and depth and start of a shake, if any."""
        numbers = uniforms(self._seed, "gesture", milliseconds(stress))
        start = stress - LEAD + 0.12 * numbers[1]
        if numbers[0] < SHAKE_SHARE:
            return [], self._level.nod * SHAKE * (1 if numbers[1] < 0.5 else -1), start
        share = NOD_SHARES[0] + (NOD_SHARES[1] - NOD_SHARES[0]) * strength
        if numbers[2] >= self._keenness * share:
            return [], 0.0, 0.0
        depth = self._level.nod * (0.5 + 0.3 * strength + 0.4 * (numbers[3] - 0.5))
        return _nods(start, depth, numbers[4:]), 0.0, 0.0

    def _plan_listening(self, slot: int) -> list[tuple[float, float, float, float]]:
        numbers = uniforms(self._seed, "listening", slot)
        start = LISTENING_SLOT * (slot + numbers[1])
        silent = not (
            self._voice.is_speaking(start) or self._voice.ends_between(start - SILENT_FOR, start)
        )
        if slot < 0 or not silent or numbers[0] >= self._keenness * LISTENING_SHARE:
            return []
        depth = LISTENING * self._level.nod * (0.6 + 0.4 * numbers[2])
        return _nods(start, depth, numbers[4:])


def _nods(
    start: float, depth: float, numbers: tuple[float, ...]
) -> list[tuple[float, float, float, float]]:
    rise, fall = 0.20 + 0.08 * numbers[0], 0.36 + 0.2 * numbers[1]
    nods = [(start, rise, fall, depth)]
    if numbers[2] < DOUBLE_SHARE:
        nods.append((start + rise + 0.6 * fall, rise, fall, depth * (0.5 + 0.2 * numbers[3])))
    return nods


def _nod(time: float, start: float, rise: float, fall: float, depth: float) -> float:
    """Return degrees: down fast, up slower, and a little beyond."""
    since = time - start
    if not 0 < since < rise + 2.2 * fall:
        return 0.0
    return depth * (pulse(since, rise, 0.03, fall) - 0.12 * bell((since - rise) / (2.2 * fall)))
