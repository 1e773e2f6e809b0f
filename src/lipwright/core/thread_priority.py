"""Threads that leave the processor to others."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

NICENESS = 10
"""A thread of this niceness gets a tenth of the time of one that is as usual, when both want it."""


def yield_to_others() -> None:
    """Let the calling thread, and those that it starts, work mostly while others wait.

    Only on Linux, where threads have a niceness of their own. It cannot be taken back.
    """
    if sys.platform == "linux":
        with suppress(OSError):  # some sandboxes forbid it
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
