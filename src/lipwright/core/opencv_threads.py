"""OpenCV in one thread, while frames are drawn side by side.

Its pool of threads serves calls that are too short for it: on two cores it cost a fifth of the
processor time and made nothing faster.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

import cv2


class _Runs:
    """How many runs there are, and how many threads OpenCV had before the first."""

    def __init__(self) -> None:
        # no simple lock: while it is held, collected garbage may end another run in this thread
        self.lock, self.count, self.threads = RLock(), 0, 0
        # what OpenCV calls one thread: on macOS always the size of the system's pool
        self.one = 1


_runs = _Runs()


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """Keep OpenCV to the calling thread, in the whole process, until the last of such runs ends.

    Runs may be nested and may overlap in any threads. A number of threads that somebody else sets
    meanwhile stays.
    """
    with _runs.lock:
        if _runs.count == 0:
            _runs.threads = cv2.getNumThreads()
            cv2.setNumThreads(1)
            _runs.one = cv2.getNumThreads()
        _runs.count += 1
    try:
        yield
    finally:
        with _runs.lock:
            _runs.count -= 1
            if _runs.count == 0 and cv2.getNumThreads() == _runs.one:
                cv2.setNumThreads(_runs.threads)
