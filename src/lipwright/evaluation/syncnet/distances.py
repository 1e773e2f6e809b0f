"""LSE-D, LSE-C and the offset of embeddings of sound and lips.

As joonson/syncnet_python computes them and Prajwal et al. (2020) name them: the mean distance of
lips and sound for each shift of up to 15 frames; LSE-D is the least, LSE-C how far it lies below
the median, and the offset is the shift of the least distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SHIFTS = 15  # frames, either way
EPSILON = 1e-6  # added to every difference, as torch's pairwise distance does


@dataclass(frozen=True)
class LipSync:
    """How well lips and sound match."""

    distance: float
    """LSE-D: smaller is better."""
    confidence: float
    """LSE-C: larger is better."""
    offset: int
    """Frames of 1/25 s by which the picture comes after its sound; negative: before it."""
    frames: int
    """How many moments were compared."""


def compare(seen: np.ndarray, heard: np.ndarray) -> LipSync:
    """Compare the embeddings of lips and sound, float32 (T, n) each, of the same moments.

    Beyond both ends the sound's embeddings count as zeros.
    """
    means = mean_distances(seen, heard)
    best = int(means.argmin())
    return LipSync(
        distance=float(means[best]),
        confidence=float(np.median(means) - means[best]),
        offset=SHIFTS - best,
        frames=len(seen),
    )


def mean_distances(seen: np.ndarray, heard: np.ndarray) -> np.ndarray:
    """Return float64 (31,): of all lips to the sound 15 frames earlier, 14 earlier, and so on.

    seen, heard: float32 (T, n).
    """
    padded = np.pad(heard, ((SHIFTS, SHIFTS), (0, 0)))
    count = len(seen)
    return np.array(
        [
            np.linalg.norm(seen - padded[shift : shift + count] + EPSILON, axis=1).mean()
            for shift in range(2 * SHIFTS + 1)
        ],
        np.float64,
    )
