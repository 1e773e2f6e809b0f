"""What the fake WebSocket services share: Microsoft's framing, and failures when told to."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import xml.etree.ElementTree as ElementTree
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from aiohttp import WSMsgType, web

TICKS = 10_000_000


@dataclass(frozen=True)
class Fault:
    """How one connection goes wrong: refused with a status, or "drop", "empty", "hang"."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    words: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Turn:
    """What the client asked for in one turn."""

    query: dict[str, str]
    headers: dict[str, str]
    config: dict[str, Any]
    ssml: str

    @property
    def root(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.ssml)

    @property
    def voice(self) -> str:
        return next(e for e in self.root.iter() if e.tag.endswith("voice")).attrib["name"]

    @property
    def words(self) -> list[str]:
        """The words as the service reports them: without the punctuation, an amount as one."""
        text = "".join(self.root.itertext())
        return re.findall(r"INR [\d,]+|\w+(?:[.,'’-]\w+)*", text)


class WebSocketServer:
    """A speech service on this machine; a subclass says how it checks and answers a turn.

    Each connection has a thread of its own server; a check that fails there is raised again when
    the server is left.
    """

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.connections = 0
        self.problems: list[BaseException] = []
        self._faults: deque[Fault] = deque()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    def fail(self, *faults: Fault) -> None:
        """Give these answers first, one a connection."""
        self._faults.extend(faults)

    def check_connection(self, request: web.Request) -> None:
        """Raise AssertionError for a client that the service would not take."""
        raise NotImplementedError

    def refuse(self, request: web.Request) -> web.Response | None:
        """The service's refusal of a connection, such as for a wrong key; None lets it in."""
        return None

    def refuse_turn(self, turn: Turn) -> str:
        """Why the service closes the connection instead of speaking; "" if it speaks."""
        return ""

    def events(self, turn: Turn) -> list[dict[str, Any]]:
        """The entries of audio.metadata of a turn."""
        raise NotImplementedError

    def sound(self, turn: Turn) -> bytes:
        """The bytes of its sound."""
        raise NotImplementedError

    content_type = "audio/mpeg"

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self.problems and error is None:
            raise self.problems[0]

    async def _start(self) -> None:
        application = web.Application()
        application.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.connections += 1
        try:
            self.check_connection(request)
        except Exception as problem:
            self.problems.append(problem)
            return web.Response(status=400, text=str(problem))
        fault = self._faults.popleft() if self._faults else Fault()
        if fault.status:
            return web.Response(status=fault.status, headers=fault.headers, text=fault.words)
        if refusal := self.refuse(request):
            return refusal
        socket = web.WebSocketResponse(protocols=("USP",))
        await socket.prepare(request)
        await self._listen(request, socket, fault)
        return socket

    async def _listen(
        self, request: web.Request, socket: web.WebSocketResponse, fault: Fault
    ) -> None:
        config: dict[str, Any] = {}
        async for message in socket:
            if message.type != WSMsgType.TEXT:
                continue
            headers, body = _read_frame(message.data)
            if headers["path"] in ("speech.config", "synthesis.context"):
                config |= json.loads(body)
            elif headers["path"] == "ssml":
                try:
                    turn = self._take(request, config, headers, body)
                    await self._answer(request, socket, headers["x-requestid"], turn, fault)
                except Exception as problem:
                    self.problems.append(problem)
                    await socket.close(code=1007, message=str(problem)[:100].encode())

    def _take(
        self, request: web.Request, config: dict[str, Any], headers: dict[str, str], ssml: str
    ) -> Turn:
        assert headers["content-type"] == "application/ssml+xml"
        turn = Turn(dict(request.query), dict(request.headers), config, ssml)
        assert turn.root.tag.endswith("speak")
        self.turns.append(turn)
        return turn

    async def _answer(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        number: str,
        turn: Turn,
        fault: Fault,
    ) -> None:
        async def tell(path: str, body: Any) -> None:
            await socket.send_str(
                f"X-RequestId:{number}\r\nContent-Type:application/json; charset=utf-8\r\n"
                f"Path:{path}\r\n\r\n{json.dumps(body)}"
            )

        await tell("turn.start", {"context": {"serviceTag": "fake"}})
        stream = {"type": "inline", "streamId": "1"}
        await tell("response", {"context": {"serviceTag": "fake"}, "audio": stream})
        if words := self.refuse_turn(turn):
            await socket.close(code=1007, message=words.encode())
            return
        if fault.kind == "hang":
            while request.transport and not request.transport.is_closing():
                await asyncio.sleep(0.02)
            return
        await self._send_speech(request, socket, number, turn, fault, tell)

    async def _send_speech(
        self, request: Any, socket: Any, number: str, turn: Turn, fault: Fault, tell: Any
    ) -> None:
        head = f"X-RequestId:{number}\r\nX-StreamId:1\r\nPath:audio\r\n"
        if fault.kind != "empty":
            for event in self.events(turn):
                await tell("audio.metadata", {"Metadata": [event]})
            sound = self.sound(turn)
            pieces = [sound[start : start + 4096] for start in range(0, len(sound), 4096)]
            if fault.kind == "drop":
                pieces = pieces[: len(pieces) // 2]
            for piece in pieces:
                full = head.replace("Path", f"Content-Type:{self.content_type}\r\nPath")
                await socket.send_bytes(_frame(full, piece))
            if fault.kind == "drop":
                request.transport.abort()
                return
        await socket.send_bytes(_frame(head, b""))
        await tell("turn.end", {})


def word_times(words: list[str], first: float = 0.1, length: float = 0.3) -> list[float]:
    """When the fake voices start to speak each word, in s."""
    return (first + length * np.arange(len(words))).tolist()


def _read_frame(text: str) -> tuple[dict[str, str], str]:
    head, _, body = text.partition("\r\n\r\n")
    lines = (line.partition(":") for line in head.split("\r\n"))
    return {name.lower(): value.strip() for name, _, value in lines}, body


def _frame(head: str, data: bytes) -> bytes:
    return len(head.encode()).to_bytes(2, "big") + head.encode() + data
