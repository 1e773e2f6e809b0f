"""A lock between processes: held on an open file, so it ends with the process that holds it."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

logger = logging.getLogger("lipwright")
LOOK_AGAIN = 0.1
"""Seconds between two tries."""


@contextmanager
def hold(path: Path, what: str) -> Iterator[None]:
    """Holds the lock at `path` while the block runs; waits, and says so, while another does.

    Raises OSError where the file cannot be made. The file stays behind: removing it would let two
    processes hold two files of the same name.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        waiting = False
        while not _try(handle):
            if not waiting:
                logger.info("Another lipwright works on %s: waiting for it.", what)
                waiting = True
            time.sleep(LOOK_AGAIN)
        yield
    finally:
        os.close(handle)  # which releases it


if os.name == "nt":
    import msvcrt

    def _try(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
