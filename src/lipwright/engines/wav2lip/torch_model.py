"""Wav2Lip's generator and lip-sync expert in torch, as tables of layers.

Prajwal et al. (2020), "A Lip Sync Expert Is All You Need for Speech to Lip Generation In The Wild".
Strides, paddings and residual layers follow the authors' code (github.com/Rudrabha/Wav2Lip), and
module names are theirs, so that their checkpoints fit key by key. Written anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Size = int | tuple[int, int]

FACE_SIZE = 96
"""Height and width in px of the face the generator sees and draws."""
EXPERT_FRAMES = 5
"""Consecutive frames the expert looks at, lower halves of faces of FACE_SIZE px."""


@dataclass(frozen=True)
class Layer:
    """A convolution, batch norm and ReLU."""

    inputs: int
    outputs: int
    kernel: int = 3
    stride: Size = 1
    padding: int = 1
    residual: bool = False
    """Whether the input is added before the ReLU."""
    grows: int | None = None
    """None: a convolution. Else a transposed one with this output padding."""


def stage(first: Layer, residuals: int = 0) -> list[Layer]:
    """Return a layer and so many residual ones of the same width after it."""
    width = first.outputs
    return [first] + [Layer(width, width, residual=True)] * residuals


def _down(inputs: int, outputs: int, residuals: int, stride: Size = 2) -> list[Layer]:
    return stage(Layer(inputs, outputs, stride=stride), residuals)


def _up(inputs: int, outputs: int) -> list[Layer]:
    return stage(Layer(inputs, outputs, stride=2, grows=1), 2)


def _to_vector(inputs: int) -> list[Layer]:
    """From 3 x 3 to one vector of 512."""
    return [Layer(inputs, 512, padding=0), Layer(512, 512, kernel=1, padding=0)]


def _mel_layers(residuals_at_256: int) -> list[Layer]:
    """(1, 80, 16) of mel to a vector of 512."""
    return [
        *stage(Layer(1, 32), 2),
        *_down(32, 64, 2, stride=(3, 1)),
        *_down(64, 128, 2, stride=3),
        *_down(128, 256, residuals_at_256, stride=(3, 2)),
        *_to_vector(256),
    ]


FACE_ENCODER = (
    [Layer(6, 16, kernel=7, padding=3)],  # 96 px
    _down(16, 32, 2),  # 48
    _down(32, 64, 3),  # 24
    _down(64, 128, 2),  # 12
    _down(128, 256, 2),  # 6
    _down(256, 512, 1),  # 3
    _to_vector(512),  # 1
)
"""Its outputs, last first, are what the decoder sees beside its own."""
FACE_DECODER = (
    [Layer(512, 512, kernel=1, padding=0)],  # 1 px
    stage(Layer(1024, 512, padding=0, grows=0), 1),  # 3
    _up(1024, 512),  # 6
    _up(768, 384),  # 12
    _up(512, 256),  # 24
    _up(320, 128),  # 48
    _up(160, 64),  # 96
)
EXPERT_FACE = [
    Layer(3 * EXPERT_FRAMES, 32, kernel=7, padding=3),
    *stage(Layer(32, 64, kernel=5, stride=(1, 2)), 2),
    *_down(64, 128, 3),
    *_down(128, 256, 2),
    *_down(256, 512, 2),
    Layer(512, 512, stride=2),
    *_to_vector(512),
]


class Block(nn.Module):
    """One `Layer`."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        sizes = (layer.inputs, layer.outputs, layer.kernel, layer.stride, layer.padding)
        convolution: nn.Module
        if layer.grows is None:
            convolution = nn.Conv2d(*sizes)
        else:
            convolution = nn.ConvTranspose2d(*sizes, output_padding=layer.grows)
        self.conv_block = nn.Sequential(convolution, nn.BatchNorm2d(layer.outputs))
        self.residual = layer.residual

    def forward(self, x: Tensor) -> Tensor:
        """Apply the convolution; add the input where the layer is residual."""
        y = self.conv_block(x)
        return torch.relu(y + x if self.residual else y)


def chain(layers: Sequence[Layer]) -> nn.Sequential:
    """Return the layers one after the other."""
    return nn.Sequential(*(Block(layer) for layer in layers))


class Generator(nn.Module):
    """Redraws a face so that its mouth fits a sound.

    mel: (n, 1, 80, 16), see mel.py. face: (n, 6, 96, 96) in [0, 1], BGR with the lower half black,
    then BGR of the same face (or another moment of it). Gives (n, 3, 96, 96) in [0, 1], BGR.
    """

    def __init__(self) -> None:
        super().__init__()
        self.face_encoder_blocks = nn.ModuleList(chain(layers) for layers in FACE_ENCODER)
        self.audio_encoder = chain(_mel_layers(residuals_at_256=1))
        self.face_decoder_blocks = nn.ModuleList(chain(layers) for layers in FACE_DECODER)
        self.output_block = nn.Sequential(Block(Layer(80, 32)), nn.Conv2d(32, 3, 1), nn.Sigmoid())

    def encode_face(self, face: Tensor) -> list[Tensor]:
        """Return what the decoder sees of the face at each of its stages, smallest first."""
        found = []
        for blocks in self.face_encoder_blocks:
            face = blocks(face)
            found.append(face)
        return found[::-1]

    def forward(self, mel: Tensor, face: Tensor) -> Tensor:
        """Return faces (n, 3, 96, 96) for mels (n, 1, 80, 16) and faces (n, 6, 96, 96)."""
        x = self.audio_encoder(mel)
        for blocks, seen in zip(self.face_decoder_blocks, self.encode_face(face), strict=True):
            x = torch.cat([blocks(x), seen], dim=1)
        result: Tensor = self.output_block(x)
        return result


class Expert(nn.Module):
    """Tells how well lips and sound belong together: vectors whose cosine is near 1 where they do.

    mel: (n, 1, 80, 16). face: (n, 15, 48, 96) in [0, 1], the BGR lower halves of 5 frames in turn.
    Gives two (n, 512) of length 1, of the sound and of the face.
    """

    def __init__(self) -> None:
        super().__init__()
        self.face_encoder = chain(EXPERT_FACE)
        self.audio_encoder = chain(_mel_layers(residuals_at_256=2))

    def forward(self, mel: Tensor, face: Tensor) -> tuple[Tensor, Tensor]:
        """Return unit embeddings (n, 512) of sound and of faces."""
        sound, seen = self.audio_encoder(mel), self.face_encoder(face)
        return _unit(sound.flatten(1)), _unit(seen.flatten(1))


def _unit(x: Tensor) -> Tensor:
    result: Tensor = x / x.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return result
