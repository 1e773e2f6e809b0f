"""Train the network that reads the articulators off the sound.

python train.py --corpus work/corpus.pkl --output work/network.pt --minutes 15
"""

from __future__ import annotations

import argparse
import pickle
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from augment import BatchMaker, plain_features
from corpus import CLOSED_COLUMN, COLUMNS, REAL_COLUMNS, Clip
from network import LEFT_CONTEXT, RIGHT_CONTEXT, ArticulationNetwork

from lipwright.articulation.base import CHANNELS
from lipwright.articulation.features import LogMelStream, RunningNormaliser
from lipwright.articulation.targets import TARGETS

REGRESSED = slice(0, CLOSED_COLUMN)
COLUMN_WEIGHTS = torch.tensor([1.5, 2, 1, 1.5, 0.7, 0.7, 0.5, 0.7, 0.7, 2, 1.2, 1])
FRAMES = 260


def speech_prior(clips: list[Clip]) -> np.ndarray:
    """Mean log-mel of speech relative to its level, over many clips."""
    means = []
    for clip in clips:
        stream = LogMelStream()
        normaliser = RunningNormaliser(np.zeros(80), weight=1.0)
        normaliser.push(stream.push(clip.samples))
        means.append(normaliser.mean)
    return np.mean(means, axis=0).astype(np.float32)


