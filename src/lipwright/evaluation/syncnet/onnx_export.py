"""Export SyncNet to ONNX, with batch norm folded and 2-D instead of 3-D convolutions.

Only the first layer looks at several frames, and at all five: a convolution over 15 channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lipwright.engines.wav2lip.onnx_export import export, load
from lipwright.evaluation.syncnet.torch_model import SyncNet


def convert_syncnet(checkpoint: Path, paths: Sequence[Path]) -> None:
    """Write "hear" and "see", see `SyncNet`; the input for lips becomes (n, 15, 224, 224)."""
    network = load(SyncNet(), checkpoint)
    hear = nn.Sequential(network.netcnnaud, nn.Flatten(), network.netfcaud)
    flat = nn.Sequential(*(_flattened(layer) for layer in network.netcnnlip))
    see = nn.Sequential(flat, nn.Flatten(), network.netfclip)
    batches = {"mfcc": "frames", "sound": "frames", "lips": "frames", "seen": "frames"}
    for part, name, shape, output, path in (
        (hear, "mfcc", (2, 1, 13, 20), "sound", paths[0]),
        (see, "lips", (2, 15, 224, 224), "seen", paths[1]),
    ):
        axes = {key: batches[key] for key in (name, output)}
        export(part.eval(), {name: torch.zeros(shape)}, [output], path, axes)


def _flattened(layer: nn.Module) -> nn.Module:
    """Return the 2-D layer of a 3-D one: frames have become channels."""
    if isinstance(layer, nn.MaxPool3d):
        sizes: Any = (layer.kernel_size, layer.stride, layer.padding)
        pool: list[Any] = [size if isinstance(size, int) else size[1:] for size in sizes]
        return nn.MaxPool2d(*pool)
    if not isinstance(layer, nn.Conv3d):
        return layer
    weight: Tensor = layer.weight.flatten(1, 2)
    flat = nn.Conv2d(
        weight.shape[1],
        layer.out_channels,
        layer.kernel_size[1:],  # type: ignore[arg-type]
        layer.stride[1:],  # type: ignore[arg-type]
        layer.padding[1:],  # type: ignore[arg-type]
    )
    flat.weight, flat.bias = nn.Parameter(weight, requires_grad=False), layer.bias
    return flat
