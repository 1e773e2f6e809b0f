"""What the heads are trained to make small."""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as functional
from corpus import (
    CLOSED_COLUMN,
    CONTACT_COLUMN,
    SPEAKING_COLUMN,
    TUCK_COLUMN,
)
from torch import nn

REGRESSED = slice(0, CLOSED_COLUMN)
SPEED_SHARE = 2.0
COLUMN_WEIGHTS = torch.tensor([1.5, 2, 1, 1.5, 0.7, 0.7, 0.5, 0.7, 0.7, 2, 1.2, 1])
CORRELATED = ((0, 0.3), (1, 0.4), (3, 0.3), (9, 1.2), (10, 0.7), (11, 0.3))
DECISIONS = (
    (CLOSED_COLUMN, 0.8), (SPEAKING_COLUMN, 0.5), (TUCK_COLUMN, 0.3), (CONTACT_COLUMN, 0.6)
)  # fmt: skip

Scales = tuple[torch.Tensor, torch.Tensor]
"""Mean and deviation of the regressed columns."""


def correlation_loss(guess: torch.Tensor, goal: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """1 - Pearson's correlation over the known rows, all (B, T); the mean of those that move."""
    count = mask.sum(1).clamp(min=1)
    guess = (guess - ((guess * mask).sum(1) / count)[:, None]) * mask
    goal = (goal - ((goal * mask).sum(1) / count)[:, None]) * mask
    spread = ((guess**2).sum(1) * (goal**2).sum(1) + 1e-4).sqrt()
    useful = (mask.sum(1) > 30) & ((goal**2).sum(1) > 1)
    return (1 - (guess * goal).sum(1) / spread)[useful].sum() / useful.sum().clamp(min=1)


def curve_loss(guess: torch.Tensor, goal: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """Errors of curves and of their speed, and of their correlation; all (B, T, n), scaled."""
    importance = known * COLUMN_WEIGHTS
    loss = ((guess - goal) ** 2 * importance).sum() / importance.sum().clamp(min=1)
    moving = importance[:, 1:] * (known[:, :-1] > 0)
    error = (guess[:, 1:] - guess[:, :-1]) - (goal[:, 1:] - goal[:, :-1])
    loss = loss + SPEED_SHARE * (error**2 * moving).sum() / moving.sum().clamp(min=1)
    for column, share in CORRELATED:
        loss = loss + 0.5 * share * correlation_loss(
            guess[..., column], goal[..., column], known[..., column].clamp(max=1)
        )
    return loss


def target_loss(
    output: torch.Tensor, logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor,
    phones: torch.Tensor, scales: Scales, phone_share: float,
) -> torch.Tensor:  # fmt: skip
    """Against targets (B, T, COLUMNS), NaN where unknown; phone_share: what the phones count."""
    mean, deviation = scales
    goal = (targets[..., REGRESSED] - mean) / deviation
    known = torch.isfinite(goal) * weights[..., None]
    loss = curve_loss(output[..., REGRESSED], torch.nan_to_num(goal), known)
    for column, share in DECISIONS:
        wanted = targets[..., column]
        sure = torch.isfinite(wanted).float()
        errors = functional.binary_cross_entropy_with_logits(
            output[..., column], torch.nan_to_num(wanted).clamp(0, 1), reduction="none"
        )
        if column != SPEAKING_COLUMN:
            sure = sure * weights
        loss = loss + share * (errors * sure).sum() / sure.sum().clamp(min=1)
    if (phones >= 0).any():
        loss = loss + phone_share * functional.cross_entropy(
            logits.flatten(0, 1), phones.flatten(), ignore_index=-1, label_smoothing=0.05
        )
    return loss


class Average:
    """A slowly moving mean of the weights, which generalises better than the last step's."""

    def __init__(self, network: nn.Module, keep: float = 0.998) -> None:
        self.network, self.keep = copy.deepcopy(network), keep
        self._steps = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        self._steps += 1
        keep = min(self.keep, 1 - 1 / (1 + self._steps / 5))
        for mine, new in zip(self.network.parameters(), network.parameters(), strict=True):
            mine.lerp_(new, 1 - keep)