def column_scales(clips: dict[str, list[Clip]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and deviation of the regressed columns over the training clips."""
    made = np.concatenate([c.targets[:, : len(CHANNELS)] for c in clips["kokoro"]])
    real = np.concatenate([c.targets[c.weights > 0][:, REAL_COLUMNS] for c in clips["grid"]])
    mean = np.concatenate([made.mean(0), real.mean(0)])
    deviation = np.concatenate([made.std(0), real.std(0)])
    return torch.tensor(mean, dtype=torch.float32), torch.tensor(deviation, dtype=torch.float32)


def masked_correlation_loss(
    guess: torch.Tensor, goal: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    count = mask.sum(1).clamp(min=1)
    guess = (guess - ((guess * mask).sum(1) / count)[:, None]) * mask
    goal = (goal - ((goal * mask).sum(1) / count)[:, None]) * mask
    spread = ((guess**2).sum(1) * (goal**2).sum(1) + 1e-4).sqrt()
    useful = (mask.sum(1) > 30) & ((goal**2).sum(1) > 1)
    return (1 - (guess * goal).sum(1) / spread)[useful].sum() / useful.sum().clamp(min=1)


def batch_loss(
    output: torch.Tensor, logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor,
    phones: torch.Tensor, scales: tuple[torch.Tensor, torch.Tensor],
) -> torch.Tensor:  # fmt: skip
    mean, deviation = scales
    goal = (targets[..., REGRESSED] - mean) / deviation
    known = torch.isfinite(goal) * weights[..., None]
    goal = torch.nan_to_num(goal)
    guess = output[..., REGRESSED]
    importance = known * COLUMN_WEIGHTS
    loss = ((guess - goal) ** 2 * importance).sum() / importance.sum()
    moving = importance[:, 1:] * (known[:, :-1] > 0)
    speed_error = (guess[:, 1:] - guess[:, :-1]) - (goal[:, 1:] - goal[:, :-1])
    loss = loss + 2 * (speed_error**2 * moving).sum() / moving.sum()
    for column, share in ((0, 0.3), (1, 0.5), (3, 0.3), (9, 0.8), (10, 0.4), (11, 0.3)):
        loss = loss + 0.5 * share * masked_correlation_loss(
            guess[..., column], goal[..., column], known[..., column].clamp(max=1)
        )
    for column, share in ((12, 0.8), (13, 0.5), (14, 0.3)):
        wanted = targets[..., column]
        sure = torch.isfinite(wanted).float()
        errors = functional.binary_cross_entropy_with_logits(
            output[..., column], torch.nan_to_num(wanted).clamp(0, 1), reduction="none"
        )
        if column != 13:
            sure = sure * weights
        loss = loss + share * (errors * sure).sum() / sure.sum().clamp(min=1)
    if (phones >= 0).any():
        loss = loss + 0.6 * functional.cross_entropy(
            logits.flatten(0, 1), phones.flatten(), ignore_index=-1, label_smoothing=0.05
        )
    return loss


@torch.no_grad()
def predict(network: ArticulationNetwork, feature_rows: np.ndarray) -> np.ndarray:
    padded = np.pad(feature_rows, ((LEFT_CONTEXT, RIGHT_CONTEXT), (0, 0)), constant_values=-4.0)
    return network(torch.tensor(padded)[None])[0][0].numpy()


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-12))


def validate(network: ArticulationNetwork, clips: dict[str, list[Clip]], prior: np.ndarray) -> str:
    network.eval()
    real_gap, real_width, made_gap, blended = [], [], [], []
    hits = wanted = false = 0
    for clip in [c for c in clips["grid"] if c.held_out][::3]:
        rows = predict(network, plain_features(clip, prior))[: len(clip.targets)]
        seen = clip.weights[: len(rows)] > 0
        truth = clip.targets[: len(rows)]
        real_gap.append(correlation(rows[seen, 9], truth[seen, 9]))
        real_width.append(correlation(rows[seen, 10], truth[seen, 10]))
        blended.append(correlation(rows[seen, 1], truth[seen, 9]))
    for clip in [c for c in clips["kokoro"] if c.held_out][::2]:
        rows = predict(network, plain_features(clip, prior))[: len(clip.targets)]
        truth = clip.targets[: len(rows)]
        made_gap.append(correlation(rows[:, 1], truth[:, 1]))
        closed = truth[:, CLOSED_COLUMN] > 0.9
        guess = rows[:, CLOSED_COLUMN] > 0
        wanted, hits = wanted + closed.sum(), hits + (closed & guess).sum()
        false += (guess & (truth[:, CLOSED_COLUMN] < 0.1)).sum()
    network.train()
    return (
        f"real gap {np.median(real_gap):.3f} (model head {np.median(blended):.3f}) width "
        f"{np.median(real_width):.3f}; made gap {np.median(made_gap):.3f} closed frames found "
        f"{hits / wanted:.2f}, wrongly {false / wanted:.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--width", type=int, default=144)
    parser.add_argument("--start", type=Path, help="a saved network to go on from")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(1)
    # The pickle is this folder's own, made by prepare_corpus.py.
    clips = pickle.loads(arguments.corpus.read_bytes())
    train = {name: [c for c in some if not c.held_out] for name, some in clips.items()}
    prior = speech_prior(train["kokoro"][:150] + train["grid"][:150])
    scales = column_scales(train)
    network = ArticulationNetwork(COLUMNS, len(TARGETS.index), arguments.width)
    if arguments.start is not None:
        network.load_state_dict(torch.load(arguments.start, weights_only=True)["state"])
    optimiser = torch.optim.AdamW(network.parameters(), arguments.rate, weight_decay=0.02)
    maker = BatchMaker(torch.tensor(prior), (LEFT_CONTEXT, RIGHT_CONTEXT), FRAMES, arguments.seed)
    rng = np.random.default_rng(arguments.seed)
    real = round(0.3 * arguments.batch)
    begun, step, losses, reported = time.time(), 0, [], 0.0
    print(f"{sum(p.numel() for p in network.parameters())} parameters", flush=True)
    while (share := (time.time() - begun) / (arguments.minutes * 60)) < 1:
        warm_up = min(1.0, step / 60)
        for group in optimiser.param_groups:
            group["lr"] = arguments.rate * warm_up * (0.5 + 0.5 * np.cos(np.pi * share)) + 1e-6
        chosen = [train["grid"][i] for i in rng.integers(len(train["grid"]), size=real)]
        made = train["kokoro"]
        chosen += [made[i] for i in rng.integers(len(made), size=arguments.batch - real)]
        feature_rows, *goals = maker.make(chosen, real)
        output, logits = network(feature_rows)
        loss = batch_loss(output, logits, *goals, scales)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
        step += 1
        if time.time() - reported > 90:
            reported = time.time()
            print(
                f"{share:.0%} step {step} loss {np.mean(losses[-50:]):.3f} "
                f"{validate(network, clips, prior)}",
                flush=True,
            )
            save(arguments.output, network, prior, scales, arguments.width)
    save(arguments.output, network, prior, scales, arguments.width)
    print(f"done, step {step}: {validate(network, clips, prior)}")


def save(
    path: Path, network: ArticulationNetwork, prior: np.ndarray,
    scales: tuple[torch.Tensor, torch.Tensor], width: int,
) -> None:  # fmt: skip
    torch.save(
        {"state": network.state_dict(), "prior": torch.tensor(prior), "mean": scales[0],
         "deviation": scales[1], "width": width},
        path,
    )  # fmt: skip


if __name__ == "__main__":
    main()
