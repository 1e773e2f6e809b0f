"""Sound at another sample rate, whole or in pieces, by soxr."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np


def resample(samples: np.ndarray, rate_in: int, rate_out: int) -> np.ndarray:
    """Resample a whole recording, float32 (n,) or (channels, n), from one rate in Hz to another."""
    if rate_in == rate_out:
        return samples
    import soxr

    resampled: np.ndarray = soxr.resample(np.ascontiguousarray(samples.T), rate_in, rate_out).T
    return resampled


def resample_pieces(
    pieces: Iterable[np.ndarray], rate_in: int, rate_out: int
) -> Iterator[np.ndarray]:
    """Resample mono float32 pieces (n,) as they come; sizes change, joints cannot be heard."""
    rows = ((piece[None], rate_in) for piece in pieces)
    for row in resample_channels(rows, rate_out, 1):
        yield row[0]


def resample_channels(
    pieces: Iterable[tuple[np.ndarray, int]], rate: int, channels: int
) -> Iterator[np.ndarray]:
    """Bring pieces of sound, float32 (channels, n) each with its own rate in Hz, to `rate`.

    A piece at `rate` comes through as it is. Where the rate changes, what is held back of the sound
    before is brought out first.
    """
    resampler: Any = None
    source_rate = rate
    for samples, own_rate in pieces:
        if own_rate != source_rate:
            yield from _rest(resampler, channels)
            source_rate, resampler = own_rate, _open(own_rate, rate, channels)
        if resampler is None:
            yield samples
            continue
        ready = resampler.resample_chunk(np.ascontiguousarray(samples.T)).T
        if ready.size:
            yield ready
    yield from _rest(resampler, channels)


def _open(rate_in: int, rate_out: int, channels: int) -> Any:
    """A resampler, None where there is nothing to do."""
    if rate_in == rate_out:
        return None
    import soxr

    return soxr.ResampleStream(rate_in, rate_out, channels, "float32")


def _rest(resampler: Any, channels: int) -> Iterator[np.ndarray]:
    """What a resampler holds back."""
    if resampler is not None:
        rest = resampler.resample_chunk(np.zeros((0, channels), np.float32), last=True).T
        if rest.size:
            yield rest
