"""What each frame hears for Wav2Lip: 0.2 s of mel spectrogram, by frame number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from lipwright.engines.column_reader import ColumnReader, Columns
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
    """The `AudioFeatures` of Wav2Lip.

    A frame hears float32 (80, 16) in [-4, 4], from column int(number * 80 / fps) on. Near the end
    frames hear the last 16 columns; after a sound of fewer there is silence.
    """

    name = "wav2lip mel"

    def read(self, speech: Speech, fps: Fraction, first: int, seed: int) -> ColumnReader:
        """Open the mel spectrogram of a speech. Nothing in it is random."""
        return ColumnReader(
            mel_columns(speech, COLUMNS),
            lambda number: int(number * COLUMNS_PER_SECOND / fps),
            stays_inside=True,
        )


def mel_columns(speech: Speech, width: int) -> Columns:
    """Return the mel spectrogram of a speech in stretches of `width` columns."""

    def blocks(first: int) -> Iterator[np.ndarray]:
        return mel_blocks(speech.blocks(RATE), first)

    return Columns(BANDS, width, -RANGE, blocks)
