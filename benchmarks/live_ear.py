"""How near lips that follow a microphone come to those of the whole recording.

    python benchmarks/live_ear.py SOUND... [--seconds 14]

Each recording is heard in pushes of 80 ms, as a live session hears it, and as a whole. Prints the
correlation of the lips' opening, the largest step of it in 20 ms, and how often lips are open where
those of the whole are shut; and processor seconds for a second of sound. Prints Markdown.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import numpy as np

from lipwright.articulation import CHANNELS, articulate
from lipwright.articulation.ear import SAMPLE_RATE
from lipwright.articulation.live import DELAY, LiveArticulator
from lipwright.speech import Speech

PUSH = round(0.08 * SAMPLE_RATE)
GAP = CHANNELS.index("gap")
BEGUN = 75
"""Rows (1.5 s) at the start that are left out: nothing was heard before."""
OPEN, SHUT = 0.04, 0.01


def measure(path: Path, seconds: float) -> tuple[float, float, float, float]:
    """Correlation, largest step (mouth widths), share open where shut, processor s per s."""
    blocks = Speech.from_file(path).blocks(SAMPLE_RATE)
    sound = np.concatenate(list(blocks))[: round(seconds * SAMPLE_RATE)]
    articulator, began = LiveArticulator(), time.process_time()
    pieces = [articulator.push(sound[at : at + PUSH]) for at in range(0, len(sound), PUSH)]
    cost = (time.process_time() - began) / (len(sound) / SAMPLE_RATE)
    live = np.concatenate(pieces)[BEGUN:, GAP]
    whole = articulate(Speech.from_samples(sound, SAMPLE_RATE)).curves[BEGUN:, GAP]
    count = min(len(live), len(whole))
    live, whole = live[:count], whole[:count]
    correlation = float(np.corrcoef(live, whole)[0, 1])
    wrong = float(np.mean((live > OPEN) & (whole < SHUT)))
    return correlation, float(np.abs(np.diff(live)).max()), wrong, cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sounds", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=14.0)
    options = parser.parse_args()
    found = [measure(path, options.seconds) for path in options.sounds]
    print(f"Rows are there {DELAY:.2f} s after their sound. {len(found)} recordings:\n")
    print("| | median | worst |\n|---|---|---|")
    correlations, steps, wrong, costs = zip(*found, strict=True)
    print(f"| correlation | {statistics.median(correlations):.3f} | {min(correlations):.3f} |")
    print(f"| largest step, mouth widths | {statistics.median(steps):.3f} | {max(steps):.3f} |")
    print(f"| open where shut | {statistics.median(wrong):.2%} | {max(wrong):.2%} |")
    print(f"| processor s a second | {statistics.median(costs):.2f} | {max(costs):.2f} |")


if __name__ == "__main__":
    main()
