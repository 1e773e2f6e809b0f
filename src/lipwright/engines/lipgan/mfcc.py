"""The MFCCs LipGAN's first network was trained on, in numpy instead of Matlab.

12 of 13 coefficients every 10 ms of 25 ms Hamming windows, after pre-emphasis, in steps of 16-bit
sound: the first, which is the loudness, is left out. The magnitudes of a transform of 512 samples
go through 40 triangles of height 1, evenly spaced from 300 to 3700 Hz in mel; of their logarithms
is made a cosine transform, and its higher coefficients are lifted (the settings of the authors'
matlab/create_mat.m; Young et al., The HTK Book).

Digital silence has no logarithm. Bands are counted as 0.01 where they have less, a hundredth of a
step of 16-bit sound, which leaves whatever such sound holds as it is; silence has 0 everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np

from lipwright.media.audio import mel

RATE = 16_000
WINDOW, HOP, SIZE = 400, 160, 512  # samples
COLUMNS_PER_SECOND = RATE // HOP
BANDS = 40
LOWEST, HIGHEST = 300.0, 3700.0  # Hz
COEFFICIENTS = 12
LIFTER = 22
EMPHASIS = 0.97
FULL_SCALE = 32768.0
FLOOR = 0.01
SILENCE = 0.0


def mfcc(samples: np.ndarray) -> np.ndarray:
    """Return the coefficients, float64 (12, T), T = 1 + (n - 400) // 160, 0 below 400 samples.

    samples: mono, float (n,) in [-1, 1] at 16 kHz.
    """
    none = np.zeros((COEFFICIENTS, 0))
    return np.concatenate([none, *mfcc_blocks([np.asarray(samples)])], axis=1)


def mfcc_blocks(sound: Iterable[np.ndarray], first: int = 0) -> Iterator[np.ndarray]:
    """Yield the same of a sound that comes in pieces: float64 (12, T), some columns at a time.

    first: the column to begin with; those before are not computed.
    """
    frames = mel.FrameStream(WINDOW, HOP, np.float64)
    for piece in mel.emphasised_pieces(sound, EMPHASIS, first * HOP):
        windows = frames.push(piece)
        if len(windows):
            yield _columns(windows * FULL_SCALE)


def _columns(windows: np.ndarray) -> np.ndarray:
    """Coefficients of windows (T, 400): float64 (12, T)."""
    magnitudes = mel.magnitudes(windows * np.hamming(WINDOW), SIZE)
    levels = np.log(np.maximum(_bands() @ magnitudes.T, FLOOR))
    result: np.ndarray = _cosines() @ levels
    return result


@cache
def _bands() -> np.ndarray:
    """float64 (40, 257): triangles of height 1, even in mel."""
    edges = mel.HTK.edges(LOWEST, HIGHEST, BANDS)
    return mel.triangular_filters(mel.bin_frequencies(SIZE, RATE), *mel.corners(edges))


@cache
def _cosines() -> np.ndarray:
    """float64 (12, 40): the cosine transform and the lifter, without the first row."""
    numbers = np.arange(1, COEFFICIENTS + 1)[:, None]
    angles = np.pi * numbers * (np.arange(BANDS) + 0.5) / BANDS
    lifted = 1 + LIFTER / 2 * np.sin(np.pi * numbers / LIFTER)
    result: np.ndarray = lifted * np.sqrt(2 / BANDS) * np.cos(angles)
    return result
