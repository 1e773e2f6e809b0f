"""The trained heads together: the mean of several.

Heads that saw the training for a short time say best how far people in the world open; one that saw
it for longer knows the corpus better. Their mean keeps most of both (MODEL_CARD.md).
"""

from __future__ import annotations

from pathlib import Path

import torch
from corpus import CLOSED_COLUMN, COLUMNS
from network import Heads
from torch import nn

from lipwright.articulation.viseme_targets import TARGETS


def load_heads(saved: dict) -> Heads:
    """The network of a file that train_heads.py saved, ready to answer."""
    heads = Heads(COLUMNS, len(TARGETS.index), saved["width"])
    heads.load_state_dict(saved["state"])
    return heads.eval()


class Ensemble(nn.Module):
    """Features (B, T, WIDTH) to rows (B, T, COLUMNS): curves in mouth widths, probabilities."""

    def __init__(self, saved: list[dict]) -> None:
        super().__init__()
        for entry in saved:
            for key in ("mean", "deviation"):
                if not torch.equal(entry[key], saved[0][key]):
                    raise SystemExit("error: these heads were trained on different windows.")
        self.heads = nn.ModuleList(load_heads(entry) for entry in saved)
        self.register_buffer("mean", saved[0]["mean"])
        self.register_buffer("deviation", saved[0]["deviation"])

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        output = torch.stack([heads(features)[0] for heads in self.heads]).mean(0)
        lips = output[..., :CLOSED_COLUMN] * self.deviation + self.mean
        return torch.cat([lips, torch.sigmoid(output[..., CLOSED_COLUMN:])], dim=-1)


def load_ensemble(paths: list[Path]) -> Ensemble:
    """The heads of several files."""
    return Ensemble([torch.load(path, weights_only=True) for path in paths]).eval()
