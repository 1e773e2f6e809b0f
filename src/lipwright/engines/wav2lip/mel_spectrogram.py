"""The mel spectrogram Wav2Lip was trained on, in numpy, and the part of it each frame sees.

80 bands from 55 to 7600 Hz every 12.5 ms of 50 ms Hann windows, after pre-emphasis; in dB, 20 dB
below full scale, and from -100 dB to 0 brought to [-4, 4]. Bands are Slaney's, as librosa's are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np

from lipwright.articulation.log_mel import hertz_to_mel, mel_to_hertz

RATE = 16_000
WINDOW = 800  # samples, also the length of the transform
HOP = 200
BANDS = 80
LOWEST, HIGHEST = 55.0, 7600.0  # Hz
EMPHASIS = 0.97
REFERENCE, FLOOR = 20.0, -100.0  # dB
RANGE = 4.0
COLUMNS_PER_SECOND = RATE // HOP
COLUMNS = 16
"""What one frame sees: 0.2 s, from its own moment on."""


def mel_spectrogram(samples: np.ndarray) -> np.ndarray:
    """Mono float samples in [-1, 1] at 16 kHz: float32 (80, 1 + n // 200) in [-4, 4]."""
    blocks = list(mel_blocks([np.asarray(samples, np.float32)]))
    return np.concatenate(blocks, axis=1)


def mel_blocks(sound: Iterable[np.ndarray], first: int = 0) -> Iterator[np.ndarray]:
    """The same of a sound that comes in pieces: float32 (80, some columns) at a time.

    first: the column to begin with; those before are not computed.
    """
    half = WINDOW // 2
    skipped = max(0, first * HOP - half)  # samples that no wanted column sees
    drop = first if not skipped else 0  # columns that see the silence before the sound
    pending = np.zeros(0 if skipped else half, np.float32)
    last = 0.0
    for piece in sound:
        if len(piece) <= skipped:
            skipped -= len(piece)
            last = float(piece[-1]) if len(piece) else last
            continue
        if skipped:
            last = float(piece[skipped - 1])
            piece, skipped = piece[skipped:], 0
        emphasised = piece - EMPHASIS * np.r_[last, piece[:-1]]
        last = float(piece[-1])
        pending = np.concatenate([pending, emphasised.astype(np.float32)])
        ready = 1 + (len(pending) - WINDOW) // HOP
        if ready > drop:
            yield _columns(pending, ready)[:, drop:]
            pending, drop = pending[ready * HOP :], 0
    pending = np.pad(pending, (0, half))
    rest = 1 + (len(pending) - WINDOW) // HOP
    if rest > drop:
        yield _columns(pending, rest)[:, drop:]


def _columns(samples: np.ndarray, count: int) -> np.ndarray:
    """Normalised columns of `count` windows."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP][:count]
    magnitude = np.abs(np.fft.rfft(windows * hann(), axis=1)).astype(np.float32)
    level = 20 * np.log10(np.maximum(10 ** (FLOOR / 20), bands() @ magnitude.T)) - REFERENCE
    return np.clip(2 * RANGE * (level / -FLOOR + 1) - RANGE, -RANGE, RANGE).astype(np.float32)


@cache
def hann() -> np.ndarray:
    """The periodic Hann window."""
    return np.hanning(WINDOW + 1)[:-1].astype(np.float32)


@cache
def bands() -> np.ndarray:
    """float32 (80, 401): triangles of equal area, even in Slaney's mel."""
    low, high = hertz_to_mel(np.array([LOWEST, HIGHEST]))
    edges = mel_to_hertz(np.linspace(low, high, BANDS + 2))
    hertz = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
    width = np.diff(edges)
    distance = edges[:, None] - hertz
    rising = -distance[:-2] / width[:-1, None]
    falling = distance[2:] / width[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)
