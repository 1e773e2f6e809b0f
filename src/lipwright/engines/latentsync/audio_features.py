"""What each frame hears for LatentSync: states of Whisper's encoder around its moment.

The spectrogram is 8 powers of ten deep below the loudest moment of the whole sound, as the authors'
program has it: a first pass finds that moment, a second one makes the pieces of 30 s that are asked
for. However long the sound is, two of them are kept, 23 MB.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lipwright.engines.latentsync.sound_windows import (
    STEPS,
    official_count,
    state_count,
    window_start,
)
from lipwright.engines.shared_options import TimingName
from lipwright.engines.whisper import (
    BANDS,
    PIECE_COLUMNS,
    PIECE_STEPS,
    RATE,
    Hear,
    log_power_blocks,
    normalise,
)

if TYPE_CHECKING:
    from lipwright.speech.speech import Speech

STATES, WIDTH = 5, 384
KEPT_PIECES = 2


@dataclass(frozen=True)
class WhisperWindows:
    """The `AudioFeatures` of LatentSync."""

    hear: Hear | None = None
    """The encoder; None before an engine has loaded it."""
    timing: TimingName = "exact"
    """Which moment a frame hears."""
    name = "Whisper tiny, 0.2 s"

    def read(self, speech: Speech, fps: Fraction, first: int, seed: int) -> WindowReader:
        """Open the windows of a speech. Nothing in them is random."""
        if self.hear is None:
            raise TypeError("the windows are those of an engine that has loaded its networks")
        return WindowReader(speech, fps, self.hear, self.timing)


class _Survey(NamedTuple):
    """What is known of a sound after the first pass."""

    loudest: float
    """The largest log10 of power."""
    steps: int
    """States that are used."""


class WindowReader:
    """Windows of ten states of one speech."""

    def __init__(self, speech: Speech, fps: Fraction, hear: Hear, timing: TimingName) -> None:
        """fps: frames per second that are counted in."""
        self._speech, self._fps, self._hear, self._timing = speech, fps, hear, timing
        self._pieces: OrderedDict[int, np.ndarray] = OrderedDict()
        self._coming: Iterator[np.ndarray] = iter(())
        self._next = 0  # the piece that `_coming` gives next

    def at(self, number: int) -> np.ndarray:
        """Return float32 (50, 384): ten states of five layers each, the first and last repeated.

        Waits for the whole sound: how loud it gets anywhere counts.
        """
        steps = self._survey.steps
        if not steps:
            return np.zeros((STEPS * STATES, WIDTH), np.float32)
        if self._timing == "official":
            number = min(number, official_count(steps, self._fps) - 1)
        start = window_start(number, self._fps, self._timing)
        places = np.clip(np.arange(start, start + STEPS), 0, steps - 1)
        heard = [self._piece(place // PIECE_STEPS)[place % PIECE_STEPS] for place in places]
        return np.concatenate(heard)

    @cached_property
    def _survey(self) -> _Survey:
        loudest, columns = -np.inf, 0
        for block in log_power_blocks(self._speech.blocks(RATE)):
            loudest, columns = max(loudest, float(block.max())), columns + block.shape[1]
        return _Survey(loudest, state_count(columns, self._timing))

    def _piece(self, number: int) -> np.ndarray:
        """The states of the `number`th 30 s."""
        number = int(number)
        if number not in self._pieces:
            if number < self._next or not self._next:
                self._coming, self._next = _pieces(self._speech, self._survey.loudest), 0
            for _ in range(number - self._next):
                next(self._coming)
            self._pieces[number] = self._hear(next(self._coming))
            self._next = number + 1
        self._pieces.move_to_end(number)
        while len(self._pieces) > KEPT_PIECES:
            self._pieces.popitem(last=False)
        return self._pieces[number]


def _pieces(speech: Speech, loudest: float) -> Iterator[np.ndarray]:
    """The spectrogram in pieces of 30 s, float32 (80, 3000), the last filled up with 0."""
    held = np.zeros((BANDS, 0), np.float32)
    for block in log_power_blocks(speech.blocks(RATE)):
        held = np.concatenate([held, normalise(block, loudest)], axis=1)
        while held.shape[1] >= PIECE_COLUMNS:
            yield held[:, :PIECE_COLUMNS]
            held = held[:, PIECE_COLUMNS:]
    if held.shape[1]:
        yield np.pad(held, ((0, 0), (0, PIECE_COLUMNS - held.shape[1])))
