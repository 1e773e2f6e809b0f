"""Baselines: mouths that know less than the engine, and one that knows the truth."""

from __future__ import annotations

import numpy as np

from lipwright.articulation.curves import CHANNELS, Articulation
from lipwright.evaluation.audio import energy

_JAW, _GAP, _SPREAD, _ROUND, _RAISE = (
    CHANNELS.index(name) for name in ("jaw", "gap", "spread", "round", "raise")
)
LOUDEST_OPENING = 0.25
"""Mouth widths between the lips at the loudest moment: the ninth decile of the GRID speakers."""
JAW_SHARE = 0.75
"""How far the chin drops for each opening, as the usual vowels have it."""
LOUDNESS_SMOOTHING = 3  # frames at 25 a second: a lip cannot follow every glottal pulse
LARGEST_GAP, LARGEST_JAW, LARGEST_RAISE = 0.6, 0.5, 0.12
RAISE_SHARE = 0.25
CORNER_REACH, JAW_PULL, ROUND_PULL = 0.95, 0.10, 1.35
"""How far the warp engine moves the corners; with rounding, how far it seems to move them, since of
a rounded mouth a face tracker sees the red rather than its folded ends."""


def loudness_articulation(
    samples: np.ndarray, count: int, fps: float, span: tuple[int, int]
) -> Articulation:
    """Return a mouth that opens as wide as the sound is loud, and only during speech.

    Level in dB, smoothed over three frames, from the quiet tenth (closed) to the loud end (0.25
    mouth widths). samples: float32 (n,) at 16 kHz; span: first and last frame with speech.
    """
    level = energy(samples, count, fps)
    low, high = np.percentile(level, 10), np.percentile(level, 95)
    opening = np.clip((level - low) / max(float(high - low), 1e-6), 0, 1.2)
    width = max(1, round(LOUDNESS_SMOOTHING * fps / 25)) | 1
    opening = np.convolve(np.pad(opening, width // 2, "edge"), np.ones(width) / width, "valid")
    outside = np.ones(count, bool)
    outside[span[0] : span[1] + 1] = False
    opening[outside] = 0
    curves = np.zeros((count, len(CHANNELS)), np.float32)
    curves[:, _GAP] = LOUDEST_OPENING * opening
    curves[:, _JAW] = JAW_SHARE * curves[:, _GAP]
    return Articulation(fps, curves)


def real_articulation(mouth: np.ndarray, fps: float) -> Articulation:
    """Return the measured curves of a real mouth as an articulation for the engine.

    mouth: float32 (T, 3) of `measure_mouth`. This measures the engine and the tracker alone: no
    network in front of this engine can recover what is lost here.
    """
    opening, width, chin = mouth.astype(np.float64).T
    curves = np.zeros((len(mouth), len(CHANNELS)), np.float32)
    curves[:, _GAP] = np.clip(opening, 0, LARGEST_GAP)
    curves[:, _RAISE] = np.clip(RAISE_SHARE * opening, 0, LARGEST_RAISE)
    curves[:, _JAW] = np.clip(chin, 0, LARGEST_JAW)
    inwards = -width / CORNER_REACH - JAW_PULL * curves[:, _JAW]
    curves[:, _ROUND] = np.maximum(inwards, 0) / ROUND_PULL
    curves[:, _SPREAD] = np.maximum(-inwards, 0)
    return Articulation(fps, curves)


def rotated_sound(samples: np.ndarray) -> np.ndarray:
    """Return the sound, float32 (n,), started in its middle: the right voice at the wrong time."""
    return np.roll(samples, len(samples) // 2)


def repeated_sound(samples: np.ndarray, count: int) -> np.ndarray:
    """Return the sound, float32 (n,), cut or repeated to `count` samples."""
    return np.resize(samples, count).astype(np.float32)
