"""Progress as server-sent events: /v1/videos/{id}/events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

from anyio import Event
from fastapi import APIRouter, Depends, Header, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from lipwright.server.problems import busy
from lipwright.server.routes.common import known_video, problems, services
from lipwright.server.services import Services

router = APIRouter(prefix="/v1/videos", tags=["videos"])
Found = Annotated[Services, Depends(services)]
LOOK_SECONDS = 1.0
"""Even if nothing wakes a stream it looks so often."""
END_SECONDS = 2.0
"""Streams that are told of the server's end may take so long."""
PING_SECONDS = 15
SEND_SECONDS = 30.0
"""A client that takes nothing for so long is let go."""
MOST_STREAMS = 200


@router.get(
    "/{id}/events", response_class=EventSourceResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "Events state and progress."},
        204: {"description": "The client has seen the last event."},
        **problems(404),
    },
)  # fmt: skip
async def events(
    id: str,
    found: Found,
    last: Annotated[str | None, Header(alias="Last-Event-ID", max_length=40)] = None,
) -> Response:
    """How a video comes along: events "state" and "progress" with the video, until it has ended.

    Last-Event-ID goes on after that event; 204 where it was the last one.
    """
    if found.changes.listeners >= MOST_STREAMS:
        raise busy("Too many clients watch already: ask for the video now and then instead.", 10)
    video = await asyncio.to_thread(known_video, found, id)
    seen = int(last) if last and last.isascii() and last.isdigit() else 0
    if seen >= video.version and video.is_final:
        return Response(status_code=204)
    ending = Event()
    return EventSourceResponse(
        _stream(found, id, seen, ending), ping=PING_SECONDS, send_timeout=SEND_SECONDS,
        shutdown_event=ending, shutdown_grace_period=END_SECONDS,
    )  # fmt: skip


async def _stream(
    found: Services, name: str, seen: int, ending: Event
) -> AsyncIterator[ServerSentEvent]:
    changed = found.changes.listen(name)
    try:
        while not ending.is_set():
            changed.clear()
            pieces, final = await asyncio.to_thread(_news, found, name, seen)
            for version, kind, data in pieces:
                seen = version
                yield ServerSentEvent(data=data, event=kind, id=str(version))
            if final:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await changed.wait()
    finally:
        found.changes.leave(name, changed)


def _news(found: Services, name: str, seen: int) -> tuple[list[tuple[int, str, str]], bool]:
    """What there is after a version: changes of state, then how far it is; and whether it ended."""
    video = found.videos.get(name)
    if video is None:
        return [], True
    pieces = [(version, "state", data) for version, data in found.videos.states_after(name, seen)]
    last = pieces[-1][0] if pieces else seen
    if video.version > last:
        pieces.append((video.version, "progress", json.dumps(video.shown())))
    return pieces, video.is_final
