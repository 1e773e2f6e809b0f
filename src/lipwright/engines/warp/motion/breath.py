"""Breathing: in quickly before a phrase, out slowly while it is spoken."""

from __future__ import annotations

from lipwright.engines.warp.motion.random_numbers import uniforms
from lipwright.engines.warp.motion.shapes import ease
from lipwright.engines.warp.motion.voice import VoiceMoments

INHALE, QUIET_INHALE = 0.45, 1.3  # s, before a phrase and in silence
BEFORE_PHRASE = 0.28  # s that the breath begins before the voice
EXHALE = 4.0  # s
SLOT = 3.8  # s between other breaths, about
RECENT = 3.0  # s after a phrase's breath without others
DEPTH, SMALL_DEPTH = 0.9, 0.65


class Breath:
    """The breathing over a whole speech."""

    def __init__(self, voice: VoiceMoments, seed: int) -> None:
        self._voice, self._seed = voice, seed

    def at(self, time: float) -> float:
        """Return how full the chest is, [0, 1]."""
        empty = 1.0
        for start in self._voice.starts_between(time - INHALE - EXHALE, time + BEFORE_PHRASE):
            empty *= 1 - DEPTH * _breath(time - start + BEFORE_PHRASE, INHALE)
        slot = int(time // SLOT)
        for number in range(slot - 2, slot + 1):
            start = SLOT * (number + 0.25 * uniforms(self._seed, "breath", number)[0])
            if number < 0 or self._voice.starts_between(start - RECENT, start + BEFORE_PHRASE):
                continue
            inhale = INHALE if self._voice.is_speaking(start) else QUIET_INHALE
            empty *= 1 - SMALL_DEPTH * _breath(time - start, inhale)
        return 1 - empty


def _breath(since: float, inhale: float) -> float:
    if since <= 0:
        return 0.0
    return ease(since / inhale) * (1 - ease((since - inhale) / EXHALE))
