"""Mel cepstra as SyncNet was trained on: those of python_speech_features 0.6, in numpy.

13 coefficients every 10 ms of 25 ms without a window, 26 filters to 8 kHz over 512 bins, the first
coefficient replaced with the log of the energy. Samples are 16-bit integers in value.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from lipwright.media.audio import mel

RATE = 16_000
WINDOW = 400  # samples
HOP = 160
BINS = 512
FILTERS = 26
COEFFICIENTS = 13
LIFTER = 22
EMPHASIS = 0.97
TINY = float(np.finfo(float).eps)  # instead of zero, before a logarithm


def mfcc(samples: np.ndarray) -> np.ndarray:
    """Cepstra of mono samples at 16 kHz, (n,) float in [-1, 1] or int16: float32 (frames, 13).

    As many frames as python_speech_features gives: the last one is filled up with silence.
    """
    signal = _as_integers(samples)
    if not len(signal):
        return np.zeros((0, COEFFICIENTS), np.float32)
    signal = mel.pre_emphasis(signal, EMPHASIS)
    frames = 1 + max(0, int(np.ceil((len(signal) - WINDOW) / HOP)))
    padded = np.pad(signal, (0, max(0, (frames - 1) * HOP + WINDOW - len(signal))))
    power = mel.magnitudes(mel.frame_windows(padded, WINDOW, HOP), BINS) ** 2 / BINS
    energy = power.sum(axis=1)
    filtered = power @ filters().T
    cepstra = np.log(np.where(filtered == 0, TINY, filtered)) @ cosines().T
    cepstra *= 1 + LIFTER / 2 * np.sin(np.pi * np.arange(COEFFICIENTS) / LIFTER)
    cepstra[:, 0] = np.log(np.where(energy == 0, TINY, energy))
    result: np.ndarray = cepstra.astype(np.float32)
    return result


def _as_integers(samples: np.ndarray) -> np.ndarray:
    """Samples as 16-bit integers have them, float64."""
    if samples.dtype == np.int16:
        return samples.astype(np.float64)
    return np.clip(np.rint(samples.astype(np.float64) * 32768), -32768, 32767)


@cache
def filters() -> np.ndarray:
    """float64 (26, 257): triangles even in mel, their corners on whole bins."""
    edges = np.floor((BINS + 1) * mel.HTK.edges(0, RATE / 2, FILTERS) / RATE)
    return mel.triangular_filters(np.arange(BINS // 2 + 1), *mel.corners(edges))


@cache
def cosines() -> np.ndarray:
    """float64 (13, 26): the first rows of the orthonormal discrete cosine transform (DCT-II)."""
    row, column = np.arange(COEFFICIENTS)[:, None], np.arange(FILTERS)
    table: np.ndarray = np.sqrt(2 / FILTERS) * np.cos(
        np.pi * row * (2 * column + 1) / (2 * FILTERS)
    )
    table[0] /= np.sqrt(2)
    return table
