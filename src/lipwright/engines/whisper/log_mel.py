"""Whisper's log-mel spectrogram in numpy (Radford et al. 2022), in the two ways in use.

80 of Slaney's bands from 0 to 8000 Hz every 10 ms of 25 ms Hann windows that are centred on their
moment, the sound reflected at both ends; log10 of the power, at most 8 below the loudest value,
then (x + 4) / 4.

MuseTalk fills each piece of 30 s up with silence and takes the loudest value of that piece
(`piece_log_mel`); LatentSync takes the whole sound and its loudest value (`log_mel`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np

from lipwright.media.audio import mel

RATE = 16_000
WINDOW = 400  # samples, also the length of the transform
HOP = 160
BANDS = 80
HIGHEST = 8000.0  # Hz
SILENCE = 1e-10  # the least power
RANGE = 8.0
"""Powers of ten below the loudest value that are told apart."""
PIECE_COLUMNS = 3000
"""Columns of the 30 s that the encoder takes at once."""
PIECE_SAMPLES = PIECE_COLUMNS * HOP
STEPS_PER_SECOND = 50
"""The encoder's states come at half the rate of the columns."""
BLOCK = 1000  # columns that are worked out at once


def log_mel(samples: np.ndarray) -> np.ndarray:
    """Return the spectrogram of a whole sound, float32 (80, n // 160).

    samples: mono, float (n,) in [-1, 1] at 16 kHz.
    """
    blocks = list(log_power_blocks([samples]))
    if not blocks:
        return np.zeros((BANDS, 0), np.float32)
    whole = np.concatenate(blocks, axis=1)
    return normalise(whole, float(whole.max()))


def piece_log_mel(samples: np.ndarray) -> np.ndarray:
    """Return the spectrogram of a piece that is filled up with silence: float32 (80, 3000).

    samples: mono, float (n,) in [-1, 1] at 16 kHz, n at most 480,000.
    """
    filled = np.zeros(PIECE_SAMPLES, np.float32)
    filled[: len(samples)] = samples
    return log_mel(filled)


def log_power_blocks(sound: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield log10 of the bands' power, float32 (80, T), T about 1000, n // 160 in all.

    sound: mono, float (n,) in all, in [-1, 1] at 16 kHz, in pieces of any size. `normalise` makes
    the spectrogram of it.
    """
    frames, waiting = mel.CentredFrames(WINDOW, HOP), np.zeros((0, WINDOW), np.float32)
    for piece in sound:
        waiting = np.concatenate([waiting, frames.push(np.asarray(piece, np.float32))])
        while len(waiting) > BLOCK:
            yield _log_power(waiting[:BLOCK])
            waiting = waiting[BLOCK:]
    waiting = np.concatenate([waiting, frames.finish()])[:-1]  # Whisper leaves out the last one
    if len(waiting):
        yield _log_power(waiting)


def normalise(log_power: np.ndarray, loudest: float) -> np.ndarray:
    """Return log10 of power, float32 (80, T), as the encoder wants it.

    loudest: the largest log10 of power in the sound.
    """
    result: np.ndarray = (np.maximum(log_power, np.float32(loudest - RANGE)) + 4) / 4
    return result.astype(np.float32, copy=False)


def _log_power(windows: np.ndarray) -> np.ndarray:
    """log10 of the bands' power in windows (T, 400): float32 (80, T)."""
    magnitude = mel.magnitudes(windows * mel.hann_window(WINDOW), WINDOW).astype(np.float32)
    power = _bands() @ (magnitude * magnitude).T
    result: np.ndarray = np.log10(np.maximum(power, SILENCE)).astype(np.float32)
    return result


@cache
def _bands() -> np.ndarray:
    """float32 (80, 201): triangles of equal area, even in Slaney's mel."""
    low, centre, high = mel.corners(mel.SLANEY.edges(0.0, HIGHEST, BANDS))
    triangles = mel.triangular_filters(mel.bin_frequencies(WINDOW, RATE), low, centre, high)
    result: np.ndarray = (triangles * (2 / (high - low))[:, None]).astype(np.float32)
    return result
