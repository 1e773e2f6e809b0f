"""A server with live sessions that draw no face."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import uvicorn
import websockets
from tests.live_session import FakeSession

from lipwright.core.errors import FaceError
from lipwright.server.app import create_app
from lipwright.server.folder import new_id
from lipwright.server.live.limits import LiveLimits
from lipwright.server.live.part import LivePart
from lipwright.server.live.sessions import LiveSettings
from lipwright.server.settings import Settings

LIMITS = LiveLimits(silence_seconds=1.5, stall_seconds=1.0, errors=5)


class LiveServer:
    """Runs in a thread, on a port of its own."""

    def __init__(
        self, folder, limits: LiveLimits = LIMITS, *, idle_seconds: float = 300.0, **settings: Any
    ) -> None:
        self.made: list[FakeSession] = []
        self.part = LivePart(LiveSettings(limits, idle_seconds=idle_seconds), self._open)
        chosen = {"cpu_budget": 4.0, "requests_per_second": 1000.0, "burst": 1000, **settings}
        self.app = create_app(Settings(data=folder, **chosen), [self.part])
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            self.app, log_level="error", ws_max_size=1 << 20, ws_per_message_deflate=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))

    def _open(self, source, order, sink, voices) -> FakeSession:
        assert source.read_bytes() == b"picture"
        session: Any = FakeSession(sink, padding=200_000 if order.voice == "heavy" else 0)
        session.order = order
        if order.voice == "faceless":
            session.open = self._refuse
        self.made.append(session)
        return session

    async def _refuse(self) -> None:
        raise FaceError("No face was found in the picture: give one with a face.")

    def __enter__(self) -> LiveServer:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
            time.sleep(0.01)
        self.image = self.add("image")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(15)
        assert not self._thread.is_alive()

    def add(self, kind: str) -> str:
        services, name = self.app.state.services, new_id()
        services.folder.asset(name).write_bytes(b"picture")
        services.assets.add(name, {"kind": kind, "type": f"{kind}/x"}, "face", 7)
        return name

    def post(self, path: str, **more: Any) -> httpx.Response:
        return httpx.post(f"http://{self.address}{path}", timeout=10, **more)

    def ticket(self, **more: Any) -> str:
        answer = self.post("/v1/live/tickets", json={"source": self.image, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()["ticket"]

    def connect(self, ticket: str | None = None, **more: Any):
        found = self.ticket() if ticket is None else ticket
        url = f"ws://{self.address}/v1/live/websocket?ticket={found}"
        return websockets.connect(url, max_size=None, **{"close_timeout": 1, **more})

    def metrics(self) -> dict[str, float]:
        text = httpx.get(f"http://{self.address}/metrics").text
        lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in lines}

    def running(self) -> int:
        """How many sessions run."""
        return len(self.part.sessions or ())

    def ends(self) -> dict[str, float]:
        """How many sessions ended, by reason."""
        found = re.compile(r'lipwright_live_ends_total\{reason="(\w+)"\}').fullmatch
        return {end[1]: count for name, count in self.metrics().items() if (end := found(name))}

    async def until_empty(self) -> None:
        async with asyncio.timeout(10):
            while self.part.sessions is None or len(self.part.sessions):
                await asyncio.sleep(0.02)


class Viewer:
    """What a page does with the socket."""

    def __init__(self, socket, pings: bool = True) -> None:
        self.socket, self._pings, self._pinged = socket, pings, 0.0
        self.texts: list[dict] = []
        self.pictures: list[tuple[int, bool]] = []
        self.sounds: list[bytes] = []

    async def say(self, kind: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def take(self) -> None:
        if self._pings and time.monotonic() > self._pinged + 0.5:
            self._pinged = time.monotonic()
            with suppress(websockets.ConnectionClosed):  # what was told before is still read
                await self.say("ping", time=0)
        message = await self.socket.recv()
        if isinstance(message, str):
            text = json.loads(message)
            if text["type"] != "pong" or text["time"]:
                self.texts.append(text)
            return
        kind, flags, number, _ = struct.unpack("<BBxxId", message[:16])
        if kind == 1:
            self.pictures.append((number, bool(flags & 1)))
        else:
            self.sounds.append(message[16:])

    async def until(self, kind: str, **fields: Any) -> dict:
        """Read to a text of a kind, and return it."""
        async with asyncio.timeout(10):
            while True:
                for text in self.texts:
                    if text["type"] == kind and fields.items() <= text.items():
                        self.texts.remove(text)
                        return text
                await self.take()

    async def see(self, count: int) -> None:
        """Read so many more pictures."""
        wanted = len(self.pictures) + count
        async with asyncio.timeout(10):
            while len(self.pictures) < wanted:
                await self.take()

    async def end(self) -> tuple[int, list[dict]]:
        """Read to the end; return the closing code and the errors told."""
        try:
            async with asyncio.timeout(10):
                while True:
                    await self.take()
        except websockets.ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            return code, [text for text in self.texts if text["type"] == "error"]


@pytest.fixture
def server(tmp_path) -> Iterator[LiveServer]:
    with LiveServer(tmp_path / "data") as running:
        yield running
