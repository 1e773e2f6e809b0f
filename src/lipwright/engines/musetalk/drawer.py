"""Faces drawn in batches, and what to do when memory is short."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.errors import EngineError

if TYPE_CHECKING:
    from lipwright.engines.musetalk.networks import Networks

log = logging.getLogger("lipwright")

SHORT_OF_MEMORY = ("out of memory", "not enough memory", "can't allocate memory")
TOO_LITTLE = (
    "There is not enough memory for {}: close other programs, or run on another device (MuseTalk "
    "takes some 3 GB on a GPU, some 5 GB on the CPU)."
)


@dataclass(frozen=True, eq=False)
class Job:
    """One face to draw: seen already, or to be seen first."""

    audio: np.ndarray
    """float32 (50, 384)."""
    seen: np.ndarray | None = None
    """float32 (8, 32, 32), of `Networks.see`."""
    face: np.ndarray | None = None
    """BGR uint8 (256, 256, 3), where it was not seen."""


class Drawer:
    """Draws faces in batches, smaller ones once memory was short."""

    def __init__(self, networks: Networks, batch_size: int) -> None:
        self.networks, self.batch_size = networks, batch_size

    def see(self, face: np.ndarray) -> np.ndarray:
        """Return what a face, BGR uint8 (256, 256, 3), gives to drawing: float32 (8, 32, 32).

        Raises EngineError when memory does not suffice.
        """
        try:
            seen: np.ndarray = self.networks.see(face[None])[0]
        except Exception as error:  # torch has no common base for its errors
            if is_memory_error(error):
                raise EngineError(TOO_LITTLE.format("a single face")) from error
            raise
        return seen

    def draw(self, jobs: Sequence[Job]) -> Iterator[np.ndarray]:
        """Yield faces, BGR uint8 (256, 256, 3), in order.

        Raises EngineError when memory does not even suffice for one.
        """
        first = 0
        while first < len(jobs):
            part = jobs[first : first + self.batch_size]
            try:
                drawn = self._draw(part)
            except Exception as error:  # torch has no common base for its errors
                if not is_memory_error(error):
                    raise
                self._halve(len(part), error)
                continue
            first += len(part)
            yield from drawn

    def _draw(self, jobs: Sequence[Job]) -> np.ndarray:
        faces = [job.face for job in jobs if job.face is not None]
        fresh = iter(self.networks.see(np.stack(faces)) if faces else ())
        seen = [next(fresh) if job.seen is None else job.seen for job in jobs]
        return self.networks.draw(np.stack(seen), np.stack([job.audio for job in jobs]))

    def _halve(self, size: int, error: Exception) -> None:
        release_memory()
        if size == 1:
            raise EngineError(TOO_LITTLE.format("a single frame")) from error
        self.batch_size = size // 2
        log.warning("Memory is short: going on with batches of %d frames.", self.batch_size)


def is_memory_error(error: Exception) -> bool:
    """Return whether torch, or Python, ran out of memory."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in text for words in SHORT_OF_MEMORY)


def release_memory() -> None:
    """Give back what torch keeps of a GPU's memory for later."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
