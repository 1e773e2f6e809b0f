"""Train the heads that read the articulators off what the ear heard.

    python train_heads.py --heard work/heard --output work/heads0.pt --seed 0

Few steps and much dropout: who reads one man's lips for longer learns that man (MODEL_CARD.md).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from corpus import CLOSED_COLUMN, COLUMNS, CONTACT_COLUMN, REAL_COLUMNS, SPEAKING_COLUMN
from losses import Average, Scales, target_loss
from network import Heads

from lipwright.articulation.viseme_targets import TARGETS
from lipwright.evaluation.metrics import correlation

ROWS = 240
REPORT_STEPS = 100
PHONE_SHARE = 0.06
"""More of it, and the heads learn the words of the training rather than what lips do."""


class Split:
    """The windows of one split, mapped into memory."""

    def __init__(self, folder: Path) -> None:
        def read(name: str) -> np.ndarray:
            return np.load(folder / f"{name}.npy", mmap_mode="r")

        self.features = read("features")
        self.targets, self.weights = np.array(read("targets")), np.array(read("weights"))
        self.phones, self.sources = np.array(read("phones")), np.array(read("sources"))

    def batch(self, size: int, rng: np.random.Generator) -> tuple[torch.Tensor, ...]:
        """Stretches of ROWS from random windows."""
        parts = []
        for number in rng.integers(len(self.sources), size=size):
            first = int(rng.integers(self.features.shape[1] - ROWS + 1))
            parts.append(self.read(number, first, ROWS))
        return tuple(torch.tensor(np.stack(some)) for some in zip(*parts, strict=True))

    def read(self, number: int, first: int, count: int) -> tuple[np.ndarray, ...]:
        here = slice(first, first + count)
        return (
            self.features[number, here].astype(np.float32),
            self.targets[number, here],
            self.weights[number, here],
            self.phones[number, here].astype(np.int64),
        )


def column_scales(split: Split) -> Scales:
    """Mean and deviation of the regressed columns where they are known."""
    rows = split.targets[split.sources != "nobody"].reshape(-1, COLUMNS)[:, :CLOSED_COLUMN]
    mean, deviation = np.nanmean(rows, axis=0), np.nanstd(rows, axis=0)
    return torch.tensor(mean), torch.tensor(deviation)


def fit_inputs(network: Heads, split: Split) -> None:
    """Bring what comes in to mean 0 and deviation 1."""
    some = np.asarray(split.features[::7], np.float32).reshape(-1, split.features.shape[2])
    network.mean.copy_(torch.tensor(some.mean(0)))
    network.scale.copy_(1 / torch.tensor(some.std(0) + 1e-3))


@torch.no_grad()
def validate(network: Heads, split: Split) -> str:
    """Correlations and decisions on held-out windows, by source."""
    network.eval()
    report = []
    for source in ("grid", "parallel", "kokoro", "nobody"):
        scores: dict[str, list[float]] = {"gap": [], "width": []}
        events, spoken = np.zeros(3), []
        for number in np.flatnonzero(split.sources == source):
            heard, truth, weights, _ = split.read(number, 0, split.features.shape[1])
            rows = network(torch.tensor(heard)[None])[0][0].numpy()
            for name, column in (("gap", REAL_COLUMNS.start), ("width", REAL_COLUMNS.start + 1)):
                seen = (truth[:, SPEAKING_COLUMN] == 1) & np.isfinite(truth[:, column])
                if seen.sum() > 50:
                    scores[name].append(correlation(truth[seen, column], rows[seen, column]))
            known = np.isfinite(truth[:, CONTACT_COLUMN]) & (weights > 0)
            wanted = (truth[:, CONTACT_COLUMN] > 0.9) & known
            guess = (rows[:, CONTACT_COLUMN] > 0) & known
            events += [wanted.sum(), (wanted & guess).sum(), guess.sum()]
            sure = np.isfinite(truth[:, SPEAKING_COLUMN])
            right = (rows[:, SPEAKING_COLUMN] > 0) == (truth[:, SPEAKING_COLUMN] > 0.5)
            spoken.append(right[sure].mean())
        wanted_rows, hit, claimed = events
        numbers = [f"{name} {np.median(s):.3f}" for name, s in scores.items() if s]
        numbers.append(f"contact {hit / max(1, wanted_rows):.2f}/{hit / max(1, claimed):.2f}")
        numbers.append(f"speaking {np.mean(spoken) if spoken else np.nan:.3f}")
        report.append(f"{source}: {', '.join(numbers)}")
    network.train()
    return "; ".join(report)


def train(
    network: Heads, split: Split, check: Split, arguments: argparse.Namespace
) -> tuple[Heads, Scales]:
    scales = column_scales(split)
    fit_inputs(network, split)
    average = Average(network)
    optimiser = torch.optim.AdamW(network.parameters(), arguments.rate, weight_decay=0.3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, arguments.rate, total_steps=arguments.steps, pct_start=0.1
    )
    rng, begun, losses = np.random.default_rng(arguments.seed), time.time(), []
    for step in range(1, arguments.steps + 1):
        heard, *goals = split.batch(arguments.batch, rng)
        heard = heard + arguments.noise * torch.randn_like(heard) / network.scale
        loss = target_loss(*network(heard), *goals, scales, PHONE_SHARE)
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
                f"{validate(average.network, check)}",
                flush=True,
            )
    return average.network, scales


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heard", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--dropout", type=float, default=0.65)
    parser.add_argument("--noise", type=float, default=0.8, help="of features, in deviations")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(1)
    network = Heads(COLUMNS, len(TARGETS.index), arguments.width, arguments.dropout)
    print(f"{sum(p.numel() for p in network.parameters())} parameters", flush=True)
    split, check = (Split(arguments.heard / name) for name in ("train", "check"))
    trained, scales = train(network, split, check, arguments)
    torch.save(
        {"state": trained.state_dict(), "mean": scales[0], "deviation": scales[1],
         "width": arguments.width},
        arguments.output,
    )  # fmt: skip


if __name__ == "__main__":
    main()
