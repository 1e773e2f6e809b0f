"""Loudness of a mono programme after ITU-R BS.1770-4, and peak limiting."""

from __future__ import annotations

import numpy as np

from lipwright.media.audio.limiter import limiting_gain

_BLOCK_SECONDS = 0.4
_HOP_SECONDS = 0.1
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = 10.0

TARGET_LUFS = -16.0
"""The loudness of every voice."""
PEAK_CEILING = 10 ** (-1 / 20)
"""No sample of a voice is larger."""


def set_loudness(samples: np.ndarray, rate: int) -> np.ndarray:
    """Bring mono samples, float32 (n,), to ``TARGET_LUFS``, peaks below ``PEAK_CEILING``.

    Silence stays silence.
    """
    loudness = measure_loudness(samples, rate)
    if not np.isfinite(loudness):
        return samples
    return limit_peaks(samples * np.float32(to_gain(TARGET_LUFS - loudness)), PEAK_CEILING)


def to_gain(decibels: float) -> float:
    """Return the factor of a level in decibels."""
    return 10 ** (decibels / 20)


def measure_loudness(samples: np.ndarray, rate: int) -> float:
    """Return the gated loudness in LUFS of mono samples, float32 (n,); -inf for silence.

    The K weighting is applied to the spectrum of each 400 ms block, which for blocks this long
    differs from filtering in time by less than 0.1 LU and needs no filter state.
    """
    block = int(_BLOCK_SECONDS * rate)
    hop = int(_HOP_SECONDS * rate)
    if samples.size < block:
        samples = np.pad(samples, (0, block - samples.size))
    weights = _k_weighting_power(block, rate)
    starts = range(0, samples.size - block + 1, hop)
    power = np.array([_weighted_power(samples[s : s + block], weights) for s in starts])
    loudness = _to_lufs(power)
    kept = loudness > _ABSOLUTE_GATE_LUFS
    if not kept.any():
        return float("-inf")
    gate = _to_lufs(power[kept].mean()) - _RELATIVE_GATE_LU
    return float(_to_lufs(power[kept & (loudness > gate)].mean()))


def limit_peaks(samples: np.ndarray, ceiling: float) -> np.ndarray:
    """Turn samples, float32 (n,), down around peaks that exceed ``ceiling``, without clipping."""
    if samples.size == 0 or float(np.abs(samples).max()) <= ceiling:
        return samples
    limited = (samples * limiting_gain(samples[None], ceiling)).astype(np.float32)
    clipped: np.ndarray = np.clip(limited, -ceiling, ceiling)  # rounding alone
    return clipped


def _to_lufs(power: np.ndarray | float) -> np.ndarray:
    return -0.691 + 10.0 * np.log10(np.maximum(power, 1e-20))


def _weighted_power(block: np.ndarray, weights: np.ndarray) -> float:
    """Return the mean square of the block after K weighting, by Parseval."""
    spectrum = np.abs(np.fft.rfft(block)) ** 2
    spectrum[1:-1] *= 2.0
    return float((spectrum * weights).sum()) / block.size**2


def _k_weighting_power(size: int, rate: int) -> np.ndarray:
    """Return the power response of the two K weighting filters at the FFT's frequencies.

    Analogue prototypes (De Man 2014, "Evaluation of implementations of the EBU R128 loudness
    measurement") through the bilinear transform's frequency warping: valid at any rate.
    """
    frequency = np.fft.rfftfreq(size, 1.0 / rate)
    warped = np.tan(np.pi * np.minimum(frequency, 0.4999 * rate) / rate)

    shelf_k = np.tan(np.pi * 1681.974450955533 / rate)
    shelf_q = 0.7071752369554196
    high_gain = 10 ** (3.999843853973347 / 20)
    band_gain = high_gain**0.4996667741545416
    s = 1j * warped / shelf_k
    shelf = (high_gain * s**2 + band_gain / shelf_q * s + 1) / (s**2 + s / shelf_q + 1)

    s = 1j * warped / np.tan(np.pi * 38.13547087602444 / rate)
    highpass = s**2 / (s**2 + s / 0.5003270373238773 + 1)
    weights: np.ndarray = np.abs(shelf * highpass) ** 2
    return weights
