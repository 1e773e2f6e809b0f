"""Memory that the process has no use for goes back to the system."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any


def give_back_memory() -> None:
    """Give the system what the C library keeps of memory that was freed.

    Blocks of ever new sizes leave holes that none of the next fits into. Does nothing where the C
    library is not glibc; takes some milliseconds.
    """
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library; Windows
        return None
