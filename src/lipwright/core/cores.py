"""How many processor cores this process may use."""

from __future__ import annotations

import os

MOST_WORKERS = 64
"""No frame is worth more threads: Python itself runs in one at a time."""
USUAL_WORKERS = 4
"""Frames drawn at once where nobody says how many: a quarter of the time that a frame takes is
Python's own."""
LARGE_DRAWING = 800_000
"""Px of a frame from which two are drawn at once even on two cores."""

MOST_CODING_THREADS = 16
"""Encoders take no more for one film (x265 none at all), and each holds frames."""
MOST_VOICE_THREADS = 2
"""More make a voice hardly faster."""

_most: int | None = None  # cores that this process leaves itself; None for all


def worker_count(wanted: int | None = None, pixels: int = 0) -> int:
    """Return how many frames are drawn at once, at least 1.

    wanted: None takes all cores but one for the encoder, up to USUAL_WORKERS. pixels: how many a
    frame draws. Large ones are drawn two at once even on two cores, for the encoder leaves a part
    of one idle; with small ones two threads wait for each other's Python.
    """
    cores = usable_cores()
    fewest = 2 if pixels >= LARGE_DRAWING else 1
    return wanted or min(max(cores - 1, fewest), cores, USUAL_WORKERS)


def live_encoder_threads() -> int:
    """Return how many threads encode large pictures while others are drawn: all cores but one."""
    return min(max(usable_cores() - 1, 1), USUAL_WORKERS)


def encoder_threads() -> int:
    """Return how many threads encode a film: one for each core."""
    return min(usable_cores(), MOST_CODING_THREADS)


def voice_threads() -> int:
    """Return how many threads speak one text."""
    return min(usable_cores(), MOST_VOICE_THREADS)


def decoder_threads() -> int:
    """Return how many threads decode a film: one for each two cores, as others work meanwhile."""
    return min(max(usable_cores() // 2, 1), MOST_CODING_THREADS)


def sampler_threads() -> int:
    """Return how many threads decode some frames of a film before any is drawn.

    With each more the first frame after a leap comes a frame later, so there are few.
    """
    return min(usable_cores(), USUAL_WORKERS)


def usable_cores() -> int:
    """Return how many cores the process may use, at least 1: those of the machine if unknown."""
    if _most is not None:
        return min(_most, _machine_cores())
    return _machine_cores()


def use_at_most(cores: int) -> None:
    """Leave the other cores to processes that do the same work beside this one, from now on.

    Threads that help each other cost more processor time than one alone; they gain nothing where
    all cores are at work anyway.
    """
    global _most
    _most = max(1, cores)


def _machine_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
