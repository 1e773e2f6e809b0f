"""What each frame hears for LipGAN: 0.34 s of mel spectrogram, or 0.35 s of MFCCs, by frame number.

The authors' programs begin a frame's stretch of sound at the frame. But the networks were trained
on pictures 8 frames (of 25 a second) after the beginning of their stretch where they hear a mel
spectrogram, and 4, which is its middle, where they hear MFCCs: mouths come early by 0.32 and 0.16
s. "exact" puts frames where training put them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

import numpy as np

from lipwright.engines.column_reader import ColumnReader, Columns
from lipwright.engines.lipgan import mfcc
from lipwright.engines.lipgan.architecture import SOUNDS, Sound
from lipwright.engines.shared_options import TimingName
from lipwright.engines.wav2lip.audio_features import mel_columns
from lipwright.engines.wav2lip.mel_spectrogram import COLUMNS_PER_SECOND

if TYPE_CHECKING:
    from lipwright.speech.speech import Speech

LEADS = {"mel": Fraction(8, 25), "mfcc": Fraction(4, 25)}
"""Seconds from the beginning of a stretch of sound to its picture, in training."""
StartOf = Callable[[int], int]


@dataclass(frozen=True)
class LipGanFeatures:
    """The `AudioFeatures` of LipGAN: float32 (80, 27) in [-4, 4], or (12, 35).

    "exact": before and after the sound there is silence. "official": frames that the authors'
    programs leave out, because their stretch does not fit into the sound, hear the last one that
    does.
    """

    sound: Sound
    timing: TimingName = "exact"

    @property
    def name(self) -> str:
        """The name of the features."""
        return f"lipgan {self.sound}, {self.timing}"

    def read(self, speech: Speech, fps: Fraction, first: int, seed: int) -> ColumnReader:
        """Open the spectrogram of a speech. Nothing in it is random."""
        columns = _columns(speech, self.sound)
        official = self.timing == "official"
        start_of = _official_starts(self.sound, fps) if official else exact_starts(self.sound, fps)
        return ColumnReader(columns, start_of, stays_inside=official)


def exact_starts(sound: Sound, fps: Fraction) -> StartOf:
    """Return what gives the first column of a frame's stretch as in training; it may be below 0."""
    rate = COLUMNS_PER_SECOND if sound == "mel" else mfcc.COLUMNS_PER_SECOND
    return lambda number: floor((number / fps - LEADS[sound]) * rate)


def _official_starts(sound: Sound, fps: Fraction) -> StartOf:
    if sound == "mel":
        return lambda number: int(number * (COLUMNS_PER_SECOND / float(fps)))
    return SummedStarts(fps)


class SummedStarts:
    """The first columns of the authors' MFCC stretches, which come from a sum with its rounding.

    Forwards each is one more addition.
    """

    def __init__(self, fps: Fraction) -> None:
        self._step = 1 / float(fps) * 1000
        self._number, self._milliseconds = 0, 0.0

    def __call__(self, number: int) -> int:
        """Return the column with which a frame's stretch begins."""
        if number < self._number:
            self._number, self._milliseconds = 0, 0.0
        while self._number < number:
            self._number, self._milliseconds = self._number + 1, self._milliseconds + self._step
        return int(self._milliseconds // 10)


def _columns(speech: Speech, sound: Sound) -> Columns:
    rows, width, _ = SOUNDS[sound]
    if sound == "mel":
        return mel_columns(speech, width)

    def blocks(first: int) -> Iterator[np.ndarray]:
        for block in mfcc.mfcc_blocks(speech.blocks(mfcc.RATE), first):
            yield block.astype(np.float32)

    return Columns(rows, width, mfcc.SILENCE, blocks)
