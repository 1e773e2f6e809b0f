"""The mel spectrogram Wav2Lip was trained on, in numpy, and the part of it each frame sees.

80 bands from 55 to 7600 Hz every 12.5 ms of 50 ms Hann windows, after pre-emphasis; in dB, 20 dB
below full scale, and from -100 dB to 0 brought to [-4, 4]. Bands are Slaney's, as librosa's are.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache

import numpy as np

from lipwright.media.audio import mel

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


def mel_blocks(sound: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """The same of a sound that comes in pieces: float32 (80, some columns) at a time."""
    frames, last = mel.FrameStream(WINDOW, HOP), 0.0
    for piece in sound:
        if not len(piece):
            continue
        emphasised = mel.pre_emphasis(piece, EMPHASIS, last)
        last = float(piece[-1])
        yield from _columns(frames.push(emphasised))
    yield from _columns(frames.finish(WINDOW // 2))


def frame_windows(blocks: Iterable[np.ndarray], fps: Fraction) -> Iterator[np.ndarray]:
    """What each frame sees, without end: (80, 16), from column int(i * 80 / fps) on.

    Near the end frames see the last 16 columns; after a sound of fewer there is silence.
    """
    source = iter(blocks)
    held, first, ended = np.full((BANDS, 0), -RANGE, np.float32), 0, False
    for index in itertools.count():
        start = int(index * COLUMNS_PER_SECOND / fps)
        while not ended and first + held.shape[1] < start + COLUMNS:
            # what later frames cannot see is let go, but never the last window
            let_go = min(start - first, held.shape[1] - COLUMNS)
            if let_go > 0:
                held, first = held[:, let_go:], first + let_go
            block = next(source, None)
            if block is None:
                ended = True
                missing = COLUMNS - held.shape[1]
                if missing > 0:
                    held = np.pad(held, ((0, 0), (0, missing)), constant_values=-RANGE)
            else:
                held = np.concatenate([held, block], axis=1)
        start = min(start - first, held.shape[1] - COLUMNS)
        yield held[:, start : start + COLUMNS]


def _columns(windows: np.ndarray) -> Iterator[np.ndarray]:
    """Normalised columns of windows (T, 800), if there are any: float32 (80, T)."""
    if not len(windows):
        return
    magnitude = mel.magnitudes(windows * _hann(), WINDOW).astype(np.float32)
    level = 20 * np.log10(np.maximum(10 ** (FLOOR / 20), _bands() @ magnitude.T)) - REFERENCE
    scaled = 2 * RANGE * (level / -FLOOR + 1) - RANGE
    yield np.clip(scaled, -RANGE, RANGE).astype(np.float32)


@cache
def _hann() -> np.ndarray:
    return mel.hann_window(WINDOW)


@cache
def _bands() -> np.ndarray:
    """float32 (80, 401): triangles of equal area, even in Slaney's mel."""
    low, centre, high = mel.corners(mel.SLANEY.edges(LOWEST, HIGHEST, BANDS))
    triangles = mel.triangular_filters(mel.bin_frequencies(WINDOW, RATE), low, centre, high)
    return (triangles * (2 / (high - low))[:, None]).astype(np.float32)
