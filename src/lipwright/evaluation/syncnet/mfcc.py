"""Mel cepstra as SyncNet was trained on: those of python_speech_features 0.6, in numpy.

13 coefficients every 10 ms of 25 ms without a window, 26 filters to 8 kHz over 512 bins, the first
coefficient replaced with the log of the energy. Samples are 16-bit integers in value.
"""

from __future__ import annotations

from functools import cache

import numpy as np

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
    signal = np.r_[signal[0], signal[1:] - EMPHASIS * signal[:-1]]
    frames = 1 + max(0, int(np.ceil((len(signal) - WINDOW) / HOP)))
    padded = np.pad(signal, (0, max(0, (frames - 1) * HOP + WINDOW - len(signal))))
    blocks = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][:frames]
    power = np.abs(np.fft.rfft(blocks, BINS)) ** 2 / BINS
    energy = power.sum(axis=1)
    filtered = power @ filters().T
    cepstra = np.log(np.where(filtered == 0, TINY, filtered)) @ cosines().T
    cepstra *= 1 + LIFTER / 2 * np.sin(np.pi * np.arange(COEFFICIENTS) / LIFTER)
    cepstra[:, 0] = np.log(np.where(energy == 0, TINY, energy))
    return cepstra.astype(np.float32)


def _as_integers(samples: np.ndarray) -> np.ndarray:
    """Samples as 16-bit integers have them, float64."""
    if samples.dtype == np.int16:
        return samples.astype(np.float64)
    return np.clip(np.rint(samples.astype(np.float64) * 32768), -32768, 32767)


@cache
def filters() -> np.ndarray:
    """(26, 257): triangles even in mel, their corners on whole bins."""
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    hertz = 700 * (10 ** (np.linspace(0, top, FILTERS + 2) / 2595) - 1)
    corners = np.floor((BINS + 1) * hertz / RATE)
    bins = np.arange(BINS // 2 + 1)
    low, middle, high = (corners[k : k + FILTERS, None] for k in range(3))
    rising = (bins - low) / (middle - low)
    falling = (high - bins) / (high - middle)
    within = (bins >= low) & (bins < high)
    return np.where(within, np.where(bins < middle, rising, falling), 0.0)


@cache
def cosines() -> np.ndarray:
    """(13, 26): the orthonormal discrete cosine transform of the second kind, its first rows."""
    row, column = np.arange(COEFFICIENTS)[:, None], np.arange(FILTERS)
    table = np.sqrt(2 / FILTERS) * np.cos(np.pi * row * (2 * column + 1) / (2 * FILTERS))
    table[0] /= np.sqrt(2)
    return table
