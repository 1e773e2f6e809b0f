"""Faces as LatentSync's networks see them: pixels, what is kept of them, and their latents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from lipwright.engines.latentsync.diffusion import Conditions
from lipwright.engines.latentsync.fixed_mask import fixed_mask, latent_mask
from lipwright.engines.latentsync.networks import Networks
from lipwright.engines.latentsync.official_image import pixel_values

LATENT_CHANNELS = 4


@dataclass(frozen=True, eq=False)
class SeenFaces:
    """Faces and their latents, all float32 on the CPU."""

    values: torch.Tensor
    """(f, 3, size, size): RGB in [-1, 1]."""
    masked: torch.Tensor
    """(f, 4, size / 8, size / 8): of the faces without what is drawn."""
    reference: torch.Tensor
    """(f, 4, size / 8, size / 8): of the whole faces."""

    @classmethod
    def see(cls, networks: Networks, faces: np.ndarray) -> SeenFaces:
        """Look at faces, RGB uint8 (f, size, size, 3)."""
        values = pixel_values(faces)
        latents = networks.encode(torch.cat([values * _kept(values), values]))
        masked, reference = latents.chunk(2)
        return cls(values, masked, reference)

    @classmethod
    def join(cls, parts: Sequence[SeenFaces]) -> SeenFaces:
        """Put the faces of several after each other."""
        joined = zip(*((one.values, one.masked, one.reference) for one in parts), strict=True)
        return cls(*(torch.cat(part) for part in joined))

    def pick(self, numbers: Sequence[int]) -> SeenFaces:
        """Return the faces of these numbers, in this order."""
        order = torch.tensor(list(numbers))
        return SeenFaces(self.values[order], self.masked[order], self.reference[order])

    def conditions(self, audio: np.ndarray) -> Conditions:
        """Return what the network draws after; audio: float32 (f, 50, 384)."""
        size = self.values.shape[-1]
        mask = torch.from_numpy(latent_mask(size).copy())
        return Conditions(
            mask.expand(1, 1, len(self.values), -1, -1),
            self.masked.transpose(0, 1)[None],
            self.reference.transpose(0, 1)[None],
            torch.from_numpy(audio),
        )

    def paste(self, generated: torch.Tensor) -> torch.Tensor:
        """Return what was drawn, (f, 3, size, size), with what is kept of the faces."""
        kept = _kept(generated)
        return generated * (1 - kept) + self.values * kept


def clip_noise(seed: int, size: int, frames: int) -> torch.Tensor:
    """Return the noise that a window begins with, the same in all frames: (1, 4, f, s / 8, s / 8).

    seed: of the person in the clip.
    """
    side = size // 8
    drawn = np.random.default_rng(seed).standard_normal((1, LATENT_CHANNELS, 1, side, side))
    return torch.from_numpy(drawn.astype(np.float32)).repeat(1, 1, frames, 1, 1)


def _kept(values: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(fixed_mask(values.shape[-1]).copy())
