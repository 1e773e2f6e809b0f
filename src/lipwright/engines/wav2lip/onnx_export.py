"""Checkpoints to ONNX, batch norm folded into the convolutions before it.

The generator becomes two networks. What the face adds to the decoder is the same for every frame
of a still picture, so "face" works it out once: the decoder's first layers at each stage are linear
in their two inputs, and their part of the face, bias included, is handed over finished. "speech"
makes the frames from that and the sound. Together they are the generator, to rounding.

Where what a face adds lacks its upper rows, "speech" draws only the rows below; rows.py says which
are needed for that, and which of those drawn are then right.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from lipwright.engines.wav2lip.checkpoint import COUNTER, read_checkpoint
from lipwright.engines.wav2lip.torch_model import (
    EXPERT_FRAMES,
    FACE_SIZE,
    Expert,
    Generator,
)

OPSET = 17
MEL = (1, 80, 16)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def load(network: nn.Module, checkpoint: Path) -> Any:
    """Return the network with a checkpoint's weights, batch norm folded, ready to use."""
    shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    state = {key: torch.from_numpy(v) for key, v in read_checkpoint(checkpoint, shapes).items()}
    counters = {key: torch.tensor(0) for key in shapes if key.endswith(COUNTER)}
    network.load_state_dict(state | counters)
    return fold(network.eval().requires_grad_(False))


def fold(network: nn.Module) -> nn.Module:
    """Batch norms of a network made part of the layer before them, in place."""
    for module in network.modules():
        if isinstance(module, nn.Sequential):
            for place in range(1, len(module)):
                if isinstance(module[place], NORMS):
                    module[place - 1] = _folded(module[place - 1], module[place])
                    module[place] = nn.Identity()
    return network


def _folded(layer: Any, norm: Any) -> nn.Module:
    if isinstance(layer, nn.Linear):
        return fuse_linear_bn_eval(layer, norm)
    transposed = isinstance(layer, nn.ConvTranspose2d)
    result: nn.Module = fuse_conv_bn_eval(layer, norm, transpose=transposed)
    return result


class FacePart(nn.Module):
    """(n, 6, 96, 96) to what it adds at each stage of the decoder, finest last."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator
        self.adders = nn.ModuleList(
            _restricted(block, from_face=True) for block in _joining_blocks(generator)
        )

    def forward(self, face: Tensor) -> tuple[Tensor, ...]:
        """Return what a face (n, 6, 96, 96) adds to each stage of the drawing."""
        seen = self.generator.encode_face(face)
        return tuple(adder(part) for adder, part in zip(self.adders, seen, strict=True))


class SpeechPart(nn.Module):
    """(n, 1, 80, 16), and what a face adds (n or 1 of it), to (n, 3, 96, 96), or its lower rows."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.audio_encoder = generator.audio_encoder
        blocks: list[Any] = [*generator.face_decoder_blocks, generator.output_block]
        self.first = blocks[0]
        self.joiners: Any = nn.ModuleList(
            _restricted(block, from_face=False) for block in _joining_blocks(generator)
        )
        self.rest = nn.ModuleList(nn.Sequential(*list(block)[1:]) for block in blocks[1:])

    def forward(self, mel: Tensor, *added: Tensor) -> Tensor:
        """Return faces (n, 3, rows, 96) for mels (n, 1, 80, 16) and what a face adds."""
        x: Tensor = self.first(self.audio_encoder(mel))
        for joiner, rest, addition in zip(self.joiners, self.rest, added, strict=True):
            scale = joiner.stride[0]
            if scale == 2:  # only the rows that what is added has
                x = x[:, :, x.shape[2] - addition.shape[2] // scale :]
            x = rest(torch.relu(joiner(x) + addition))
        return x


def _joining_blocks(generator: Generator) -> list[Any]:
    """The layers that see the decoder's own picture and the face's beside it."""
    stages: list[Any] = [*generator.face_decoder_blocks[1:], generator.output_block]
    return [blocks[0] for blocks in stages]


OWN_CHANNELS = {1024: 512, 768: 512, 512: 384, 320: 256, 160: 128, 80: 64}
"""Inputs of a joining layer: how many of all of them come from the decoder, the first ones."""


def _restricted(block: Any, from_face: bool) -> nn.Module:
    """A folded layer as if it saw only one of its two inputs; the bias goes with the face."""
    layer = block.conv_block[0]
    own = OWN_CHANNELS[layer.in_channels]
    channels = slice(own, None) if from_face else slice(0, own)
    transposed = isinstance(layer, nn.ConvTranspose2d)
    weight = layer.weight[channels] if transposed else layer.weight[:, channels]
    width = weight.shape[0 if transposed else 1]
    sizes = (width, layer.out_channels, layer.kernel_size, layer.stride, layer.padding)
    part: Any
    if transposed:
        part = nn.ConvTranspose2d(*sizes, output_padding=layer.output_padding, bias=from_face)
    else:
        part = nn.Conv2d(*sizes, bias=from_face)
    part.weight = nn.Parameter(weight.clone(), requires_grad=False)
    if from_face:
        part.bias = layer.bias
    result: nn.Module = part
    return result


def convert_generator(checkpoint: Path, paths: Sequence[Path]) -> None:
    """Write "face" and "speech"."""
    write_generator(load(Generator(), checkpoint), paths)


def write_generator(generator: Generator, paths: Sequence[Path]) -> None:
    """Write "face" and "speech" of a folded generator."""
    face_part = FacePart(generator).eval()
    added = face_part(torch.zeros(1, 6, FACE_SIZE, FACE_SIZE))
    names = [f"added_{number}" for number in range(len(added))]
    example = {"face": torch.zeros(2, 6, FACE_SIZE, FACE_SIZE)}
    export(face_part, example, names, paths[0], {"face": "faces"} | dict.fromkeys(names, "faces"))
    inputs = {"mel": torch.zeros(2, *MEL), **dict(zip(names, added, strict=True))}
    batches = {"mel": "frames", "drawn": "frames"} | dict.fromkeys(names, "faces")
    rows = {name: f"rows_{stage}" for stage, name in enumerate(names)} | {"drawn": "rows"}
    export(SpeechPart(generator).eval(), inputs, ["drawn"], paths[1], batches, rows)


def convert_expert(checkpoint: Path, paths: Sequence[Path]) -> None:
    """Write the lip-sync expert whole."""
    inputs = {
        "mel": torch.zeros(2, *MEL),
        "face": torch.zeros(2, 3 * EXPERT_FRAMES, FACE_SIZE // 2, FACE_SIZE),
    }
    outputs = ["sound", "seen"]
    batches = dict.fromkeys([*inputs, *outputs], "frames")
    export(load(Expert(), checkpoint), inputs, outputs, paths[0], batches)


def export(
    network: nn.Module,
    inputs: dict[str, Tensor],
    outputs: Sequence[str],
    path: Path,
    batches: dict[str, str],
    rows: dict[str, str] | None = None,
) -> None:
    """Write an ONNX file.

    batches: the first axes of these inputs and outputs have these names, that is any length;
    rows: so has the axis of rows, the third one.
    """
    axes = {name: {0: axis} for name, axis in batches.items()}
    for name, axis in (rows or {}).items():
        axes[name][2] = axis
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter is called old; the new one needs more
        torch.onnx.export(
            network,
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
