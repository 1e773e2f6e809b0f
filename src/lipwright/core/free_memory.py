"""Memory that the process has no use for goes back to the system."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

LARGE = 512 << 10
"""Bytes of a block that is worth a call of the system: larger than what most programs hold long,
smaller than a picture of 720p, a second of a talk's features, or a network's results in between."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h


def keep_memory_flat() -> None:
    """Let every large block of memory go back to the system as soon as it is freed.

    For processes of ours that do the same kind of work for hours. The C library takes large blocks
    from the system one by one at first, but raises the size from which it does with every such
    block that is freed, up to 32 MB; smaller ones share its heap, where they leave holes between
    what is kept, so that the heap grows for as long as sizes differ. Once the size is said, it
    stays. Does nothing where the C library is not glibc.
    """
    choose = _c_function("mallopt")
    if choose is not None:
        choose(_M_MMAP_THRESHOLD, LARGE)
        choose(_M_TRIM_THRESHOLD, 32 * LARGE)  # else the heap's end would come and go all the time


def give_back_memory() -> None:
    """Give the system what the C library keeps of memory that was freed.

    Blocks of ever new sizes leave holes that none of the next fits into. Does nothing where the C
    library is not glibc; takes some milliseconds.
    """
    trim = _c_function("malloc_trim")
    if trim is not None:
        trim(0)


@cache
def _c_function(name: str) -> Any:
    """A function of the C library; None where that is another one, or Windows'."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return None
