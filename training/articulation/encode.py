"""Let the program's own ear hear the windows: features for the heads.

    python encode.py --windows work/windows --output work/heard

Each split becomes one folder of arrays that are mapped into memory: features float16 (N, ROWS,
576), targets, weights, phones; see windows.py.
"""

from __future__ import annotations

import argparse
import pickle
import time
from pathlib import Path

import numpy as np
from corpus import COLUMNS
from windows import ROWS, Window

from lipwright.articulation.ear import WIDTH, Ear, measure_level

SHAPES = {
    "features": (np.float16, (ROWS, WIDTH)),
    "targets": (np.float32, (ROWS, COLUMNS)),
    "weights": (np.float32, (ROWS,)),
    "phones": (np.int16, (ROWS,)),
}


def level_for(window: Window, rng: np.random.Generator) -> float:
    """The level that the ear would assume; where nobody speaks often that of earlier speech."""
    level = measure_level(window.heard)
    if window.source == "nobody" and rng.random() < 0.5:
        level *= float(np.exp(rng.uniform(0.0, 3.5)))
    return level


def encode_split(paths: list[Path], folder: Path, ear: Ear) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {
        name: np.lib.format.open_memmap(folder / f"{name}.npy", "w+", kind, (len(paths), *shape))
        for name, (kind, shape) in SHAPES.items()
    }
    sources, begun = [], time.time()
    for number, path in enumerate(paths):
        # The files are this folder's own, made by windows.py.
        window: Window = pickle.loads(path.read_bytes())
        rng = np.random.default_rng(number)
        arrays["features"][number] = ear.hear(window.heard, level_for(window, rng)).features
        for name in ("targets", "weights", "phones"):
            arrays[name][number] = getattr(window, name)
        sources.append(window.source)
        if number % 200 == 0:
            print(
                f"{folder.name} {number} of {len(paths)}, {time.time() - begun:.0f} s", flush=True
            )
    np.save(folder / "sources.npy", np.array(sources))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    ear = Ear()
    for split in ("check", "train"):
        paths = sorted(arguments.windows.glob(f"{split}_*.pkl"))
        encode_split(paths, arguments.output / split, ear)


if __name__ == "__main__":
    main()
