"""Keeps memory between frames instead of asking the system for it anew."""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGEST_BLOCK = 32 << 20  # the most glibc allows: a 1080p map is 8 MB
_KEPT = 512 << 20


def keep_freed_memory() -> None:
    """Makes glibc's allocator keep large blocks that were freed; does nothing elsewhere.

    By default a frame's large arrays go back to the system and are mapped, and zeroed by it, page
    by page for the next frame: 4 ms of a 1080p frame's 25. It changes the whole process, so it is
    for the command line only.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # musl has none
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_BLOCK)
        mallopt(_M_TRIM_THRESHOLD, _KEPT)
