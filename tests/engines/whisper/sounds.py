"""The two sounds of the official numbers."""

from __future__ import annotations

import numpy as np
from tests.engines.recipe import parity


def voice() -> np.ndarray:
    """Something voiced that comes and goes, 2.57 s at 16 kHz."""
    return parity("musetalk_audio")["voice_int16"].astype(np.float32) / 32768


def long_sound() -> np.ndarray:
    """Noise of three levels by turns, 31.08 s: more than the encoder takes at once."""
    count = 31 * 16_000 + 1234
    noise = np.random.default_rng(11).integers(-6000, 6001, count)
    levels = (np.arange(count) // 3200) % 3
    return (noise * levels // 2).astype(np.int16).astype(np.float32) / 32768
