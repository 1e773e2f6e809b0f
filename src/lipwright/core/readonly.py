"""Read-only arrays, which threads can share."""

from __future__ import annotations

from typing import Any

import numpy as np


def read_only(array: np.ndarray) -> np.ndarray:
    """Return a read-only view of an array of any shape and dtype, such as uint8 (h, w, 3).

    The array itself stays writable.
    """
    view = array.view()
    view.flags.writeable = False
    return view


def freeze(prepared: Any) -> None:
    """Make all arrays read-only that an object of this package holds, directly or in other objects.

    Hold an array of the caller's as `read_only`, or the caller's own array becomes read-only.
    """
    if isinstance(prepared, np.ndarray):
        prepared.flags.writeable = False
    elif isinstance(prepared, list | tuple):
        for part in prepared:
            freeze(part)
    elif isinstance(prepared, dict):
        for part in prepared.values():
            freeze(part)
    elif type(prepared).__module__.partition(".")[0] == "lipwright" and hasattr(
        prepared, "__dict__"
    ):
        for part in vars(prepared).values():
            freeze(part)
