"""Brows: raised on some stresses and at some phrase starts, and slowly let down."""

from __future__ import annotations

from functools import lru_cache

from lipwright.engines.warp.motion.levels import Level
from lipwright.engines.warp.motion.random_numbers import milliseconds, uniforms, value_noise
from lipwright.engines.warp.motion.shapes import pulse
from lipwright.engines.warp.motion.voice import LEAD, VoiceMoments

STRESS_SHARES = (0.12, 0.45)  # of the weakest stresses and of the strongest
PHRASE_SHARE, PHRASE = 0.3, 0.8
REACH = 4.0  # s from a moment to the end of what it raises
REST, REST_RATE = 0.045, 0.35  # noise around the resting brow; Hz


class Brows:
    """The brows over a whole speech."""

    def __init__(self, voice: VoiceMoments, seed: int, level: Level) -> None:
        self._voice, self._seed, self._level = voice, seed, level
        self._raise = lru_cache(maxsize=32)(self._plan)

    def at(self, time: float) -> float:
        """Return how far the brows are raised, [0, 1]."""
        low = 1 - REST * (1 + value_noise(self._seed, "brow", REST_RATE * time))
        for stress, strength in self._voice.stresses_between(time - REACH, time + LEAD):
            share = STRESS_SHARES[0] + (STRESS_SHARES[1] - STRESS_SHARES[0]) * strength
            start, *times, size = self._raise("brow", stress, share, 0.55 + 0.45 * strength)
            low *= 1 - size * pulse(time - start, *times)
        for moment in self._voice.starts_between(time - REACH, time + LEAD):
            start, *times, size = self._raise("phrase", moment, PHRASE_SHARE, PHRASE)
            low *= 1 - size * pulse(time - start, *times)
        return 1 - low

    def _plan(
        self, name: str, moment: float, share: float, size: float
    ) -> tuple[float, float, float, float, float]:
        """Return the start, three times of the pulse, s, and its size in [0, 1]."""
        numbers = uniforms(self._seed, name, milliseconds(moment))
        if numbers[0] >= share:
            size = 0.0
        size = min(1.0, size * self._level.brow * (0.45 + 0.55 * numbers[1]))
        rise, hold, fall = 0.22 + 0.12 * numbers[2], 0.15 * numbers[3], 0.8 + 1.0 * numbers[4]
        return moment - LEAD + 0.1 * numbers[5], rise, hold, fall, size
