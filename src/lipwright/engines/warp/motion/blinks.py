"""Blinks: of their own accord, at the ends of phrases, and with larger turns of the head."""

from __future__ import annotations

from functools import lru_cache
from math import log

import numpy as np

from lipwright.engines.warp.motion.posture import BLOCK, Postures
from lipwright.engines.warp.motion.random_numbers import generator, milliseconds, uniforms
from lipwright.engines.warp.motion.voice import VoiceMoments

# lid closure after the start of a blink, a value every 40 ms: down fast, up slowly
BLINK_SHAPE = (0.0, 0.45, 1.0, 1.0, 0.68, 0.34, 0.10, 0.0)
BLINK_STEP = 0.04
BLINK_DURATION = BLINK_STEP * (len(BLINK_SHAPE) - 1)
FIRST_BLINK = 0.6
MEAN_INTERVALS = (3.9, 5.3)  # s: people differ
SPREAD = 0.5  # standard deviation of the intervals' logarithm
CLOSEST_BLINKS = 0.9
CLOSEST_OF_THEIR_OWN = 1.6  # s after any blink
LONGEST_INTERVAL = 9.0
SHARE_AT_PHRASE_END, SHARE_AT_TURN = 0.5, 0.4
LARGE_TURN = 3.9
"""From what change of yaw, in degrees, a turn counts as large."""


class Blinks:
    """The blinks over a whole speech."""

    def __init__(
        self, voice: VoiceMoments, postures: Postures, seed: int, often: float = 1.0
    ) -> None:
        """often: how often the lids close, relative to the usual."""
        self._voice, self._postures, self._seed = voice, postures, seed
        self._often = often
        least, most = MEAN_INTERVALS
        self._interval = (least + (most - least) * uniforms(seed, "blinks", 0)[0]) / often
        self._in_block = lru_cache(maxsize=4)(self._plan)

    def at(self, time: float) -> float:
        """Return how far the lids are closed, [0, 1]."""
        block = int(time // BLOCK)
        for starts in (self._in_block(block - 1), self._in_block(block)):
            for start in starts:
                if 0 < time - start < BLINK_DURATION:
                    step, share = divmod((time - start) / BLINK_STEP, 1)
                    low, high = BLINK_SHAPE[int(step)], BLINK_SHAPE[int(step) + 1]
                    return low + (high - low) * share
        return 0.0

    def _plan(self, block: int) -> tuple[float, ...]:
        """Return the times at which the blinks of one block start; block -1 has none."""
        if block < 0:
            return ()
        begin, end = block * BLOCK, (block + 1) * BLOCK - CLOSEST_BLINKS
        own = [(start, CLOSEST_OF_THEIR_OWN) for start in self._spontaneous(block)]
        kept: list[float] = []
        for start, closest in sorted(own + self._prompted(begin, end)):
            apart = not kept or start - kept[-1] >= closest
            if max(begin, FIRST_BLINK) <= start < end and apart:
                kept.append(start)
        return tuple(kept)

    def _spontaneous(self, block: int) -> list[float]:
        random = generator(self._seed, "blink", block)
        # half an interval at either end of a block, so that blocks join without a pattern
        start = block * BLOCK + random.random() * self._draw_interval(random)
        starts = []
        while start < (block + 1) * BLOCK:
            starts.append(start)
            start += self._draw_interval(random)
        return starts

    def _draw_interval(self, random: np.random.Generator) -> float:
        interval = float(random.lognormal(log(self._interval) - SPREAD**2 / 2, SPREAD))
        return min(max(interval, CLOSEST_BLINKS), LONGEST_INTERVAL)

    def _prompted(self, begin: float, end: float) -> list[tuple[float, float]]:
        """Return (start, least time since any blink before) of blinks that something brings."""
        moments = [(moment, SHARE_AT_PHRASE_END) for moment in self._voice.ends_between(begin, end)]
        moments += [
            (move.start, SHARE_AT_TURN)
            for move in self._postures.moves_between(begin, end)
            if abs(move.change[0]) >= LARGE_TURN
        ]
        found = []
        for moment, share in moments:
            numbers = uniforms(self._seed, "prompted", milliseconds(moment))
            if numbers[0] < self._often * share:
                found.append((moment + 0.15 * numbers[1], CLOSEST_BLINKS))
        return found
