"""Numbers that are kept in this folder, and the inputs they were made of."""

from __future__ import annotations

import base64
import json
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

NUMBERS = Path(__file__).with_name("numbers.json")


@cache
def numbers() -> dict[str, Any]:
    """The numbers kept in this folder; see its "about"."""
    return json.loads(NUMBERS.read_text(encoding="utf-8"))


def array(name: str) -> np.ndarray:
    """One of the kept arrays."""
    entry = numbers()[name]
    raw = zlib.decompress(base64.b64decode(entry["zlib"]))
    return np.frombuffer(raw, np.dtype(entry["dtype"])).reshape(entry["shape"])


def generator_inputs() -> tuple[np.ndarray, np.ndarray]:
    """mel (2, 1, 80, 16) and face (2, 6, 96, 96), for the kept numbers."""
    random = np.random.default_rng(4)
    mel = random.uniform(-4, 4, (2, 1, 80, 16)).astype(np.float32)
    return mel, random.uniform(0, 1, (2, 6, 96, 96)).astype(np.float32)


def expert_inputs() -> tuple[np.ndarray, np.ndarray]:
    """mel (2, 1, 80, 16) and face (2, 15, 48, 96), for the kept numbers."""
    random = np.random.default_rng(5)
    mel = random.uniform(-4, 4, (2, 1, 80, 16)).astype(np.float32)
    return mel, random.uniform(0, 1, (2, 15, 48, 96)).astype(np.float32)


def syncnet_inputs() -> tuple[np.ndarray, np.ndarray]:
    """mfcc (1, 1, 13, 20) and lip (1, 3, 5, 224, 224), for the kept numbers."""
    random = np.random.default_rng(6)
    mfcc = random.uniform(-20, 20, (1, 1, 13, 20)).astype(np.float32)
    return mfcc, random.integers(0, 256, (1, 3, 5, 224, 224)).astype(np.float32)
