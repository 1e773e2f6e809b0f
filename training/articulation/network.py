"""The heads on the ear: small convolution networks at 50 Hz that look both ways."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import nn

from lipwright.articulation.ear import WIDTH

HEAD_BLOCKS = ((5, 1), (5, 2), (5, 4))
"""(kernel, dilation): 14 rows (0.28 s) either way."""


class Block(nn.Module):
    """A residual dilated convolution, without padding: `left` and `right` rows are lost."""

    def __init__(self, width: int, kernel: int, dilation: int, ahead: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.spread = nn.Conv1d(width, width, kernel, dilation=dilation)
        self.mix = nn.Conv1d(width, width, 1)
        self.dropout = nn.Dropout(dropout)
        self.left, self.right = (kernel - 1) * dilation - ahead, ahead

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = self.norm(x.transpose(1, 2)).transpose(1, 2)
        inner = self.mix(functional.gelu(self.spread(inner)))
        kept = x[:, :, self.left : x.shape[2] - self.right]
        return kept + self.dropout(inner)


class Heads(nn.Module):
    """(B, T, WIDTH) to (B, T, outputs), and logits of the phone classes."""

    def __init__(self, outputs: int, phones: int, width: int = 64, dropout: float = 0.65) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(WIDTH))
        self.register_buffer("scale", torch.ones(WIDTH))
        self.dropout = nn.Dropout(dropout)
        self.first = nn.Linear(WIDTH, width)
        self.reach = sum((kernel - 1) * dilation // 2 for kernel, dilation in HEAD_BLOCKS)
        self.blocks = nn.ModuleList(
            [Block(width, k, d, (k - 1) * d // 2, dropout) for k, d in HEAD_BLOCKS]
        )
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, outputs)
        self.phones = nn.Linear(width, phones)

    def forward(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        heard = (features - self.mean) * self.scale
        x = self.first(self.dropout(heard)).transpose(1, 2)
        x = functional.pad(x, (self.reach, self.reach))
        for block in self.blocks:
            x = block(x)
        x = self.norm(x.transpose(1, 2))
        return self.out(x), self.phones(x)
