"""Random numbers that are functions of a seed, a name and a number, in any order."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from math import floor

import numpy as np

from lipwright.engines.warp.motion.shapes import ease

COUNT = 16


def uniforms(seed: int, name: str, number: int) -> tuple[float, ...]:
    """Return `COUNT` independent numbers in [0, 1)."""
    digest = hashlib.blake2b(f"{seed} {name} {number}".encode(), digest_size=4 * COUNT).digest()
    return tuple(value / 2**32 for value in np.frombuffer(digest, "<u4").tolist())


def generator(seed: int, name: str, number: int) -> np.random.Generator:
    """Return a generator of its own, for where many numbers are needed."""
    return np.random.default_rng([abs(seed), int(seed < 0), number, *name.encode()])


def milliseconds(time: float) -> int:
    """Return the number under which an event at `time` seconds draws its random numbers."""
    return round(1000 * time)


def value_noise(seed: int, name: str, position: float) -> float:
    """Return smooth noise in [-1, 1] with independent values at whole positions."""
    index = floor(position)
    low, high = _lattice_value(seed, name, index), _lattice_value(seed, name, index + 1)
    return low + (high - low) * ease(position - index)


@lru_cache(maxsize=256)
def _lattice_value(seed: int, name: str, index: int) -> float:
    return 2 * uniforms(seed, name, index)[0] - 1
