"""Train the network that reads the articulators off the sound.

python train.py --corpus work/corpus.pkl --output work/network.pt --seed 0
"""

from __future__ import annotations

import argparse
import copy
import pickle
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from augment import BatchMaker
from corpus import (
    CLOSED_COLUMN,
    COLUMNS,
    CONTACT_COLUMN,
    REAL_COLUMNS,
    SPEAKING_COLUMN,
    TUCK_COLUMN,
    Clip,
    plain_features,
)
from network import LEFT_CONTEXT, RIGHT_CONTEXT, ArticulationNetwork
from synthesize_speech import HELD_OUT_VOICES

from lipwright.articulation.curves import CHANNELS
from lipwright.articulation.log_mel import LogMelStream, RunningNormaliser
from lipwright.articulation.viseme_targets import TARGETS
from lipwright.evaluation.metrics import correlation

REGRESSED = slice(0, CLOSED_COLUMN)
COLUMN_WEIGHTS = torch.tensor([1.5, 2, 1, 1.5, 0.7, 0.7, 0.5, 0.7, 0.7, 2, 1.2, 1])
CORRELATED = ((0, 0.3), (1, 0.4), (3, 0.3), (9, 1.2), (10, 0.7), (11, 0.3))
DECISIONS = (
    (CLOSED_COLUMN, 0.8), (SPEAKING_COLUMN, 0.5), (TUCK_COLUMN, 0.3), (CONTACT_COLUMN, 0.6)
)  # fmt: skip
FRAMES = 260
REPORT_STEPS = 500
VALIDATION_CLIPS = 60
SHARES = {"grid": 0.35, "parallel": 0.35, "kokoro": 0.3}
"""Of a batch."""


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
    for column, share in CORRELATED:
        loss = loss + 0.5 * share * masked_correlation_loss(
            guess[..., column], goal[..., column], known[..., column].clamp(max=1)
        )
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
        loss = loss + 0.6 * functional.cross_entropy(
            logits.flatten(0, 1), phones.flatten(), ignore_index=-1, label_smoothing=0.05
        )
    return loss


@torch.no_grad()
def predict(network: ArticulationNetwork, feature_rows: np.ndarray) -> np.ndarray:
    padded = np.pad(feature_rows, ((LEFT_CONTEXT, RIGHT_CONTEXT), (0, 0)), constant_values=-4.0)
    return network(torch.tensor(padded)[None])[0][0].numpy()


def validate(network: ArticulationNetwork, clips: dict[str, list[Clip]], prior: np.ndarray) -> str:
    """Held-out sentences of s1, the same in held-out voices, and held-out Kokoro speech."""
    network.eval()
    report = []
    for source in ("grid", "parallel", "kokoro"):
        scores: dict[str, list[float]] = {"gap": [], "width": []}
        events = {"closed": np.zeros(3), "contact": np.zeros(3)}
        for clip in clips[source][:VALIDATION_CLIPS]:
            rows = predict(network, plain_features(clip.samples, prior))[: len(clip.targets)]
            truth = clip.targets[: len(rows)]
            columns = {"gap": 1} if source == "kokoro" else {"gap": 9, "width": 10}
            for name, column in columns.items():
                seen = (truth[:, SPEAKING_COLUMN] == 1) & np.isfinite(truth[:, column])
                scores[name].append(correlation(truth[seen, column], rows[seen, column]))
            for name, column in (("closed", CLOSED_COLUMN), ("contact", CONTACT_COLUMN)):
                wanted, guess = truth[:, column] > 0.9, rows[:, column] > 0
                speaking = truth[:, SPEAKING_COLUMN] == 1
                guess &= np.isfinite(truth[:, column]) & speaking
                wanted &= speaking
                events[name] += [wanted.sum(), (wanted & guess).sum(), guess.sum()]
        numbers = [f"{name} {np.median(s):.3f}" for name, s in scores.items() if s]
        numbers += [
            f"{name} {hit / max(1, wanted):.2f}/{hit / max(1, guess):.2f}"
            for name, (wanted, hit, guess) in events.items()
            if wanted
        ]
        report.append(f"{source}: {', '.join(numbers)}")
    network.train()
    return "; ".join(report)


class Average:
    """A slowly moving mean of the weights, which generalises better than the last step's."""

    def __init__(self, network: ArticulationNetwork, keep: float = 0.998) -> None:
        self.network, self.keep = copy.deepcopy(network), keep
        self._steps = 0

    @torch.no_grad()
    def update(self, network: ArticulationNetwork) -> None:
        self._steps += 1
        keep = min(self.keep, 1 - 1 / (1 + self._steps / 5))
        for mine, new in zip(self.network.parameters(), network.parameters(), strict=True):
            mine.lerp_(new, 1 - keep)


def choose_batch(clips: dict[str, list[Clip]], size: int, rng: np.random.Generator) -> list[Clip]:
    chosen = []
    for source, share in SHARES.items():
        some = clips[source]
        chosen += [some[i] for i in rng.integers(len(some), size=round(share * size))]
    # The last two become noise without a voice: no source may be the one that loses them.
    return [chosen[i] for i in rng.permutation(len(chosen))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--width", type=int, default=144)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(1)
    # The pickle is this folder's own, made by prepare_corpus.py.
    clips = pickle.loads(arguments.corpus.read_bytes())
    train = {name: [c for c in some if not c.held_out] for name, some in clips.items()}
    check = {name: [c for c in some if c.held_out] for name, some in clips.items()}
    check["parallel"] = [c for c in check["parallel"] if c.name.split("/")[0] in HELD_OUT_VOICES]
    prior = speech_prior(train["kokoro"][:150] + train["grid"][:150])
    scales = column_scales(train)
    network = ArticulationNetwork(COLUMNS, len(TARGETS.index), arguments.width)
    average = Average(network)
    optimiser = torch.optim.AdamW(network.parameters(), arguments.rate, weight_decay=0.03)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, arguments.rate, total_steps=arguments.steps, pct_start=0.1
    )
    maker = BatchMaker(torch.tensor(prior), (LEFT_CONTEXT, RIGHT_CONTEXT), FRAMES, arguments.seed)
    rng = np.random.default_rng(arguments.seed)
    begun, losses = time.time(), []
    print(f"{sum(p.numel() for p in network.parameters())} parameters", flush=True)
    for step in range(1, arguments.steps + 1):
        feature_rows, *goals = maker.make(choose_batch(train, arguments.batch, rng))
        with torch.autocast("cpu", torch.bfloat16):
            output, logits = network(feature_rows)
        loss = batch_loss(output.float(), logits.float(), *goals, scales)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        average.update(network)
        losses.append(loss.item())
        if step % REPORT_STEPS == 0 or step == arguments.steps:
            print(
                f"step {step}, {time.time() - begun:.0f} s, loss {np.mean(losses[-200:]):.3f}; "
                f"{validate(average.network, check, prior)}",
                flush=True,
            )
            save(arguments.output, average.network, prior, scales, arguments.width)


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
