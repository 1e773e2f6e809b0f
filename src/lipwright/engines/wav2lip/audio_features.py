"""What each frame hears for Wav2Lip: 0.2 s of mel spectrogram, by frame number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from lipwright.engines.wav2lip.mel_spectrogram import (
    BANDS,
    COLUMNS,
    COLUMNS_PER_SECOND,
    RANGE,
    RATE,
    mel_blocks,
)

if TYPE_CHECKING:
    from lipwright.speech.speech import Speech


@dataclass(frozen=True)
class MelFeatures:
    """The `AudioFeatures` of Wav2Lip."""

    name = "wav2lip mel"

    def read(self, speech: Speech, fps: Fraction, first: int, seed: int) -> MelReader:
        """Open the mel spectrogram of a speech. Nothing in it is random."""
        return MelReader(speech, fps)


class MelReader:
    """Windows of 16 columns of one speech's mel spectrogram.

    Columns are computed from the first one that is read, kept while frames can still see them, and
    computed again only for who goes back further than that.
    """

    def __init__(self, speech: Speech, fps: Fraction) -> None:
        """fps: frames per second that are counted in."""
        self._speech, self._fps = speech, fps
        self._coming: Iterator[np.ndarray] | None = None
        self._held = _no_columns()
        self._first = 0  # the column with which `_held` begins
        self._ended = False

    def at(self, number: int) -> np.ndarray:
        """Return float32 (80, 16) in [-4, 4], from column int(number * 80 / fps) on.

        Near the end frames hear the last 16 columns; after a sound of fewer there is silence.
        """
        start = int(number * COLUMNS_PER_SECOND / self._fps)
        if self._coming is None or start < self._first:
            self._seek(max(0, start - COLUMNS))
        while not self._ended and self._first + self._held.shape[1] < start + COLUMNS:
            self._read_more(start)
        if self._held.shape[1] < COLUMNS and self._first:
            self._seek(0)  # the end came sooner than this frame: it hears the last columns
            return self.at(number)
        start = max(0, min(start - self._first, self._held.shape[1] - COLUMNS))
        return self._held[:, start : start + COLUMNS]

    def _seek(self, column: int) -> None:
        self._coming = mel_blocks(self._speech.blocks(RATE), column)
        self._held, self._first, self._ended = _no_columns(), column, False

    def _read_more(self, start: int) -> None:
        # what later frames cannot see is let go, but never the last window
        let_go = min(start - self._first, self._held.shape[1] - COLUMNS)
        if let_go > 0:
            self._held, self._first = self._held[:, let_go:], self._first + let_go
        assert self._coming is not None
        block = next(self._coming, None)
        if block is not None:
            self._held = np.concatenate([self._held, block], axis=1)
            return
        self._ended = True
        missing = COLUMNS - self._held.shape[1]
        if missing > 0 and not self._first:
            silence = ((0, 0), (0, missing))
            self._held = np.pad(self._held, silence, constant_values=-RANGE)


def _no_columns() -> np.ndarray:
    return np.zeros((BANDS, 0), np.float32)
