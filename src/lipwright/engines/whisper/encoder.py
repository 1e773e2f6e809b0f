"""The encoder of Whisper tiny in torch (Radford et al. 2022), which gives the states of its layers.

Module names are OpenAI's, without their first part. `encoder_weights` brings those of OpenAI's and
of Hugging Face's files to them. Written anew.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from lipwright.engines.whisper.log_mel import BANDS, PIECE_COLUMNS

WIDTH = 384
HEADS = 6
LAYERS = 4
POSITIONS = PIECE_COLUMNS // 2

HUGGING_FACE_NAMES = {
    "embed_positions.weight": "positional_embedding",
    "layer_norm": "ln_post",
    "layers": "blocks",
    "self_attn.q_proj": "attn.query",
    "self_attn.k_proj": "attn.key",
    "self_attn.v_proj": "attn.value",
    "self_attn.out_proj": "attn.out",
    "self_attn_layer_norm": "attn_ln",
    "fc1": "mlp.0",
    "fc2": "mlp.2",
    "final_layer_norm": "mlp_ln",
}
"""Parts of Hugging Face's names, and what they are here."""
_PARTS = re.compile(r"(?<![a-z_])(" + "|".join(map(re.escape, HUGGING_FACE_NAMES)) + r")(?![a-z_])")
_OF_ENCODER = re.compile(r"(?:model\.)?encoder\.(.+)")


class Attention(nn.Module):
    """Self-attention of 6 heads; keys have no bias."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH, bias=False)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, T, 384) for (n, T, 384)."""
        heads = [
            part(x).unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        ]
        seen = functional.scaled_dot_product_attention(*heads)
        result: Tensor = self.out(seen.transpose(1, 2).flatten(2))
        return result


class Block(nn.Module):
    """A layer: attention and two linear layers, each after its norm and added to what was there."""

    def __init__(self) -> None:
        super().__init__()
        self.attn, self.attn_ln = Attention(), nn.LayerNorm(WIDTH)
        self.mlp = nn.Sequential(
            nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH)
        )
        self.mlp_ln = nn.LayerNorm(WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, T, 384) for (n, T, 384)."""
        x = x + self.attn(self.attn_ln(x))
        result: Tensor = x + self.mlp(self.mlp_ln(x))
        return result


class WhisperEncoder(nn.Module):
    """The whole encoder."""

    def __init__(self, norm_last: bool) -> None:
        """norm_last: whether the last state is normed, as for MuseTalk, or not (LatentSync)."""
        super().__init__()
        self.norm_last = norm_last
        self.conv1 = nn.Conv1d(BANDS, WIDTH, 3, padding=1)
        self.conv2 = nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.positional_embedding: Tensor
        self.register_buffer("positional_embedding", sinusoids(POSITIONS, WIDTH))
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.ln_post = nn.LayerNorm(WIDTH)

    def forward(self, log_mel: Tensor) -> Tensor:
        """Return five states at 50 Hz, (n, T // 2, 5, 384): what goes into the layers, and each's.

        log_mel: (n, 80, T), T even and at most 3000.
        """
        x = functional.gelu(self.conv1(log_mel))
        x = functional.gelu(self.conv2(x)).transpose(1, 2)
        states: list[Tensor] = [x + self.positional_embedding[: x.shape[1]]]
        for block in self.blocks:
            states.append(block(states[-1]))
        if self.norm_last:
            states[-1] = self.ln_post(states[-1])
        return torch.stack(states, dim=2)


def sinusoids(count: int, width: int) -> Tensor:
    """Return Whisper's embedding of positions, float32 (count, width): sines, then cosines."""
    half = width // 2
    rates = torch.exp(-math.log(10_000) / (half - 1) * torch.arange(half))
    angles = torch.arange(count)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def encoder_weights(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the float32 weights of `WhisperEncoder` out of a file of OpenAI or Hugging Face.

    What belongs to the decoder is left out, and so is an encoder's prefix.
    """
    found = {}
    for key, value in weights.items():
        if match := _OF_ENCODER.fullmatch(key):
            name = _PARTS.sub(lambda part: HUGGING_FACE_NAMES[part[1]], match[1])
            found[name] = value.float()
    return found
