"""MuseTalk's networks out of their files."""

from __future__ import annotations

import logging

import torch

from lipwright.core.device import CPU, Device
from lipwright.engines.musetalk.face_parser import FaceParser
from lipwright.engines.musetalk.networks import TorchNetworks, make_unet
from lipwright.engines.musetalk.weight_files import PARSER, WeightFiles
from lipwright.engines.torch_weights import load_weights, read_weights
from lipwright.engines.vae import make_vae, vae_weights
from lipwright.engines.whisper.encoder import WhisperEncoder, encoder_weights, sinusoids

log = logging.getLogger("lipwright")

EXTRA = "musetalk"


def load_networks(
    files: WeightFiles, device: Device = CPU, compiled: bool = False, parse: bool = False
) -> TorchNetworks:
    """Return the networks, ready to draw.

    Args:
        files: of their weights.
        device: runs them.
        compiled: whether torch.compile makes the UNet faster.
        parse: whether the face parser is wanted.

    Raises:
        ModelError: a file is damaged, refused or holds another network.
    """
    with torch.device("meta"):
        unet, vae, encoder = make_unet(), make_vae(), WhisperEncoder(norm_last=True)
    load_weights(unet, read_weights(files.unet, EXTRA), files.unet)
    load_weights(vae, vae_weights(read_weights(files.vae, EXTRA)), files.vae)
    heard = encoder_weights(read_weights(files.encoder, EXTRA))
    # some files leave out what can be computed
    heard.setdefault("positional_embedding", sinusoids(*encoder.positional_embedding.shape))
    load_weights(encoder, heard, files.encoder)
    parser = None
    if parse and files.parser is not None:
        parser = FaceParser.load(files.parser, device)
    elif parse:
        log.warning(
            "The jaw is found by landmarks: run lipwright models download %s to have it found as "
            "MuseTalk's authors do.",
            PARSER,
        )
    return TorchNetworks(unet, vae, encoder, device, parser, compiled)
