"""Processes of ours that work for another one and are told what to do by messages."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import suppress
from queue import SimpleQueue
from typing import BinaryIO

from lipwright.core.errors import LipwrightError
from lipwright.core.messages import Message, pack, read_message, receive_message

_LIMIT = 4 << 20  # bytes that are read ahead
_PATIENCE = 2.0  # s that a process gets to end by itself


class Child:
    """A module of ours that runs in a Python of its own, ends with us, and is killed if need be.

    Not `multiprocessing`: it would run the caller's own program once more.
    """

    def __init__(self, module: str) -> None:
        """module: run as a program, which talks to us by a `Parent`."""
        self._module = module
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process; None before its start."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start the process."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            self._module,
            stdin=PIPE,
            stdout=PIPE,
            limit=_LIMIT,
            start_new_session=True,  # Ctrl-C is the parent's to answer
        )

    async def send(self, kind: str, payload: bytes = b"", **fields: object) -> None:
        """Send a message; one to a process that has ended is lost."""
        pipe = None if self._process is None else self._process.stdin
        if pipe is None or pipe.is_closing():
            return
        with suppress(ConnectionError):
            pipe.write(pack(kind, payload, **fields))
            await pipe.drain()

    async def messages(self) -> AsyncIterator[Message]:
        """Yield what the process says, until it ends; read it to the end, also while closing."""
        assert self._process is not None and self._process.stdout is not None
        while (message := await receive_message(self._process.stdout)) is not None:
            yield message

    def kill(self) -> None:
        """End the process at once, whatever it is doing."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_PATIENCE):
                await process.wait()
        except TimeoutError:
            pass
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await asyncio.shield(process.wait())


class Parent:
    """The other end: what a process of ours has of whoever started it."""

    def __init__(self) -> None:
        """Take over standard input and output; whatever else prints goes to standard error."""
        self._input = os.fdopen(os.dup(0), "rb", buffering=1 << 16)
        self._output: BinaryIO = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)
        self._lock = threading.Lock()
        self.inbox: SimpleQueue[Message | None] = SimpleQueue()
        """What was told; None at the end, after which this process should end."""
        threading.Thread(target=self._listen, name="lipwright-inbox", daemon=True).start()

    def send(self, kind: str, payload: bytes = b"", **fields: object) -> None:
        """Tell something. A parent that has gone ends this process."""
        content = memoryview(pack(kind, payload, **fields))
        with self._lock:
            try:
                while content:
                    content = content[self._output.write(content) :]
            except OSError:
                os._exit(0)

    def fail(self, error: BaseException, number: int = 0) -> None:
        """Tell that something went wrong, as `error_from` reads it. number: of what was asked."""
        known = isinstance(error, LipwrightError)
        reason = str(error) if known else f"{type(error).__name__}: {error}"
        self.send("failed", number=number, reason=reason, type=type(error).__name__, known=known)

    def _listen(self) -> None:
        while (message := read_message(self._input)) is not None:
            self.inbox.put(message)
        self.inbox.put(None)


def error_from(message: Message | None, what: str) -> LipwrightError:
    """Return the error that a process told of; None where it ended without a word.

    what: names the process in a sentence.
    """
    from lipwright.core import errors

    if message is None:
        return LipwrightError(f"The process that {what} ended: begin anew.")

    reason = message.fields["reason"]
    kind = getattr(errors, message.fields["type"], None)
    if message.fields["known"] and isinstance(kind, type) and issubclass(kind, LipwrightError):
        error = LipwrightError(reason)
        if kind is not errors.MissingExtraError:
            error = kind(reason)
        return error
    return LipwrightError(f"The process that {what} failed ({reason}): begin anew.")
