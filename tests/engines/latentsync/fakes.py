"""Networks that draw something one can measure, so that the engine is tested without weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

BLOCK = 8


class FakeNetworks:
    """Draws the face again, `brighter` at a loud moment, with some of the noise it begins with.

    A latent is the mean of 8 x 8 px, in its first three channels. Remembers what it was given.
    """

    def __init__(self, brighter: float = 0.0, noisy: float = 0.0) -> None:
        self.brighter, self.noisy = brighter, noisy
        self.pieces: list[np.ndarray] = []
        self.encoded: list[int] = []
        self.drawn: list[dict[str, Any]] = []

    def hear(self, mel: np.ndarray) -> np.ndarray:
        """Each state is the number of its step."""
        self.pieces.append(mel)
        steps = np.arange(1500, dtype=np.float32)[:, None, None]
        return np.broadcast_to(steps, (1500, 5, 384)).copy()

    def encode(self, values: torch.Tensor) -> torch.Tensor:
        self.encoded.append(len(values))
        small = F.avg_pool2d(values, BLOCK)
        return torch.cat([small, torch.zeros_like(small[:, :1])], dim=1)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        return F.interpolate(latents[:, :3], scale_factor=BLOCK, mode="nearest")

    def draw(self, noise, given, steps, guidance, deep_cache, told=None) -> torch.Tensor:
        if told is not None:
            for _ in range(steps):
                told(0.5)
        self.drawn.append(
            {
                "noise": noise.numpy().copy(),
                "audio": given.audio.numpy().copy(),
                "reference": given.reference.numpy().copy(),
                "options": (steps, guidance, deep_cache),
            }
        )
        return given.reference + self.brighter + self.noisy * noise
