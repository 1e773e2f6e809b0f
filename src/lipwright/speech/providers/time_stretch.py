"""Speech made faster or slower at its own pitch, for voices that have no such setting."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import cast

import numpy as np

from lipwright.speech.speech import Word

SLOWEST_PASS = 0.5
"""The slowest that atempo goes at once."""
NO_CHANGE = 0.005
"""A factor this near to 1 is left alone: nobody hears it, and every pass costs a little quality."""


def change_tempo(samples: np.ndarray, rate: int, factor: float) -> np.ndarray:
    """Return the speech `factor` times as fast, by FFmpeg's atempo (WSOLA), which keeps the pitch.

    samples: mono float32 (n,). factor: at most 100. Returns float32, round(n / factor) long.
    """
    if abs(factor - 1.0) < NO_CHANGE:
        return samples
    import av
    from av.filter import Graph

    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=rate, format="flt", layout="mono", time_base=Fraction(1, rate)
    )
    chain = [source, *(graph.add("atempo", f"{part:.6f}") for part in _passes(factor))]
    chain.append(graph.add("abuffersink"))
    for link, following in pairwise(chain):
        link.link_to(following)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None]), "flt", "mono")
    frame.sample_rate = rate
    source.push(frame)
    source.push(None)
    blocks: list[np.ndarray] = []
    while True:
        try:
            blocks.append(cast(av.AudioFrame, chain[-1].pull()).to_ndarray().ravel())
        except (av.EOFError, av.BlockingIOError):
            break
    stretched = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    wanted = round(samples.size / factor)
    return np.pad(stretched[:wanted], (0, max(0, wanted - stretched.size)))


def _passes(factor: float) -> list[float]:
    """Factors from SLOWEST_PASS on whose product is `factor`."""
    parts = []
    while factor < SLOWEST_PASS:
        parts.append(SLOWEST_PASS)
        factor /= SLOWEST_PASS
    return [*parts, factor]


def change_word_tempo(words: Sequence[Word] | None, factor: float) -> list[Word] | None:
    """Return the times of words whose speech `change_tempo` has changed."""
    if words is None or abs(factor - 1.0) < NO_CHANGE:
        return None if words is None else list(words)
    return [Word(word.start / factor, word.end / factor, word.text) for word in words]
