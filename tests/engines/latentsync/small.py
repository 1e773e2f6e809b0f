"""LatentSync's networks, small and with weights by rule."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from tests.engines import recipe

from lipwright.engines.latentsync.networks import TorchNetworks
from lipwright.engines.latentsync.unet import UNet3D
from lipwright.engines.vae import make_vae
from lipwright.engines.whisper.encoder import WhisperEncoder, encoder_weights

WIDTHS = (32, 64, 128, 128)


def fill(network: Any, names: Any = None) -> Any:
    """A network with the weights by rule; sinusoids keep what was computed."""
    own = network.state_dict()
    kept = {key: own[key] for key in own if key.endswith((".pe", "positional_embedding"))}
    weights = recipe.make_weights(names or recipe.shapes_of(network))
    made = {key: torch.from_numpy(value) for key, value in weights.items()}
    network.load_state_dict({**(encoder_weights(made) if names else made), **kept})
    return network.eval().requires_grad_(False)


@cache
def unet() -> UNet3D:
    network: UNet3D = fill(UNet3D(WIDTHS))
    return network


@cache
def codec() -> Any:
    return fill(make_vae(WIDTHS))


@cache
def encoder() -> WhisperEncoder:
    """Whisper tiny at its full size, by OpenAI's names."""
    keys = recipe.official_keys("whisper_tiny_openai")
    own = {key: shape for key, shape in keys.items() if key.startswith("encoder.")}
    network: WhisperEncoder = fill(WhisperEncoder(norm_last=False), own)
    return network


@cache
def networks() -> TorchNetworks:
    return TorchNetworks(unet(), codec(), encoder())


def normal(seed: int, *shape: int) -> torch.Tensor:
    drawn = np.random.default_rng(seed).standard_normal(shape)
    return torch.from_numpy(drawn.astype(np.float32))
