"""OpenCV in one thread, while frames are drawn side by side.

Its pool of threads serves calls that are too short for it: on two cores it cost a fifth of the
processor time and made nothing faster.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import cv2


class _Runs:
    """How many runs there are, and how many threads OpenCV had before the first."""

    def __init__(self) -> None:
        self.lock, self.count, self.threads = Lock(), 0, 0


_runs = _Runs()


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """Keep OpenCV to the calling thread, in the whole process, until the last of such runs ends."""
    with _runs.lock:
        if _runs.count == 0:
            _runs.threads = cv2.getNumThreads()
            cv2.setNumThreads(1)
        _runs.count += 1
    try:
        yield
    finally:
        with _runs.lock:
            _runs.count -= 1
            if _runs.count == 0:
                cv2.setNumThreads(_runs.threads)
