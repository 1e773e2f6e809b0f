"""LatentSync's networks at work, on the CPU or a GPU, with as much memory as there is.

All that goes in and comes out is float32 on the CPU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from time import perf_counter
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from lipwright.core.errors import EngineError
from lipwright.engines.latentsync.diffusion import Conditions, denoise
from lipwright.engines.latentsync.unet import Deep

SCALING = 0.18215
"""By which the latents of the image encoder are multiplied."""
SLICE = 4
"""Pictures that are encoded or decoded at once on a GPU."""
Told = Callable[[float], None]
"""Told how many seconds a step took."""


class Networks(Protocol):
    """What `LatentSyncEngine` draws with."""

    def hear(self, mel: np.ndarray) -> np.ndarray:
        """Return the five states of the sound encoder, float32 (1500, 5, 384).

        mel: float32 (80, 3000): 30 s.
        """
        ...

    def encode(self, values: torch.Tensor) -> torch.Tensor:
        """Return latents (n, 4, s / 8, s / 8) of RGB pictures in [-1, 1], (n, 3, s, s)."""
        ...

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Return pictures of latents."""
        ...

    def draw(
        self,
        noise: torch.Tensor,
        given: Conditions,
        steps: int,
        guidance: float,
        deep_cache: bool,
        told: Told | None = None,
    ) -> torch.Tensor:
        """Return the latents, (b, 4, f, h, w), of what is drawn out of noise of that shape."""
        ...


class TorchNetworks:
    """The networks in torch. Threads take turns."""

    def __init__(
        self,
        unet: Any,
        vae: Any,
        encoder: Any,
        device: str = "cpu",
        half: bool = False,
        low_memory: bool = False,
        compiled: bool = False,
    ) -> None:
        """Bring networks where they are to run.

        Args:
            unet: `UNet3D`.
            vae: diffusers' `AutoencoderKL`.
            encoder: mel float32 (1, 80, 3000) to states (1, 1500, 5, 384); stays in float32.
            device: of torch.
            half: whether U-Net and VAE run in float16.
            low_memory: whether only the network that is at work is on the device, pictures are
                encoded and decoded one by one, and the halves of guidance run after each other.
            compiled: whether torch.compile makes the U-Net faster.
        """
        self._device, self._low_memory = torch.device(device), low_memory
        self._dtype = torch.float16 if half else torch.float32
        home = "cpu" if low_memory else self._device
        self._unet = nn.Module.to(unet, home, self._dtype)
        self._find: Callable[..., Any] = torch.compile(self._unet) if compiled else self._unet
        # diffusers' own warns of layers that are to stay in float32, of which there are none
        self._vae = nn.Module.to(vae, home, self._dtype)
        self._encoder = nn.Module.to(encoder, home)
        self._slice = 1 if low_memory or self._device.type == "cpu" else SLICE
        self._lock = RLock()

    def hear(self, mel: np.ndarray) -> np.ndarray:
        """Return five states, float32 (1500, 5, 384), of a mel spectrogram, float32 (80, 3000)."""
        with self._at_work(self._encoder) as encoder:
            states = encoder(torch.from_numpy(mel)[None].to(self._device))
        result: np.ndarray = states[0].float().cpu().numpy()
        return result

    def encode(self, values: torch.Tensor) -> torch.Tensor:
        """Return the latents of pictures, the mean of what the encoder finds possible."""
        with self._at_work(self._vae) as vae:
            parts = [
                vae.encode(part.to(self._device, self._dtype)).latent_dist.mean.float().cpu()
                for part in torch.split(values, self._slice)
            ]
        return torch.cat(parts) * SCALING

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Return pictures of latents: see `Networks`."""
        with self._at_work(self._vae) as vae:
            parts = [
                vae.decode(part.to(self._device, self._dtype)).sample.float().cpu()
                for part in torch.split(latents / SCALING, self._slice)
            ]
        return torch.cat(parts)

    def draw(
        self,
        noise: torch.Tensor,
        given: Conditions,
        steps: int,
        guidance: float,
        deep_cache: bool,
        told: Told | None = None,
    ) -> torch.Tensor:
        """Denoise latents: see `Networks`."""
        there = Conditions(*(part.to(self._device) for part in vars(given).values()))
        with self._at_work(self._unet):
            latents, before = noise.to(self._device), perf_counter()
            for made in denoise(self._noise_in, latents, there, steps, guidance, deep_cache):
                latents = made
                if told is not None:
                    told(perf_counter() - before)
                    before = perf_counter()
            return latents.cpu()

    def _noise_in(
        self, sample: torch.Tensor, step: int, audio: torch.Tensor, deep: Deep | None = None
    ) -> torch.Tensor:
        sample, audio = sample.to(self._dtype), audio.to(self._dtype)
        if not self._low_memory or len(sample) == 1:
            found: torch.Tensor = self._find(sample, step, audio, deep).float()
            return found
        return self._one_by_one(sample, step, audio, deep)

    def _one_by_one(
        self, sample: torch.Tensor, step: int, audio: torch.Tensor, deep: Deep | None
    ) -> torch.Tensor:
        """The halves of guidance after each other."""
        count = len(sample)
        kept = [None] * count if deep is None or deep.hidden is None else deep.hidden.chunk(count)
        deeps = [None if deep is None else Deep(hidden) for hidden in kept]
        parts = zip(torch.split(sample, 1), audio.chunk(count), deeps, strict=True)
        found = [self._find(part, step, heard, own).float() for part, heard, own in parts]
        if deep is not None:
            made = [own.hidden for own in deeps if own is not None and own.hidden is not None]
            deep.hidden = torch.cat(made)
        return torch.cat(found)

    @contextmanager
    def _at_work(self, network: Any) -> Iterator[Any]:
        """A network on the device; short of memory it leaves it again."""
        with self._lock, torch.inference_mode():
            try:
                yield nn.Module.to(network, self._device)
            except torch.cuda.OutOfMemoryError as error:
                raise EngineError(
                    f"The GPU {self._device} has too little memory for LatentSync: turn on its "
                    "option low_memory, draw at 256 px, or run on the CPU."
                ) from error
            finally:
                if self._low_memory:
                    nn.Module.to(network, "cpu")
