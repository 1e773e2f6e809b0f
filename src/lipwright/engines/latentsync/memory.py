"""How much memory LatentSync takes, found without a GPU: its networks run without numbers.

On torch's "meta" device tensors have sizes and no content. Every one that is made while a network
runs is counted until it is let go. Attention counts as what it gives, for on GPUs it does not hold
all pairs; what convolutions borrow meanwhile is not known and is allowed for.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from lipwright.engines.latentsync.networks import SLICE
from lipwright.engines.latentsync.unet import CHANNELS_IN, UNet3D
from lipwright.engines.latentsync.unet_layers import AUDIO_WIDTH
from lipwright.engines.vae import make_vae

FRAMES = 16
TOKENS = 50
ALLOWANCE = 1_000_000_000
"""Bytes that CUDA itself takes, and that convolutions borrow: an allowance, not measured."""


@dataclass(frozen=True)
class MemoryUse:
    """Bytes on the device, largest at any time of a window."""

    unet: int
    """The U-Net's weights."""
    codec: int
    """The image encoder's and decoder's weights."""
    drawing: int
    """What the U-Net holds at most while it runs, beside weights."""
    decoding: int
    """What the decoder holds at most, likewise."""
    peak: int
    """The most at once, with an allowance for CUDA itself."""


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the bytes of all tensors made in it, and the most there were at once."""

    def __init__(self, network: Any) -> None:
        """network: its weights are not counted where they are looked at."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = self.most = 0
        own = network.state_dict().values()
        self._known = {value.untyped_storage()._cdata for value in own}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        for one in tree_leaves(made):
            if isinstance(one, torch.Tensor):
                self._count(one.untyped_storage())
        return made

    def _count(self, storage: Any) -> None:
        key = storage._cdata
        if key in self._known:
            return
        self._known.add(key)
        self.now += storage.nbytes()
        self.most = max(self.most, self.now)
        weakref.finalize(storage, self._forget, key, storage.nbytes())

    def _forget(self, key: int, size: int) -> None:
        self._known.discard(key)
        self.now -= size


class _LeanAttention(TorchFunctionMode):
    """Attention as GPUs have it: what it gives, and not all pairs."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is F.scaled_dot_product_attention:
            return torch.empty_like(args[0] if args else (kwargs or {})["query"])
        return func(*args, **(kwargs or {}))


def simulate(
    size: int, low_memory: bool, guided: bool = True, half: bool = True, frames: int = FRAMES
) -> MemoryUse:
    """Return how much memory a window takes.

    Args:
        size: 256 or 512 px.
        low_memory: as the engine's option.
        guided: whether the network sees each window with and without its sound.
        half: whether networks run in float16.
        frames: of the window.
    """
    dtype = torch.float16 if half else torch.float32
    with torch.device("meta"):
        unet, codec = UNet3D().to(dtype), make_vae()
        nn.Module.to(codec, dtype)  # diffusers' own warns of what does not matter here
    batch = 2 if guided and not low_memory else 1
    side, pictures = size // 8, 1 if low_memory else SLICE
    sample = torch.empty(batch, CHANNELS_IN, frames, side, side, dtype=dtype, device="meta")
    audio = torch.empty(batch * frames, TOKENS, AUDIO_WIDTH, dtype=dtype, device="meta")
    latents = torch.empty(pictures, 4, side, side, dtype=dtype, device="meta")
    drawing = most_held(unet, lambda: unet(sample, 1, audio))
    decoding = most_held(codec, lambda: codec.decode(latents).sample)
    weights, others = weight_bytes(unet), weight_bytes(codec)
    if low_memory:
        peak = max(weights + drawing, others + decoding)
    else:
        peak = weights + others + max(drawing, decoding)
    return MemoryUse(weights, others, drawing, decoding, peak + ALLOWANCE)


def most_held(network: Any, run: Callable[[], object]) -> int:
    """Return the most bytes held at once by tensors that are made while a network runs."""
    with torch.no_grad(), _LeanAttention(), _Counter(network) as counter:
        run()
    most: int = counter.most
    return most


def weight_bytes(network: Any) -> int:
    """Return the bytes of a network's weights."""
    total: int = sum(value.nbytes for value in network.state_dict().values())
    return total


def gigabytes(count: int) -> str:
    """Write bytes for people: "7.4 GB"."""
    return f"{count / 1e9:.1f} GB"
