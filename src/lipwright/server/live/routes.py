"""The routes of live sessions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response, WebSocket
from pydantic import BaseModel, Field
from starlette.websockets import WebSocketDisconnect, WebSocketState

from lipwright.core.errors import LipwrightError
from lipwright.pipeline.live.sinks.webrtc import WebRtcSink
from lipwright.pipeline.live.sinks.websocket import WebSocketSink
from lipwright.server.live.sessions import LiveSessions, new_session_name
from lipwright.server.live.tickets import Order
from lipwright.server.problems import Problem
from lipwright.server.routes.common import problems

CLOSED_BY = {"left": 1000, "asked": 1000, "silent": 1001, "lost": 1001, "flood": 1008}
"""Codes with which a WebSocket is closed, by why its session ended; else 1011."""
REFUSED = {403: 4403, 429: 4429}

Name = Annotated[str, Field(min_length=1, max_length=64)]


class TicketRequest(BaseModel):
    """A session that is wanted."""

    source: Name
    voice: Name = "anika"
    transport: Literal["websocket", "webrtc"] = "websocket"
    rate: Annotated[float, Field(ge=0.5, le=2.0)] = 1.0
    language: Name | None = None
    motion: Name | None = None
    speaker: Name | None = None
    quality: Name | None = None


class TicketAnswer(BaseModel):
    """What opens the session, once."""

    ticket: str
    expires_in: float
    url: str
    ice_servers: list[dict[str, Any]]


class OfferRequest(BaseModel):
    """A browser's offer of a connection, with a ticket."""

    ticket: Annotated[str, Field(max_length=64)]
    sdp: Annotated[str, Field(max_length=200_000)]
    type: Literal["offer"] = "offer"


class OfferAnswer(BaseModel):
    """The answer, and the session's id."""

    sdp: str
    type: str
    session: str


def make_router(running: Callable[[], LiveSessions]) -> APIRouter:
    """Return the routes of live sessions. running: gives them, once the server has started."""
    router = APIRouter(prefix="/v1/live", tags=["live"])

    @router.post("/tickets", status_code=201, responses=problems(404, 501))
    async def ticket(wanted: TicketRequest) -> TicketAnswer:
        """Ask for a live session: a ticket for one connection, good for a minute."""
        sessions = running()
        name = sessions.order(Order(**wanted.model_dump()))
        webrtc = wanted.transport == "webrtc"
        return TicketAnswer(
            ticket=name,
            expires_in=sessions.settings.limits.ticket_seconds,
            url="/v1/live/offer" if webrtc else f"/v1/live/websocket?ticket={name}",
            ice_servers=[dict(one) for one in sessions.settings.ice_servers] if webrtc else [],
        )

    @router.websocket("/websocket")
    async def websocket(socket: WebSocket, ticket: str = "") -> None:
        await serve_websocket(running(), socket, ticket)

    @router.post("/offer", responses=problems(501))
    async def offer(wanted: OfferRequest) -> OfferAnswer:
        """Connect over WebRTC: the answer to a browser's offer."""
        return await connect_webrtc(running(), wanted)

    @router.post("/{session}/leave", status_code=204, responses=problems())
    async def leave(session: str) -> Response:
        """End a session; asks for no token, as a page that is closed cannot send one."""
        running().leave(session)
        return Response(status_code=204)

    return router


async def serve_websocket(sessions: LiveSessions, socket: WebSocket, ticket: str) -> None:
    """Serve a viewer behind a WebSocket to the end."""
    await socket.accept()
    name = new_session_name()

    async def send(message: str | bytes) -> None:
        if isinstance(message, str):
            await socket.send_text(message)
        else:
            await socket.send_bytes(message)

    viewer = WebSocketSink(send, session=name, stall_seconds=sessions.settings.limits.stall_seconds)
    try:
        order = sessions.tickets.use(ticket, "websocket")
        code = CLOSED_BY.get(await sessions.run(order, viewer, received(socket), name), 1011)
    except Problem as problem:
        await viewer.tell("error", detail=problem.detail)
        code = REFUSED.get(problem.status, 1013)
    except LipwrightError as error:
        await viewer.tell("error", detail=str(error))
        code = 1011
    if socket.client_state is WebSocketState.CONNECTED:
        with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(1):
                await socket.close(code)


async def received(socket: WebSocket) -> AsyncIterator[str | bytes]:
    """Yield what comes in, until the viewer has gone."""
    while (message := await socket.receive())["type"] == "websocket.receive":
        text, content = message.get("text"), message.get("bytes")
        yield text if text is not None else content or b""


async def connect_webrtc(sessions: LiveSessions, wanted: OfferRequest) -> OfferAnswer:
    """Answer an offer, and let the session run in the background."""
    order = sessions.tickets.use(wanted.ticket, "webrtc")
    said: asyncio.Queue[str | bytes] = asyncio.Queue(1)

    switched_on = False

    async def hear(sound: bytes, rate: int) -> None:
        nonlocal switched_on
        if not switched_on:
            switched_on = True
            await said.put(json.dumps({"type": "microphone", "rate": rate}))
        await said.put(sound)

    sessions.check_room()
    name = new_session_name()
    viewer = WebRtcSink(
        sessions.settings.ice_servers, session=name, on_message=said.put, on_sound=hear
    )
    sdp, kind = await viewer.answer(wanted.sdp, wanted.type)
    sessions.start(_serve_webrtc(sessions, order, viewer, said, name))
    return OfferAnswer(sdp=sdp, type=kind, session=name)


async def _serve_webrtc(
    sessions: LiveSessions,
    order: Order,
    viewer: WebRtcSink,
    said: asyncio.Queue[str | bytes],
    name: str,
) -> None:
    try:
        async with asyncio.timeout(sessions.settings.limits.connecting_seconds):
            await viewer.connected.wait()
        await sessions.run(order, viewer, _queued(said), name)
    except (Problem, LipwrightError) as error:
        await viewer.tell("error", detail=str(error))
    except TimeoutError:
        pass  # the browser never came
    finally:
        await viewer.close()


async def _queued(said: asyncio.Queue[str | bytes]) -> AsyncIterator[str | bytes]:
    while True:
        yield await said.get()
