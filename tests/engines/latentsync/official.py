"""What the official numbers of LatentSync were made from."""

from __future__ import annotations

from typing import Any

import numpy as np

LEFT_BROW, NOSE = [43, 48, 49, 51, 50], [74, 77, 83, 86]
"""Of the 106 landmarks of the detector that the authors take."""


def three_points(landmarks: np.ndarray) -> np.ndarray:
    """Both brows and the nose of 106 landmarks, as the authors' program takes them."""
    whole = np.round(landmarks).astype(int)
    means = [whole[LEFT_BROW].mean(0), whole[101:106].mean(0), whole[NOSE].mean(0)]
    return np.round(np.array(means))


def picture(seed: int, height: int, width: int) -> np.ndarray:
    """A picture of waves by rule, RGB uint8 (h, w, 3)."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    channels = []
    for _ in range(3):
        waves: Any = 0.0
        for _ in range(4):
            fy, fx = random.uniform(0.5, 4, 2)
            phase = random.uniform(0, 2 * np.pi)
            waves = waves + np.sin(2 * np.pi * (fy * y / height + fx * x / width) + phase)
        channels.append(waves)
    return np.clip(np.round(127.5 + 30 * np.stack(channels, -1)), 0, 255).astype(np.uint8)


def there_and_back(count: int, frames: int) -> list[int]:
    """Which frames of a short video are shown: it runs to its end, back, and so on."""
    both = [*range(frames), *reversed(range(frames))]
    return [both[number % len(both)] for number in range(count)]
