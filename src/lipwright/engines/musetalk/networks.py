"""MuseTalk's networks in torch: faces and sound in, faces out.

Zhang et al. (2024), "MuseTalk: Real-Time High-Fidelity Video Dubbing via Spatio-Temporal Sampling".
One pass of a UNet, without noise or steps, from the latents of a face whose lower half is masked
and of the same face whole to the latents of the face that speaks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor

from lipwright.core.device import CPU, Device
from lipwright.engines.musetalk.configs import AUDIO_WIDTH, LATENT_SCALE, UNET
from lipwright.engines.musetalk.face_parser import FaceParser
from lipwright.engines.whisper.encoder import WhisperEncoder


class Networks(Protocol):
    """What the engine asks of networks; arrays of one call belong together by their first axis."""

    def hear(self, log_mel: np.ndarray) -> np.ndarray:
        """Return Whisper's states, float32 (1500, 5, 384), of 30 s: float32 (80, 3000)."""
        ...

    def see(self, faces: np.ndarray) -> np.ndarray:
        """Return what faces, BGR uint8 (n, 256, 256, 3), give to the drawing: (n, 8, 32, 32)."""
        ...

    def draw(self, seen: np.ndarray, audio: np.ndarray) -> np.ndarray:
        """Return faces, BGR uint8 (n, 256, 256, 3).

        seen: float32 (n, 8, 32, 32), of `see`. audio: float32 (n, 50, 384).
        """
        ...

    def parse(self, square: np.ndarray) -> np.ndarray | None:
        """Return the classes of a face, uint8 (512, 512), BGR uint8 (512, 512, 3); None without.

        They are those of CelebAMask-HQ.
        """
        ...


class TorchNetworks:
    """The networks on the CPU or on a GPU."""

    def __init__(
        self,
        unet: UNet2DConditionModel,
        vae: AutoencoderKL,
        encoder: WhisperEncoder,
        device: Device = CPU,
        parser: FaceParser | None = None,
        compiled: bool = False,
        half: bool | None = None,
    ) -> None:
        """Take networks with their weights.

        Args:
            unet: draws latents.
            vae: makes latents of faces, and faces of latents.
            encoder: hears.
            device: runs them.
            parser: tells the parts of faces, where it is there.
            compiled: whether torch.compile makes the UNet faster.
            half: whether UNet and VAE run in half precision; None does on CUDA.
        """
        self._parser = parser
        self._device = torch.device(str(device))
        half = device.kind == "cuda" if half is None else half
        self._type = torch.float16 if half else torch.float32
        unet, vae = (each.half() if half else each.float() for each in (unet, vae))
        self._unet = unet.eval().requires_grad_(False).to(self._device)
        self._vae = vae.eval().requires_grad_(False).to(self._device)
        self._encoder = encoder.eval().requires_grad_(False).to(self._device)
        self._positions = positions(50, AUDIO_WIDTH).to(self._device)
        self._draw: Callable[..., Any] = torch.compile(self._unet) if compiled else self._unet

    def hear(self, log_mel: np.ndarray) -> np.ndarray:
        """Return Whisper's states, float32 (1500, 5, 384), for log-mel, float32 (80, 3000)."""
        with torch.inference_mode():
            given = torch.from_numpy(np.ascontiguousarray(log_mel))[None]
            states = self._encoder(given.to(self._device))[0]
            result: np.ndarray = states.float().cpu().numpy()
        return result

    def see(self, faces: np.ndarray) -> np.ndarray:
        """Return latents of faces with a masked half and whole, float32 (n, 8, 32, 32).

        faces: BGR uint8 (n, 256, 256, 3).
        """
        with torch.inference_mode():
            # contiguous: with channels last, torch's norms of groups lose three digits
            whole = torch.from_numpy(faces[..., ::-1].transpose(0, 3, 1, 2).copy())
            latents = [self._encode(pixels) for pixels in (masked(whole), normal(whole))]
            result: np.ndarray = torch.cat(latents, dim=1).cpu().numpy()
        return result

    def _encode(self, pixels: Tensor) -> Tensor:
        """The mean of the VAE's latents: a sample of them would be another in every run."""
        latents = self._vae.encode(pixels.to(self._device, self._type)).latent_dist.mode()
        result: Tensor = LATENT_SCALE * latents.float()
        return result

    def predict(self, seen: Tensor, audio: Tensor) -> Tensor:
        """Return the latents of faces that speak, (n, 4, 32, 32), scaled like those in `seen`."""
        heard = audio.to(self._device) + self._positions[: audio.shape[1]]
        given = seen.to(self._device, self._type)
        result: Tensor = self._draw(given, 0, encoder_hidden_states=heard.to(self._type)).sample
        return result

    def decode(self, latents: Tensor) -> np.ndarray:
        """Return faces, BGR uint8 (n, 256, 256, 3), for scaled latents (n, 4, 32, 32)."""
        pixels = self._vae.decode(latents / LATENT_SCALE).sample.float()
        levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
        result: np.ndarray = levels.permute(0, 2, 3, 1).flip(3).cpu().numpy()
        return result

    def draw(self, seen: np.ndarray, audio: np.ndarray) -> np.ndarray:
        """Return faces that speak, BGR uint8 (n, 256, 256, 3).

        seen: float32 (n, 8, 32, 32). audio: float32 (n, 50, 384).
        """
        with torch.inference_mode():
            return self.decode(self.predict(torch.from_numpy(seen), torch.from_numpy(audio)))

    def parse(self, square: np.ndarray) -> np.ndarray | None:
        """Return the classes of a face, uint8 (512, 512), BGR uint8 (512, 512, 3); None without."""
        return None if self._parser is None else self._parser.labels(square)


def make_unet(**changes: Any) -> UNet2DConditionModel:
    """Return the UNet without its weights; changes: of its configuration."""
    return UNet2DConditionModel(**{**UNET, **changes})


def normal(pixels: Tensor) -> Tensor:
    """Return pixels, uint8 (n, 3, h, w), as the VAE wants them: float32 in [-1, 1]."""
    return (pixels.float() / 255 - 0.5) / 0.5


def masked(pixels: Tensor) -> Tensor:
    """Return the same with the lower half black before that, thus -1."""
    half = pixels.float() / 255
    half[:, :, half.shape[2] // 2 :] = 0
    return (half - 0.5) / 0.5


def positions(count: int, width: int) -> Tensor:
    """Return what is added to rows of sound for their places: (count, width), sin and cos by turns.

    Vaswani et al. (2017), "Attention Is All You Need".
    """
    rates = torch.exp(torch.arange(0, width, 2) * (-np.log(10_000.0) / width))
    angles = torch.arange(count)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)
