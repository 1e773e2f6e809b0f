"""LatentSync's networks made from files."""

from __future__ import annotations

import logging
from pathlib import Path

import torch

from lipwright.core.device import Device
from lipwright.core.errors import EngineError, ModelError
from lipwright.engines.latentsync.memory import gigabytes, simulate
from lipwright.engines.latentsync.networks import TorchNetworks
from lipwright.engines.latentsync.options import MODELS, LatentSyncOptions
from lipwright.engines.latentsync.unet import UNet3D
from lipwright.engines.torch_weights import load_weights, read_weights
from lipwright.engines.vae import make_vae, vae_weights
from lipwright.engines.whisper.encoder import WhisperEncoder, encoder_weights
from lipwright.weights import find_entry, find_model, remind

log = logging.getLogger("lipwright")

EXTRA = "latentsync"
VAE_MODEL, WHISPER_MODEL = "sd-vae-ft-mse", "whisper-tiny"
HALF_FROM = 7
"""NVIDIA's generation from which networks run in float16."""


def load_networks(options: LatentSyncOptions, device: Device) -> TorchNetworks:
    """Open the networks on a device.

    Raises:
        ModelError: weights are missing, damaged, or of another version or network.
        MissingExtraError: torch, diffusers or safetensors is not installed.
        EngineError: the GPU has too little memory.
    """
    half = _check_memory(options, device)
    path = Path(options.checkpoint) if options.checkpoint else _fetched(MODELS[options.size])
    check_version(path, options.size)
    with torch.device("meta"):
        unet, vae, encoder = UNet3D(), make_vae(), WhisperEncoder(norm_last=False)
    load_weights(unet, read_weights(path, EXTRA), path)
    vae_path, whisper_path = _fetched(VAE_MODEL), _fetched(WHISPER_MODEL)
    load_weights(vae, vae_weights(read_weights(vae_path, EXTRA)), vae_path)
    load_weights(encoder, encoder_weights(read_weights(whisper_path, EXTRA)), whisper_path)
    for network in (unet, vae, encoder):
        network.eval().requires_grad_(False)
    return TorchNetworks(unet, vae, encoder, str(device), half, options.low_memory, options.compile)


def check_version(path: Path, size: int) -> None:
    """Raise ModelError for the weights of the version that draws at the other size.

    Both versions are one network; a file is known by its length or its name in the store.
    """
    other = next(one for one in MODELS if one != size)
    length = path.stat().st_size if path.is_file() else None
    own, others = (_lengths(MODELS[one]) for one in (size, other))
    in_store = path.parent.name == MODELS[other]
    if in_store or (length in others and length not in own):
        raise ModelError(
            f"{path} holds the weights of {MODELS[other]}, which draw at {other} px and not at "
            f"{size}: choose the size {other}, or the weights of {MODELS[size]}."
        )


def _lengths(model: str) -> set[int]:
    return {file.bytes for file in find_entry(model).files if file.bytes}


def _fetched(model: str) -> Path:
    path = find_model(model)
    remind(model)
    return path


def _check_memory(options: LatentSyncOptions, device: Device) -> bool:
    """Whether the device computes in halves; raises EngineError where its memory is short."""
    if device.kind != "cuda":
        return False
    half = bool(torch.cuda.get_device_capability(device.index)[0] >= HALF_FROM)
    free, _ = torch.cuda.mem_get_info(device.index)
    needed = simulate(options.size, options.low_memory, options.guidance > 1, half).peak
    if needed > free:
        cure = "draw at 256 px, or run on the CPU" if options.low_memory else "turn on low_memory"
        raise EngineError(
            f"The GPU {device} has {gigabytes(free)} free and LatentSync needs about "
            f"{gigabytes(needed)} at {options.size} px: {cure}."
        )
    return half
