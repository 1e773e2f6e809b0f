"""Keep the scheduling policy of threads that a library would raise to real time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Policies = dict[int, tuple[int, "os.sched_param"]]
    """Policy and priority of each thread, by its number."""

TASKS = Path("/proc/self/task")


@contextmanager
def unchanged_scheduling() -> Iterator[None]:
    """Undo what the block does to the scheduling policy of this process's threads.

    Run as root, SVT-AV1 puts the thread that opens it, and its own threads, under `SCHED_FIFO`
    with priority 99 and leaves them there: everything else on the machine waits for them.
    Threads that the block starts get the policy of the calling thread. Linux only; elsewhere no
    encoder does this, and nothing happens.
    """
    before = _policies()
    own = _policy(0) if sys.platform == "linux" else None
    try:
        yield
    finally:
        if own is not None:
            _restore(before, own)


def _policies() -> Policies:
    """Those of all threads; where some come and go meanwhile the list may lack any of them."""
    policies: Policies = {}
    if sys.platform == "linux" and TASKS.is_dir():
        for thread in map(int, os.listdir(TASKS)):
            with suppress(ProcessLookupError, PermissionError):
                policies[thread] = _policy(thread)
    return policies


def _policy(thread: int) -> tuple[int, os.sched_param]:
    """Policy and priority of a thread; 0: of the calling one."""
    return os.sched_getscheduler(thread), os.sched_getparam(thread)


def _restore(before: Policies, own: tuple[int, os.sched_param]) -> None:
    if sys.platform == "linux":
        for thread, policy in {0: _policy(0), **_policies()}.items():
            wanted = before.get(thread, own)
            if policy != wanted:
                with suppress(ProcessLookupError, PermissionError):
                    os.sched_setscheduler(thread, *wanted)
