"""The clock of a live session: what is heard and what the mouth does, frame by frame."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from lipwright.articulation.curves import CHANNELS
from lipwright.engines.warp.live_performance import RATE as ACTIVITY_RATE
from lipwright.pipeline.live.heard_track import HeardTrack
from lipwright.pipeline.live.spoken_track import SpokenTrack

FADE_SECONDS = 0.03
"""Within so long the sound of a speech that is interrupted ends."""
CLOSING_SECONDS = 0.08
"""And within so long the mouth shuts."""


class Tick(NamedTuple):
    """One frame of the clock."""

    number: int
    mouth: np.ndarray
    """float32 (9,): what the mouth does when the frame is shown."""
    activity: np.ndarray
    """float32 (n, 9): rows at 50 Hz that have been added up to the frame."""
    samples: np.ndarray
    """Mono float32 (n,): what is heard while the frame is shown."""
    speaking: bool
    """Whether something is being said, or will be."""


class LiveClock:
    """Turns what is said and heard into frames of equal length; silence is not left out."""

    def __init__(self, fps: Fraction, rate: int) -> None:
        """fps: frames per second. rate: samples per second, Hz."""
        self.spoken, self.heard = SpokenTrack(rate), HeardTrack(rate)
        self._fps, self._rate = fps, rate
        self._number = 0
        self._mouth = np.zeros(len(CHANNELS), np.float32)
        self._last_sample = np.float32(0.0)
        self._fading: np.ndarray = np.zeros(0, np.float32)
        self._closing: np.ndarray | None = None
        self._closed_since = Fraction(0)

    def interrupt(self) -> None:
        """Say nothing more: sound and mouth end at once, without a click or a jump."""
        count = round(FADE_SECONDS * self._rate)
        going_on = self._mix(count, np.zeros(0))[0]
        self._fading = going_on * np.linspace(1.0, 0.0, count, dtype=np.float32)
        self._closing, self._closed_since = self._mouth.copy(), self._number / self._fps
        self.spoken.clear()
        self.heard.clear()

    def tick(self) -> Tick:
        """Go on by one frame."""
        number = self._number
        begin, end = (int(n * self._rate / self._fps) for n in (number, number + 1))
        time = number / self._fps
        first, stop = (-(-t * ACTIVITY_RATE // 1) for t in (time, (number + 1) / self._fps))
        times = np.arange(int(first), int(stop)) / ACTIVITY_RATE - float(time)
        samples, rows = self._mix(end - begin, np.concatenate([[0.0], times]))
        faded = min(len(self._fading), len(samples))
        samples[:faded] += self._fading[:faded]
        self._fading = self._fading[faded:]
        self._close_mouth(rows[0], float(time))
        self._mouth = rows[0]
        self._number += 1
        speaking = self.spoken.busy or self.heard.busy
        return Tick(number, rows[0], rows[1:], samples, speaking)

    def close(self) -> None:
        """Let go of threads."""
        self.heard.close()

    def _mix(self, count: int, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Both tracks together: samples float32 (count,), rows float32 (n, 9)."""
        spoken, heard = self.spoken.take(count, offsets), self.heard.take(count, offsets)
        rows = np.where(np.abs(spoken.rows) > np.abs(heard.rows), spoken.rows, heard.rows)
        return np.clip(spoken.samples + heard.samples, -1.0, 1.0), rows

    def _close_mouth(self, row: np.ndarray, time: float) -> None:
        """Let the mouth of a speech that was interrupted go over into the one of now, in place."""
        if self._closing is None:
            return
        share = (time - float(self._closed_since)) / CLOSING_SECONDS
        if share >= 1:
            self._closing = None
            return
        left = np.float32(1 - share * share * (3 - 2 * share))
        row += left * (self._closing - row)
