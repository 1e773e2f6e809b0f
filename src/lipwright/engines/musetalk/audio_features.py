"""What each frame hears for MuseTalk: ten steps of Whisper's states, by frame number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from lipwright.engines.musetalk.audio_windows import (
    LEAD,
    STEPS,
    first_step,
    official_count,
    official_fps,
    step_count,
)
from lipwright.engines.musetalk.configs import AUDIO_ROWS, AUDIO_WIDTH
from lipwright.engines.shared_options import TimingName
from lipwright.engines.whisper import (
    PIECE_SAMPLES,
    PIECE_STEPS,
    RATE,
    Hear,
    piece_log_mel,
)

if TYPE_CHECKING:
    from lipwright.speech.speech import Speech

STATES = AUDIO_ROWS // STEPS
HELD = 2
"""Pieces that are kept: a window may reach into two."""


@dataclass(frozen=True)
class WhisperFeatures:
    """The `AudioFeatures` of MuseTalk."""

    hear: Hear | None = None
    """Whisper's encoder; None for features that are told of but not read."""
    timing: TimingName = "exact"
    """Where a frame's sound is looked for."""

    name = "whisper states"

    def read(self, speech: Speech, fps: Fraction, first: int, seed: int) -> WhisperReader:
        """Open the states of a speech. Nothing in them is random.

        Raises EngineError for a frame rate without official windows, where these are wanted.
        """
        assert self.hear is not None
        if self.timing == "official":
            official_fps(fps)
        return WhisperReader(speech, fps, self.hear, self.timing)


class WhisperReader:
    """Windows of ten steps of one speech's states.

    The speech is encoded in pieces of 30 s, each by itself, as the authors' program does it. Two of
    them are kept, so that an hour takes no more memory than a minute.
    """

    def __init__(
        self, speech: Speech, fps: Fraction, hear: Hear, timing: TimingName = "exact"
    ) -> None:
        """fps: frames per second that are counted in."""
        self._speech, self._fps, self._hear, self._timing = speech, fps, hear, timing
        self._sound: Iterator[np.ndarray] = iter(())
        self._next: int | None = None  # the piece that `_sound` yields next
        self._held: dict[int, np.ndarray] = {}
        self._samples: int | None = None  # of the whole, once it is known

    def at(self, number: int) -> np.ndarray:
        """Return float32 (50, 384): five states of each step, first the five of the first step.

        Before the speech and after it steps are zeros. Frames after its end hear its last window.
        """
        start = self._start(number)
        steps = np.zeros((STEPS, STATES, AUDIO_WIDTH), np.float32)
        for piece in range(max(0, start) // PIECE_STEPS, (start + STEPS - 1) // PIECE_STEPS + 1):
            states = self._piece(piece)
            offset = piece * PIECE_STEPS - start  # where the piece begins in the window
            low, high = max(0, offset), min(STEPS, offset + len(states))
            if low < high:
                steps[low:high] = states[low - offset : high - offset]
        return steps.reshape(AUDIO_ROWS, AUDIO_WIDTH)

    def _start(self, number: int) -> int:
        """The first step of a frame's window; of the last one with sound for those after it."""
        start = first_step(number, self._fps, self._timing)
        self._piece(max(0, start + STEPS - 1) // PIECE_STEPS)
        if self._samples is None:
            return start
        if self._timing == "exact":
            return min(start, max(0, step_count(self._samples) - 1) - LEAD)
        last = max(0, official_count(self._samples, self._fps) - 1)
        return min(start, first_step(last, self._fps, self._timing))

    def _piece(self, number: int) -> np.ndarray:
        """The states of a piece, float32 (steps, 5, 384): 1500 steps, or what is left."""
        if number not in self._held:
            samples = self._read(number)
            if not len(samples):
                return np.zeros((0, STATES, AUDIO_WIDTH), np.float32)
            while len(self._held) >= HELD:
                del self._held[max(self._held, key=lambda one: abs(one - number))]
            self._held[number] = self._hear(piece_log_mel(samples))[: step_count(len(samples))]
        return self._held[number]

    def _read(self, number: int) -> np.ndarray:
        """The sound of a piece, float32 (n,); empty after the end."""
        if self._next is None or number < self._next:
            self._sound, self._next = _pieces(self._speech.blocks(RATE)), 0
        while self._samples is None or number * PIECE_SAMPLES < self._samples:
            samples, piece = next(self._sound), self._next
            self._next += 1
            if len(samples) < PIECE_SAMPLES:
                self._samples = piece * PIECE_SAMPLES + len(samples)
            if piece == number:
                return samples
        return np.zeros(0, np.float32)


def _pieces(blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Sound in pieces of 30 s; the last one is shorter, and may be empty."""
    waiting, count = [], 0
    for block in blocks:
        waiting.append(block)
        count += len(block)
        while count >= PIECE_SAMPLES:
            whole = np.concatenate(waiting)
            yield whole[:PIECE_SAMPLES]
            waiting = [whole[PIECE_SAMPLES:]]
            count -= PIECE_SAMPLES
    yield np.concatenate([np.zeros(0, np.float32), *waiting])
