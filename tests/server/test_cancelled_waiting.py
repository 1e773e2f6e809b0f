"""A server that stops is heard by those who wait for a worker, whatever comes at that moment."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from lipwright.server.processes import WorkerProcess


async def cancelled_after(steps: int) -> tuple[bool, asyncio.Task[dict[str, Any]]]:
    """Cancel who waits so many steps of the loop after a line has come."""
    out = asyncio.StreamReader()
    process: Any = SimpleNamespace(stdout=out)
    waiting = asyncio.create_task(WorkerProcess(process).receive(60.0))
    for _ in range(5):
        await asyncio.sleep(0)
    out.feed_data(b'{"beat": true}\n')
    for _ in range(steps):
        await asyncio.sleep(0)
    taken = waiting.cancel()
    await asyncio.wait([waiting])
    return taken, waiting


@pytest.mark.parametrize("steps", range(6))
def test_a_line_that_comes_at_that_moment_hides_no_cancellation(steps):
    """`asyncio.wait_for` of Python 3.11 would return the line, and the server never ended."""
    taken, waiting = asyncio.run(cancelled_after(steps))
    assert waiting.cancelled() == taken
