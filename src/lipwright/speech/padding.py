"""A speech with silence after it, for who waits while others speak on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lipwright.speech.speech import Speech


def lengthen(speech: Speech, duration: float) -> Speech:
    """Return the speech lasting `duration` seconds, silent after its end; streamed as it is."""
    if duration <= speech.duration:
        return speech
    return _Lengthened(
        rate=speech.rate,
        duration=duration,
        phones=speech.phones,
        words=speech.words,
        transcript=speech.transcript,
        inner=speech,
    )


@dataclass(frozen=True, eq=False)
class _Lengthened(Speech):
    inner: Speech | None = None

    @property
    def samples(self) -> np.ndarray:
        return np.concatenate(list(self.blocks(self.rate)))

    def blocks(self, rate: int, seconds: float = 10.0) -> Iterator[np.ndarray]:
        assert self.inner is not None
        missing = round(self.duration * rate)
        for block in self.inner.blocks(rate, seconds):
            missing -= len(block)
            yield block
        most = max(1, int(seconds * rate))
        while missing > 0:
            yield np.zeros(min(missing, most), np.float32)
            missing -= most
