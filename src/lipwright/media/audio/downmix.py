"""Downmixing of many channels to one or two."""

from __future__ import annotations

from typing import Any

import numpy as np

MONO_WEIGHTS = {  # films have their dialogue in the centre; the low-frequency channel has none
    "FC": 1.0, "FL": 0.5, "FR": 0.5, "BL": 0.25, "BR": 0.25, "BC": 0.25, "SL": 0.25, "SR": 0.25,
    "LFE": 0.0, "LFE2": 0.0,
}  # fmt: skip
STEREO_WEIGHTS = {  # ITU-R BS.775: (left, right)
    "FL": (1.0, 0.0), "FR": (0.0, 1.0), "FC": (0.7071, 0.7071), "BC": (0.5, 0.5),
    "BL": (0.7071, 0.0), "SL": (0.7071, 0.0), "BR": (0.0, 0.7071), "SR": (0.0, 0.7071),
    "LFE": (0.0, 0.0), "LFE2": (0.0, 0.0),
}  # fmt: skip


def mix_to_mono(samples: np.ndarray, layout: Any) -> np.ndarray:
    """Mix float32 (channels, n) in av's `layout` to (1, n), with weights whose sum is one."""
    if len(samples) == 1:
        return samples
    weights = np.array([MONO_WEIGHTS.get(c.name, 0.5) for c in layout.channels], np.float32)
    if len(weights) != len(samples) or not weights.any():
        weights = np.ones(len(samples), np.float32)
    mono: np.ndarray = (weights / weights.sum())[None] @ samples
    return mono


def mix_to_stereo(samples: np.ndarray, layout: Any) -> np.ndarray:
    """Mix float32 (channels, n) in av's `layout` to (2, n); several loud channels may exceed 1."""
    if len(samples) == 2:
        return samples
    names = [channel.name for channel in layout.channels]
    if len(samples) == 1 or len(names) != len(samples):
        return np.repeat(samples.mean(axis=0, keepdims=True), 2, axis=0)
    weights = np.array([STEREO_WEIGHTS.get(name, (0.5, 0.5)) for name in names], np.float32)
    stereo: np.ndarray = weights.T @ samples
    return stereo
