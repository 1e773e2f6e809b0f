"""Worker processes as the server sees them: started, spoken to in lines of JSON, ended."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from lipwright.server.problems import Problem, busy, problem_of_answer

LONGEST_LINE = 16 << 20
"""Bytes of one message."""
START_SECONDS = 60.0
END_SECONDS = 2.0
SECRETS = ("LIPWRIGHT_TOKEN",)
"""Variables that workers have no use for."""


class WorkerDied(Exception):
    """The process ended, or no longer answers."""


class WorkerProcess:
    """One worker. It ends when its standard input does, so it never outlives the server."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.used = time.monotonic()
        """When it was last spoken to."""

    @classmethod
    async def start(cls, arguments: Sequence[str] = ()) -> WorkerProcess:
        """Start one. Raises WorkerDied where it does not come up."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "lipwright.server.worker", *arguments,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LONGEST_LINE,
            env={name: value for name, value in os.environ.items() if name not in SECRETS},
        )  # fmt: skip
        worker = cls(process)
        try:
            await worker.receive(START_SECONDS)
        except BaseException:
            await worker.kill()
            raise
        return worker

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs, as far as is known."""
        return self._process.returncode is None

    async def send(self, message: dict[str, Any]) -> None:
        """Tell it something. Raises WorkerDied."""
        self.used = time.monotonic()
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            await self._process.stdin.drain()
        except (OSError, RuntimeError):
            raise WorkerDied from None

    async def receive(self, seconds: float) -> dict[str, Any]:
        """Return the next thing it says. Raises WorkerDied where nothing comes for so long."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(seconds):  # wait_for of Python 3.11 may miss a cancellation
                line = await self._process.stdout.readline()
        except (TimeoutError, ValueError, OSError):
            raise WorkerDied from None
        self.used = time.monotonic()
        if not line.endswith(b"\n"):
            raise WorkerDied
        message: dict[str, Any] = json.loads(line)
        return message

    async def close(self) -> None:
        """Let it end, and end it where it does not."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await self._process.wait()
        await self.kill()

    async def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


class Tools:
    """A worker that is kept for short tasks, one at a time; it starts when it is first needed."""

    def __init__(self, idle_seconds: float, most_waiting: int = 16) -> None:
        """idle_seconds: after so long without a task it ends. most_waiting: tasks in line."""
        self._idle, self._most = idle_seconds, most_waiting
        self._worker: WorkerProcess | None = None
        self._lock = asyncio.Lock()
        self._waiting = 0
        self._closed = False

    async def call(self, task: str, seconds: float = 60.0, **arguments: Any) -> dict[str, Any]:
        """Have a task done, and return what came of it.

        seconds: how long it may take. Raises Problem: what the library said, too many tasks at
        once, or a task that ended its worker twice.
        """
        if self._waiting >= self._most:
            raise busy("The server has enough to do: try again in a moment.", 2)
        self._waiting += 1
        try:
            async with self._lock:
                return await self._twice({"do": task, **arguments}, seconds)
        finally:
            self._waiting -= 1

    async def _twice(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        for _ in range(2):
            if self._closed:
                break
            try:
                return await self._once(message, seconds)
            except WorkerDied:
                await self._drop()
            except asyncio.CancelledError:  # its answer would be taken for the next one's
                await self._drop()
                raise
        raise Problem(
            503, "This could not be worked out: the file may be damaged, or memory is short."
        )

    async def _once(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        if self._worker is None or not self._worker.alive:
            self._worker = await WorkerProcess.start()
        await self._worker.send(message)
        answer = await self._worker.receive(seconds)
        if "error" in answer:
            raise problem_of_answer(answer)
        return answer

    async def _drop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.kill()

    async def sweep(self) -> None:
        """End the worker if it has had nothing to do for long."""
        if self._lock.locked() or self._worker is None:
            return
        if time.monotonic() - self._worker.used > self._idle:
            worker, self._worker = self._worker, None
            await worker.close()

    async def close(self) -> None:
        """End the worker."""
        self._closed = True
        await self._drop()
