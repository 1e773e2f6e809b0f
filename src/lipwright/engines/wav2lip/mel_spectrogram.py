"""The mel spectrogram Wav2Lip was trained on, in numpy, and the part of it each frame sees.

80 bands from 55 to 7600 Hz every 12.5 ms of 50 ms Hann windows, after pre-emphasis; in dB, 20 dB
below full scale, and from -100 dB to 0 brought to [-4, 4]. Bands are Slaney's, as librosa's are.
Both ends of the sound are reflected, as librosa 0.7.0 does it, which the authors' programs ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    """Return the spectrogram, float32 (80, T) in [-4, 4], T = 1 + n // 200.

    samples: mono, float (n,) in [-1, 1] at 16 kHz.
    """
    blocks = list(mel_blocks([np.asarray(samples, np.float32)]))
    return np.concatenate(blocks, axis=1)


def mel_blocks(sound: Iterable[np.ndarray], first: int = 0) -> Iterator[np.ndarray]:
    """Yield the same of a sound that comes in pieces: float32 (80, T), some columns at a time.

    first: the column to begin with; those before are not computed.
    """
    skipped = max(0, first * HOP - WINDOW)  # samples that no wanted column sees, reflections too
    drop = first if not skipped else 2  # columns before `first` that are computed
    frames = mel.CentredFrames(WINDOW, HOP, reflects_start=not skipped)
    for windows in _windows(sound, skipped, frames):
        if len(windows) > drop:
            yield _columns(windows[drop:])
        drop = max(0, drop - len(windows))


def _windows(
    sound: Iterable[np.ndarray], skipped: int, frames: mel.CentredFrames
) -> Iterator[np.ndarray]:
    """Windows (T, 800) of the emphasised sound, without its first `skipped` samples."""
    for piece in mel.emphasised_pieces(sound, EMPHASIS, skipped):
        yield frames.push(piece)
    yield frames.finish()


def _columns(windows: np.ndarray) -> np.ndarray:
    """Normalised columns of windows (T, 800): float32 (80, T)."""
    magnitude = mel.magnitudes(windows * mel.hann_window(WINDOW), WINDOW).astype(np.float32)
    level = 20 * np.log10(np.maximum(10 ** (FLOOR / 20), _bands() @ magnitude.T)) - REFERENCE
    return np.clip(2 * RANGE * (level / -FLOOR + 1) - RANGE, -RANGE, RANGE).astype(np.float32)


@cache
def _bands() -> np.ndarray:
    """float32 (80, 401): triangles of equal area, even in Slaney's mel."""
    low, centre, high = mel.corners(mel.SLANEY.edges(LOWEST, HIGHEST, BANDS))
    triangles = mel.triangular_filters(mel.bin_frequencies(WINDOW, RATE), low, centre, high)
    result: np.ndarray = (triangles * (2 / (high - low))[:, None]).astype(np.float32)
    return result
