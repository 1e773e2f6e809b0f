"""A small temporal convolution network: log-mel at 100 Hz in, articulators at 50 Hz out.

Nothing is padded inside, so that blocks with enough context give the same as the whole.
"""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import nn

# (kernel, dilation, frames of look-ahead), at 50 Hz.
BLOCKS = ((5, 1, 2), (5, 2, 2), (5, 1, 2), (3, 4, 0), (3, 8, 0), (3, 16, 0))
_LEFT_50 = sum((kernel - 1) * dilation - ahead for kernel, dilation, ahead in BLOCKS)
_RIGHT_50 = sum(ahead for _, _, ahead in BLOCKS)
LEFT_CONTEXT = 2 * _LEFT_50 + 4
"""Frames at 100 Hz that the network needs before the first it answers for."""
RIGHT_CONTEXT = 2 * _RIGHT_50 + 4
"""And after the last: 16 frames, with the window's half 172 ms of look-ahead."""


class Block(nn.Module):
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


class ArticulationNetwork(nn.Module):
    """(B, T, 80) to (B, (T - context + 1) // 2, outputs), and logits of the phone classes."""

    def __init__(self, outputs: int, phones: int, width: int = 144, dropout: float = 0.1) -> None:
        super().__init__()
        self.first = nn.Conv1d(80, width, 5)
        self.halve = nn.Conv1d(width, width, 5, stride=2)
        self.blocks = nn.ModuleList([Block(width, *shape, dropout) for shape in BLOCKS])
        self.norm = nn.LayerNorm(width)
        self.phones = nn.Linear(width, phones)
        self.out = nn.Linear(width, outputs)

    def forward(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = functional.gelu(self.first(features.transpose(1, 2)))
        x = functional.gelu(self.halve(x))
        for block in self.blocks:
            x = block(x)
        x = self.norm(x.transpose(1, 2))
        return self.out(x), self.phones(x)
