"""Sound in blocks of one size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np


def fixed_blocks(pieces: Iterable[np.ndarray], size: int) -> Iterator[np.ndarray]:
    """Join pieces, float32 (n,), of any size and cut them into blocks of exactly `size` samples.

    The last one may be shorter. A block comes as soon as its last sample is there, and shares no
    memory with the pieces.
    """
    pending: list[np.ndarray] = []
    held = 0
    for piece in pieces:
        if not len(piece):
            continue
        pending.append(np.array(piece))
        held += len(piece)
        if held < size:
            continue
        joined = np.concatenate(pending)
        whole = held - held % size
        for start in range(0, whole, size):
            yield joined[start : start + size]
        pending, held = [joined[whole:].copy()], held - whole
    if held:
        yield np.concatenate(pending)
