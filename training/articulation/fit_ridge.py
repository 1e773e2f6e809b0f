"""Make benchmarks/ridge.npz: the simplest head there is, a linear map, from a quarter of s1.

    PYTHONPATH=../../benchmarks python fit_ridge.py --tracks work/tracks \\
        --output ../../benchmarks/ridge.npz

benchmarks/wild.py measures it beside the shipped heads, and a test fails if it is better.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from corpus import SUSPECT_CLIPS, real_lips
from wild_mouths import ridge_inputs

from lipwright.articulation.columns import RATE
from lipwright.articulation.ear import Ear

EVERY = 4
RIDGE = 2e5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    ear, heard, lips = Ear(), [], []
    for path in sorted(arguments.tracks.glob("s1_*.npz"))[::EVERY]:
        clip = None if path.stem[3:] in SUSPECT_CLIPS else real_lips(np.load(path))
        if clip is None:
            continue
        rows = ridge_inputs(ear, clip[0])
        times = np.arange(len(rows)) / RATE
        frames = np.arange(len(clip[1])) / 25
        inside = times <= frames[-1]
        lips.append(np.stack([np.interp(times, frames, c) for c in clip[1].T], 1)[inside])
        heard.append(rows[inside])
    x, y = np.concatenate(heard), np.concatenate(lips)
    mean, scale, bias = x.mean(0), 1 / (x.std(0) + 1e-3), y.mean(0)
    x = (x - mean) * scale
    square = (x.T @ x).astype(np.float64) + RIDGE * np.eye(x.shape[1])
    weights = np.linalg.solve(square, x.T @ (y - bias))
    halves = {"weights": weights, "mean": mean, "scale": scale, "bias": bias}
    np.savez_compressed(arguments.output, **{k: v.astype(np.float16) for k, v in halves.items()})
    print(f"{len(heard)} clips, {arguments.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
