"""Videos: /v1/videos."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import FileResponse

from lipwright.server.ledger.video import Video
from lipwright.server.ledger.videos import KeyReused, QueueFull
from lipwright.server.problems import Problem, busy, not_found
from lipwright.server.routes.common import (
    check_length,
    known_asset,
    known_video,
    problems,
    services,
)
from lipwright.server.schemas import VideoAnswer, VideoRequest, VideosAnswer
from lipwright.server.services import Services
from lipwright.server.uploads import plain_label
from lipwright.server.webhooks import check_url

router = APIRouter(prefix="/v1/videos", tags=["videos"])
Found = Annotated[Services, Depends(services)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]
FULL_SECONDS = 30.0


@router.post("", status_code=202, response_model=VideoAnswer, responses=problems(404, 409, 501))
async def create(
    order: VideoRequest, answer: Response, found: Found, key: Key = None
) -> dict[str, Any]:
    """Have a video made. The same Idempotency-Key returns the same video, made once."""
    check_length(order.text, found.settings.text_characters)
    source = await asyncio.to_thread(known_asset, found, order.source)
    if source.kind == "audio":
        raise Problem(422, f"{source.name} is a sound: give a picture or a video.", option="source")
    if order.webhook is not None:
        check_url(order.webhook.url)
    if order.audio is not None:
        heard = await asyncio.to_thread(known_asset, found, order.audio)
        if heard.kind == "image":
            raise Problem(422, f"{heard.name} is a picture: give a sound.", option="audio")
    request = order.model_dump(exclude={"name", "webhook"}, exclude_none=True)
    said = {
        name: request[name] for name in ("text", "voice", "rate", "language") if name in request
    }
    given = said if order.text is not None else {}
    await found.looks.call("check", options=order.options, kind=source.kind, **given)
    video, new = await asyncio.to_thread(_add, found, order, request, key, source.name)
    if new:
        found.scheduler.poke()
    answer.headers["Location"] = f"/v1/videos/{video.id}"
    return video.shown()


def _add(
    found: Services, order: VideoRequest, request: dict[str, Any], key: str | None, label: str
) -> tuple[Video, bool]:
    digest = hashlib.sha256(json.dumps(order.model_dump(), sort_keys=True).encode()).hexdigest()
    hook = None if order.webhook is None else (order.webhook.url, order.webhook.secret)
    name = plain_label(order.name) if order.name else label
    try:
        return found.videos.add(
            request, name, key=key, digest=digest, webhook=hook, most=found.settings.queue
        )
    except KeyReused:
        raise Problem(
            409, "This Idempotency-Key was used for another video: take a new one."
        ) from None
    except QueueFull:
        raise busy("Too many videos wait already: try again later.", FULL_SECONDS) from None
    except LookupError:
        raise not_found("upload") from None


@router.get("", response_model=VideosAnswer, responses=problems())
def index(
    found: Found,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(max_length=64)] = None,
) -> dict[str, Any]:
    """All videos, the newest first. after: `next` of the page before."""
    videos = found.videos.newest(limit + 1, after)
    more = len(videos) > limit
    shown = [video.shown() for video in videos[:limit]]
    return {"videos": shown, "next": shown[-1]["id"] if more else None}


@router.get("/{id}", response_model=VideoAnswer, responses=problems(404))
def show(id: str, found: Found) -> dict[str, Any]:
    """How far a video is."""
    return known_video(found, id).shown()


@router.delete("/{id}", status_code=204, responses=problems(404))
async def delete(id: str, found: Found) -> Response:
    """Delete a video; one that is being made is ended first."""
    await asyncio.to_thread(found.videos.cancel, id)
    await found.scheduler.cancel(id)
    if not await asyncio.to_thread(found.videos.delete, id):
        raise not_found("video")
    if not found.scheduler.is_running(id):
        await asyncio.to_thread(found.folder.drop_video, id)
    return Response(status_code=204)


@router.post("/{id}/cancel", response_model=VideoAnswer, responses=problems(404))
async def cancel(id: str, found: Found) -> dict[str, Any]:
    """End a video that waits or is being made; one that has ended stays as it is."""
    video = await asyncio.to_thread(found.videos.cancel, id)
    if video is None:
        raise not_found("video")
    await found.scheduler.cancel(id)
    return video.shown()


@router.post("/{id}/retry", response_model=VideoAnswer, responses=problems(404, 409))
async def retry(id: str, found: Found) -> dict[str, Any]:
    """Try a video again that failed or was cancelled; it goes on where it broke off."""
    if (await asyncio.to_thread(known_video, found, id)).state == "done":
        raise Problem(409, "This video is finished: there is nothing to try again.")
    video = await asyncio.to_thread(found.videos.retry, id)
    if video is None:
        raise not_found("video")
    found.scheduler.poke()
    return video.shown()


@router.get("/{id}/content", response_class=FileResponse, responses=problems(404, 409, 416))
def content(id: str, found: Found, download: Annotated[int, Query(ge=0, le=1)] = 0) -> FileResponse:
    """The video's file, or parts of it (Range). download=1: to be saved rather than shown."""
    video = _finished(found, id)
    file = found.folder.video(video.id) / "done" / video.facts["file"]
    stem = video.name.rpartition(".")[0] or video.name
    name = f"{stem}{file.suffix}" if download else None
    return FileResponse(file, media_type=video.facts["type"], filename=name)


@router.get("/{id}/poster", response_class=FileResponse, responses=problems(404, 409))
def poster(id: str, found: Found) -> FileResponse:
    """The video's first picture: a JPEG, at most 640 px wide."""
    video = _finished(found, id)
    path = found.folder.video(video.id) / "done" / "poster.jpg"
    return FileResponse(path, media_type="image/jpeg")


def _finished(found: Services, name: str) -> Video:
    video = known_video(found, name)
    if video.state != "done":
        raise Problem(409, "This video is not finished: its events say when it is.")
    return video
