"""The parts of mel spectra: mel scales, triangular filters, windows and framing.

Two scales are in use: Slaney's (Auditory Toolbox, 1998; librosa's default), linear below 1 kHz and
logarithmic above, and the one of HTK (O'Shaughnessy, 1987), logarithmic throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

import numpy as np

from lipwright.core.readonly import read_only

_SLANEY_BREAK_HZ, _SLANEY_BREAK_MEL = 1000, 15
_SLANEY_LOG_STEP = np.log(6.4) / 27


class MelScale(NamedTuple):
    """A pitch scale and its inverse, float64 arrays of any shape."""

    to_mel: Callable[[np.ndarray], np.ndarray]
    to_hertz: Callable[[np.ndarray], np.ndarray]

    def edges(self, lowest: float, highest: float, bands: int) -> np.ndarray:
        """Return the corners of triangles, evenly spaced in mel, in Hz: float64 (bands + 2,)."""
        low, high = self.to_mel(np.array([lowest, highest]))
        return self.to_hertz(np.linspace(low, high, bands + 2))


def _slaney_mel(hertz: np.ndarray) -> np.ndarray:
    octaves = np.log(np.maximum(hertz, 1.0) / _SLANEY_BREAK_HZ)
    bent = _SLANEY_BREAK_MEL + octaves / _SLANEY_LOG_STEP
    return np.where(hertz < _SLANEY_BREAK_HZ, hertz * 3 / 200, bent)


def _slaney_hertz(mel: np.ndarray) -> np.ndarray:
    bent = _SLANEY_BREAK_HZ * np.exp(_SLANEY_LOG_STEP * (mel - _SLANEY_BREAK_MEL))
    return np.where(mel < _SLANEY_BREAK_MEL, mel * 200 / 3, bent)


def _htk_mel(hertz: np.ndarray) -> np.ndarray:
    return 2595 * np.log10(1 + hertz / 700)


def _htk_hertz(mel: np.ndarray) -> np.ndarray:
    return 700 * (10 ** (mel / 2595) - 1)


SLANEY = MelScale(_slaney_mel, _slaney_hertz)
HTK = MelScale(_htk_mel, _htk_hertz)


def corners(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the low, middle and high corner of each of the triangles that overlap by half.

    edges: float64 (bands + 2,). The corners are (bands,) each.
    """
    return edges[:-2], edges[1:-1], edges[2:]


def triangular_filters(
    bins: np.ndarray, low: np.ndarray, centre: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Return filters that rise from `low` to 1 at `centre` and fall to `high`.

    They are float64 (bands, bins).

    Args:
        bins: where the bins of the spectrum are, (bins,), in the unit of the corners.
        low: the lower corner of each triangle, (bands,).
        centre: the middle of each, (bands,), above `low`.
        high: the upper corner of each, (bands,), above `centre`.
    """
    rising = (bins - low[:, None]) / (centre - low)[:, None]
    falling = (high[:, None] - bins) / (high - centre)[:, None]
    result: np.ndarray = np.maximum(0, np.minimum(rising, falling))
    return result


def bin_frequencies(size: int, rate: int) -> np.ndarray:
    """Return the frequencies of a transform of `size` samples in Hz: float64 (size // 2 + 1,)."""
    return np.arange(size // 2 + 1) * rate / size


@cache
def hann_window(length: int) -> np.ndarray:
    """Return the periodic Hann window, float32 (length,), which cannot be written to."""
    return read_only(np.hanning(length + 1)[:-1].astype(np.float32))


def pre_emphasis(samples: np.ndarray, coefficient: float, before: float = 0.0) -> np.ndarray:
    """Subtract `coefficient` times the sample before from each one: float64 (n,).

    before: the sample before the first.
    """
    result: np.ndarray = samples - coefficient * np.r_[before, samples[:-1]]
    return result


def emphasised_pieces(
    sound: Iterable[np.ndarray], coefficient: float, skipped: int = 0
) -> Iterator[np.ndarray]:
    """Yield a sound that comes in pieces, pre-emphasised, without its first `skipped` samples.

    The pieces are float (n,); what is yielded is float64 and never empty.
    """
    last = 0.0
    for piece in sound:
        if len(piece) <= skipped:
            skipped -= len(piece)
            last = float(piece[-1]) if len(piece) else last
            continue
        if skipped:
            last = float(piece[skipped - 1])
            piece, skipped = piece[skipped:], 0
        yield pre_emphasis(piece, coefficient, last)
        last = float(piece[-1])


def frame_windows(samples: np.ndarray, window: int, hop: int) -> np.ndarray:
    """Cut the overlapping windows that fit in `samples`: a view (T, window), T may be 0.

    samples: (n,), float32 or float64.
    """
    if len(samples) < window:
        return np.zeros((0, window), samples.dtype)
    return np.lib.stride_tricks.sliding_window_view(samples, window)[::hop]


def magnitudes(frames: np.ndarray, size: int) -> np.ndarray:
    """Return the magnitude spectra of windowed frames, float32 or float64 (T, window).

    The frames are padded with zeros to `size` samples.
    """
    return np.abs(np.fft.rfft(frames, size, axis=1))


class FrameStream:
    """Cuts sound that comes in pieces of any size into overlapping windows."""

    def __init__(self, window: int, hop: int, dtype: type = np.float32) -> None:
        """Window and hop in samples, hop at most window; dtype of what is cut."""
        self._window, self._hop = window, hop
        self._pending: np.ndarray = np.zeros(0, dtype)

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Return the windows now complete, float32 or float64 as was asked for: (T, window)."""
        samples = samples.astype(self._pending.dtype, copy=False)
        pending = np.concatenate([self._pending, samples])
        frames = frame_windows(pending, self._window, self._hop)
        self._pending = pending[len(frames) * self._hop :].copy()
        return frames


class CentredFrames:
    """Cuts sound into windows centred on every hop-th sample, its ends reflected.

    The first window is centred on the first sample; what stands before it is what comes after it,
    backwards and without the sample itself, and so at the end. There are 1 + n // hop of them.
    """

    def __init__(self, window: int, hop: int, reflects_start: bool = True) -> None:
        """Args in samples, window even.

        reflects_start: False for a sound whose beginning was left out: the first window then starts
        at the first sample.
        """
        self._half, self._stream = window // 2, FrameStream(window, hop)
        self._head = np.zeros(0, np.float32) if reflects_start else None
        self._tail = np.zeros(0, np.float32)

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Return the windows now complete, float32 (T, window)."""
        samples = samples.astype(np.float32, copy=False)
        self._tail = np.concatenate([self._tail, samples[-self._half - 1 :]])[-self._half - 1 :]
        if self._head is None:
            return self._stream.push(samples)
        self._head = np.concatenate([self._head, samples])
        if len(self._head) <= self._half:
            return self._stream.push(samples[:0])
        before, whole = self._head[self._half : 0 : -1], self._head
        self._head = None
        return self._stream.push(np.concatenate([before, whole]))

    def finish(self) -> np.ndarray:
        """Return the last windows, float32 (T, window): those that see the end of the sound.

        A sound shorter than half a window is reflected again and again; none at all is silence.
        """
        if self._head is None:
            return self._stream.push(self._tail[-2::-1])
        whole = self._head if len(self._head) else np.zeros(1, np.float32)
        return self._stream.push(np.pad(whole, self._half, mode="reflect"))
