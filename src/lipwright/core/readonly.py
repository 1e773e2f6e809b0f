"""Arrays that nobody can write to, so that threads can share them."""

from __future__ import annotations

from typing import Any

import numpy as np


def read_only(array: np.ndarray) -> np.ndarray:
    """The same memory as an array that cannot be written to; the given one still can."""
    view = array.view()
    view.flags.writeable = False
    return view


def freeze(prepared: Any) -> None:
    """Makes all arrays read-only that an object of this package holds, directly or in others.

    An array of the caller's has to be held as `read_only`, or the caller's own is made read-only.
    """
    if isinstance(prepared, np.ndarray):
        prepared.flags.writeable = False
    elif isinstance(prepared, list | tuple):
        for part in prepared:
            freeze(part)
    elif type(prepared).__module__.partition(".")[0] == "lipwright" and hasattr(
        prepared, "__dict__"
    ):
        for part in vars(prepared).values():
            freeze(part)
