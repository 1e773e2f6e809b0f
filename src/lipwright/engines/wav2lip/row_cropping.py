"""Which rows of the decoder's stages are needed to draw only the lower part of a face.

A stage that doubles its picture makes row y from row y // 2 and below; the convolutions of 3 x 3
after it look one row up each. So whoever needs the rows from some one on can leave out those above
at every stage, and what is drawn from there on is the same to the last bit of rounding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

STAGES = 3
"""The last stages, from 24 px on, are those worth cutting."""
RESIDUALS = 2  # convolutions of 3 x 3 after a doubling
OUTPUT = 1  # and in the output block


def cut_rows(added: Sequence[np.ndarray], first: int) -> list[np.ndarray]:
    """Return what a face adds, as far as rows from `first` (of 96) on depend on it.

    added: float32 (n, channels, height, width) of each stage, and so is what is returned.
    """
    cut = list(added)
    needed = first - OUTPUT  # of the finest stage, after its convolutions
    for stage in range(STAGES):
        start = max(0, (needed - RESIDUALS) // 2)  # of the stage below
        place = len(cut) - 2 - stage
        cut[place] = np.ascontiguousarray(cut[place][:, :, 2 * start :])
        if stage == 0:  # the output block has the rows of the finest stage
            cut[-1] = np.ascontiguousarray(cut[-1][:, :, 2 * start :])
        needed = start
    return cut
