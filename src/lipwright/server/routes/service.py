"""What there is to choose, a spoken sentence, and how the server is."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse

from lipwright.core.version import __version__
from lipwright.server.problems import Problem
from lipwright.server.routes.common import check_length, problems, services
from lipwright.server.schemas import OptionsAnswer, SpeechRequest, VoicesAnswer
from lipwright.server.services import Services

router = APIRouter(tags=["service"])
Found = Annotated[Services, Depends(services)]


@router.get("/healthz", response_class=PlainTextResponse)
async def healthz() -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz", response_class=PlainTextResponse, responses=problems())
def readyz(found: Found) -> PlainTextResponse:
    """The server can take work: its ledger answers and its disk has room."""
    found.videos.counts()
    if found.folder.free() < 64 << 20:
        raise Problem(503, "The disk is full: make room.")
    return PlainTextResponse("ready\n")


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(found: Found) -> PlainTextResponse:
    """Numbers for Prometheus."""
    return PlainTextResponse(found.metrics.text(), media_type="text/plain; version=0.0.4")


@router.get("/v1/info", responses=problems())
def info(request: Request, found: Found) -> dict[str, Any]:
    """Version, limits, and what is there."""
    settings = found.settings
    return {
        "version": __version__,
        "token_needed": settings.token is not None,
        "logged_in": request.state.logged_in,
        "limits": {
            "upload_bytes": settings.upload_bytes,
            "text_characters": settings.text_characters,
            "speech_characters": settings.speech_characters,
            "queue": settings.queue,
        },
        "live": found.live,
    }


@router.get("/v1/options", response_model=OptionsAnswer, responses=problems())
async def options(found: Found) -> Any:
    """What can be chosen of a video."""
    return await found.looks.call("options")


@router.get("/v1/voices", response_model=VoicesAnswer, responses=problems())
async def voices(found: Found) -> Any:
    """The voices that can speak now."""
    return await found.looks.call("voices")


@router.post(
    "/v1/speech", response_class=Response,
    responses={200: {"content": {"audio/wav": {}}}, **problems(501)},
)  # fmt: skip
async def speech(order: SpeechRequest, found: Found) -> Response:
    """Speak a short text: a WAV file."""
    check_length(order.text, found.settings.speech_characters)
    output = found.folder.temporary(".wav")
    try:
        await found.voices.call("speak", 300.0, output=str(output), **order.model_dump())
        data = await asyncio.to_thread(output.read_bytes)
    finally:
        output.unlink(missing_ok=True)
    return Response(data, media_type="audio/wav")
