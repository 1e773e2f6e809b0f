"""Rows given to those who make them, until none waits."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence

from lipwright.campaign.crew import Maker, MakingFailed
from lipwright.campaign.ledger import Ledger

Progress = Callable[[int, int], None]
"""Told how many rows are done, and of how many."""


async def make_all(ledger: Ledger, makers: Sequence[Maker], progress: Progress | None) -> None:
    """Keep all makers busy until nothing waits."""
    counts = ledger.counts()
    done = [counts["done"] + counts["failed"]]
    total = done[0] + counts["waiting"]

    def told(row: int = 1) -> None:
        done[0] += row
        if progress is not None:
            progress(done[0], total)

    told(0)

    async def keep_busy(name: str, maker: Maker) -> None:
        while (task := ledger.claim(name)) is not None:
            try:
                made = await maker.make(task)
            except MakingFailed as error:
                ledger.fail(task, str(error), error.again)
                told(int(ledger.state_of(task.number) == "failed"))
            except BaseException:
                ledger.release(task)
                raise
            else:
                ledger.finish(task, made)
                told()

    try:
        async with asyncio.TaskGroup() as group:
            for place, maker in enumerate(makers):
                group.create_task(keep_busy(f"{os.getpid()}-{place}", maker))
    finally:
        for maker in makers:
            await maker.close()
