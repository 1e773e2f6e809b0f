"""Stable Diffusion's variational autoencoder (VAE), between pictures and latents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diffusers import AutoencoderKL
from torch import Tensor

OLD_ATTENTION = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
"""What older files call the layers of its attention."""


def make_vae(widths: tuple[int, ...] = (128, 256, 512, 512)) -> Any:
    """Return the VAE without its weights, diffusers' `AutoencoderKL`.

    widths: channels at its four resolutions.
    """
    return AutoencoderKL(
        block_out_channels=widths,
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        layers_per_block=2,
        latent_channels=4,
    )


def vae_weights(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a VAE's weights by the names of today, float32."""
    found = {}
    for key, value in weights.items():
        place, _, kind = key.rpartition(".")
        outer, _, layer = place.rpartition(".")
        if ".attentions." in key and layer in OLD_ATTENTION:
            key = f"{outer}.{OLD_ATTENTION[layer]}.{kind}"
            value = value.flatten(1) if value.ndim == 4 else value  # once 1 x 1 convolutions
        found[key] = value.float()
    return found
