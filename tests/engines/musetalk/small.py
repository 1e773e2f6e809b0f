"""MuseTalk's networks of the official numbers: small, with weights by rule; needs torch."""

from __future__ import annotations

from functools import cache

from tests.engines.recipe import fill
from tests.engines.whisper.weights import hugging_face_weights

from lipwright.core.device import CPU, Device
from lipwright.engines.musetalk.networks import TorchNetworks, make_unet
from lipwright.engines.vae import make_vae
from lipwright.engines.whisper.encoder import WhisperEncoder, encoder_weights

CHANNELS = {"block_out_channels": (32, 64, 128, 128)}


@cache
def unet():
    """With a tenth of the channels."""
    return fill(make_unet(**CHANNELS))


@cache
def vae():
    """With a quarter of the channels."""
    return fill(make_vae(CHANNELS["block_out_channels"]))


@cache
def encoder() -> WhisperEncoder:
    """Whisper tiny."""
    whisper = WhisperEncoder(norm_last=True)
    whisper.load_state_dict(encoder_weights(hugging_face_weights()))
    return whisper.eval().requires_grad_(False)


@cache
def networks(device: Device = CPU) -> TorchNetworks:
    """All of them."""
    return TorchNetworks(unet(), vae(), encoder(), device)
