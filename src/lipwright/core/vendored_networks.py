"""Networks that ship inside the package, open once in a process."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, NamedTuple

from lipwright.core.assets import read_asset
from lipwright.core.once import Once
from lipwright.core.onnx import open_session

if TYPE_CHECKING:
    from lipwright.core.onnx import InferenceSession


class _Key(NamedTuple):
    process: int
    package: str
    name: str
    sha256: str
    threads: int


_open: dict[_Key, Once[InferenceSession]] = {}
"""Those of a process that this one was forked from stay, for closing them would wait for threads
that are not there."""
_lock = threading.Lock()


def vendored_session(package: str, name: str, sha256: str, threads: int = 1) -> InferenceSession:
    """Return the session of `assets/name` of a package: opened at the first call, shared later.

    threads: 0 takes one for each core. Any number of threads may run it at once. Raises
    LipwrightError where the file is missing or its SHA-256 differs.
    """
    key = _Key(os.getpid(), package, name, sha256, threads)
    with _lock:
        session = _open.setdefault(key, Once())
    return session.get(lambda: open_session(read_asset(package, name, sha256), threads))
