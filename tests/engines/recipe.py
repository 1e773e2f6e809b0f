"""Checkpoints made by rule, so that official numbers can be met without official weights.

Each tensor is drawn from a generator seeded with its own name; the numbers of the official
implementations with these weights are in a folder of fixtures that LIPWRIGHT_PARITY names.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
PARITY = Path(os.environ.get("LIPWRIGHT_PARITY", ROOT.parent / "shared" / "parity"))
Shapes = Mapping[str, tuple[int, ...]]


def parity(name: str) -> Any:
    """The official numbers of this name, as npz; skips the test where they are not."""
    path = PARITY / f"{name}.npz"
    if not path.is_file():
        pytest.skip(f"the official numbers are not at {path}: set LIPWRIGHT_PARITY")
    return np.load(path)


def official_keys(name: str) -> dict[str, tuple[int, ...]]:
    """The keys of an official network's full size, in order, and their shapes."""
    path = PARITY / f"{name}.keys.json"
    if not path.is_file():
        pytest.skip(f"the official keys are not at {path}: set LIPWRIGHT_PARITY")
    rows = json.loads(path.read_text(encoding="utf-8"))
    return {row[0]: tuple(row[1]) for row in rows}


def key_digest(shapes: Shapes) -> str:
    """A sum over all keys, in order, and their shapes."""
    lines = "\n".join(f"{key} {list(shape)}" for key, shape in shapes.items())
    return hashlib.sha256(lines.encode()).hexdigest()


def make_weights(shapes: Shapes) -> dict[str, np.ndarray]:
    """The weights by rule of a network with these keys."""
    return {key: _draw(key, tuple(shape)) for key, shape in shapes.items()}


def _draw(key: str, shape: tuple[int, ...]) -> np.ndarray:
    if key.endswith("num_batches_tracked"):
        return np.zeros(shape, np.int64)
    random = np.random.default_rng(zlib.crc32(key.encode()))
    if key.endswith("running_var"):
        values = random.uniform(0.5, 1.5, shape)
    elif key.endswith("running_mean"):
        values = 0.1 * random.standard_normal(shape)
    elif len(shape) >= 2:
        values = random.standard_normal(shape) * np.sqrt(1 / math.prod(shape[1:]))
    elif key.endswith("weight"):
        values = random.uniform(0.5, 1.5, shape)
    else:
        values = 0.1 * random.standard_normal(shape)
    return values.astype(np.float32)


def shapes_of(network: Any) -> dict[str, tuple[int, ...]]:
    """The keys and shapes of a torch network."""
    return {key: tuple(value.shape) for key, value in network.state_dict().items()}


def fill(network: Any) -> Any:
    """A torch network with the weights by rule, ready to use."""
    import torch

    weights = make_weights(shapes_of(network))
    network.load_state_dict({key: torch.from_numpy(value) for key, value in weights.items()})
    return network.eval().requires_grad_(False)
