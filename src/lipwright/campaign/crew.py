"""Who makes the videos: processes on this machine, each with its portraits and voices ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from lipwright.campaign.ledger import Made, Task
from lipwright.campaign.plan import CampaignPlan
from lipwright.core.child_process import Child
from lipwright.core.cores import usable_cores
from lipwright.core.messages import Message

WORKER = "lipwright.campaign.worker"
MEMORY = 900 << 20
"""Bytes that one of them may need: a voice, a portrait of 1080p and its network."""


class MakingFailed(Exception):
    """A row that was not made. again: whether another try may help."""

    def __init__(self, reason: str, again: bool) -> None:
        super().__init__(reason)
        self.again = again


class Maker(Protocol):
    """Makes one row at a time."""

    async def make(self, task: Task) -> Made:
        """Make a row; raises MakingFailed."""
        ...

    async def close(self) -> None:
        """End; may be called twice."""
        ...


class ProcessMaker:
    """A process of this machine; one that dies is started anew with the next row."""

    def __init__(self, plan: CampaignPlan, output: str, state: Path, cores: int = 1) -> None:
        """Describe the process, which starts with the first row.

        Args:
            plan: of the campaign.
            output: a folder or an address.
            state: the campaign's own folder.
            cores: that the process may use.
        """
        self._opening: dict[str, Any] = {
            "plan": plan.fields(),
            "output": output,
            "state": str(state),
            "cores": cores,
        }
        self._child: Child | None = None
        self._messages: AsyncIterator[Message] | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process; None where there is none."""
        return None if self._child is None else self._child.pid

    async def make(self, task: Task) -> Made:
        """Make a row; raises MakingFailed."""
        child, messages = await self._running()
        await child.send("make", **asdict(task))
        message = await anext(messages, None)
        if message is None:
            await self.close()
            raise MakingFailed("the process that made it ended", True)
        if "failed" in message.fields:
            raise MakingFailed(message.fields["failed"], message.fields["again"])
        return Made(**message.fields)

    async def close(self) -> None:
        """End the process, whatever it is doing."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            with suppress(asyncio.CancelledError):
                await child.close()

    async def _running(self) -> tuple[Child, AsyncIterator[Message]]:
        if self._child is None or self._messages is None:
            child = Child(WORKER)
            await child.start()
            await child.send("open", **self._opening)
            self._child, self._messages = child, child.messages()
        return self._child, self._messages


def process_count(wanted: int | None = None) -> int:
    """Return how many processes make videos: as many as the cores and the memory bear.

    wanted: as many as somebody asked for; None for the machine's choice.
    """
    if wanted is not None:
        return wanted
    return max(1, min(usable_cores(), _free_memory() // MEMORY))


def _free_memory() -> int:
    """Bytes that may be used; very many where that is not known."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 1 << 60
