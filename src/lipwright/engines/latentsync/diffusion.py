"""From noise to latents: DDIM (arXiv 2010.02502, eta 0) with guidance, and DeepCache on request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import torch

from lipwright.engines.latentsync.unet import Deep

TRAINED_STEPS = 1000
FIRST_BETA, LAST_BETA = 0.00085, 0.012
CACHE_INTERVAL = 3
"""With DeepCache (arXiv 2312.00858) the deep layers run at every third step."""


class Denoiser(Protocol):
    """What says what noise there is, as `UNet3D` does."""

    def __call__(
        self, sample: torch.Tensor, step: int, audio: torch.Tensor, deep: Deep | None = None
    ) -> torch.Tensor:
        """Return the noise in latents, (b, 4, f, h, w)."""
        ...


@dataclass(frozen=True, eq=False)
class Conditions:
    """What the frames of a window are drawn after."""

    mask: torch.Tensor
    """(b, 1, f, h, w): 1 where the frame is kept, 0 where it is drawn."""
    masked: torch.Tensor
    """(b, 4, f, h, w): latents of the frames without what is drawn."""
    reference: torch.Tensor
    """(b, 4, f, h, w): latents of the frames."""
    audio: torch.Tensor
    """(b*f, 50, 384): what each frame hears."""

    @classmethod
    def join(cls, parts: Sequence[Conditions]) -> Conditions:
        """Put windows of the same length together."""
        joined = zip(*((p.mask, p.masked, p.reference, p.audio) for p in parts), strict=True)
        return cls(*(torch.cat(part) for part in joined))


def timesteps(steps: int) -> list[int]:
    """Return the numbers of the steps, from the noisiest on."""
    apart = TRAINED_STEPS // steps
    return [number * apart + 1 for number in reversed(range(steps))]


@cache
def kept_signal() -> torch.Tensor:
    """Return how much of the latents' variance each step keeps: float32 (1000,), on the CPU."""
    betas = torch.linspace(FIRST_BETA**0.5, LAST_BETA**0.5, TRAINED_STEPS, dtype=torch.float32) ** 2
    return torch.cumprod(1 - betas, dim=0)


def previous(latents: torch.Tensor, noise: torch.Tensor, step: int, steps: int) -> torch.Tensor:
    """Return latents with the noise of one step taken away.

    noise: what was found in them. step: their timestep. steps: how many there are.
    """
    kept = kept_signal()
    after = step - TRAINED_STEPS // steps
    now, then = float(kept[step]), float(kept[max(after, 0)])
    clean = (latents - (1 - now) ** 0.5 * noise) / now**0.5
    noisier: torch.Tensor = then**0.5 * clean + (1 - then) ** 0.5 * noise
    return noisier


def denoise(
    network: Denoiser,
    noise: torch.Tensor,
    given: Conditions,
    steps: int = 20,
    guidance: float = 1.5,
    deep_cache: bool = False,
) -> Iterator[torch.Tensor]:
    """Yield the latents after each step, (b, 4, f, h, w).

    Args:
        network: what finds noise.
        noise: (b, 4, f, h, w): where to begin.
        given: what is drawn after.
        steps: how many.
        guidance: how much the sound counts; 1 runs the network only with it, more also without it.
        deep_cache: whether the deep layers run at every third step only, which changes the drawing.
    """
    others = torch.cat([given.mask, given.masked, given.reference], dim=1)
    audio, copies = given.audio, 1
    if guidance > 1:
        audio, copies = torch.cat([torch.zeros_like(audio), audio]), 2
    latents, deep = noise, Deep() if deep_cache else None
    for number, step in enumerate(timesteps(steps)):
        if deep is not None and number % CACHE_INTERVAL == 0:
            deep.hidden = None
        sample = torch.cat([latents, others], dim=1)
        found = network(torch.cat([sample] * copies), step, audio, deep)
        if guidance > 1:
            without, heard = found.chunk(2)
            found = without + guidance * (heard - without)
        latents = previous(latents, found, step, steps)
        yield latents
