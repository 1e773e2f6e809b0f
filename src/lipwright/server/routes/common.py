"""What the routes share."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from lipwright.server.ledger.assets import Asset
from lipwright.server.ledger.video import Video
from lipwright.server.problems import MEDIA_TYPE, Problem, not_found
from lipwright.server.schemas import ProblemAnswer
from lipwright.server.services import Services


def services(request: Request) -> Services:
    """Return what there is while the server runs."""
    found: Services = request.app.state.services
    return found


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the answers that go wrong, for /docs."""
    content = {MEDIA_TYPE: {"schema": ProblemAnswer.model_json_schema()}}
    usual = (400, 401, 403, 413, 422, 429, 503)
    return {
        status: {"description": "A problem.", "content": content} for status in (*usual, *statuses)
    }


def known_asset(found: Services, name: str) -> Asset:
    """Return an upload. Raises Problem (404)."""
    asset = found.assets.get(name)
    if asset is None:
        raise not_found("upload")
    return asset


def known_video(found: Services, name: str) -> Video:
    """Return a video. Raises Problem (404)."""
    video = found.videos.get(name)
    if video is None:
        raise not_found("video")
    return video


def check_length(text: str | None, most: int) -> None:
    """Raise Problem (422) for a text that is too long or holds nothing, or half a character."""
    if text is None:
        return
    if len(text) > most:
        raise Problem(
            422, f"The text has {len(text)} characters: give at most {most}.", option="text"
        )
    if not text.strip():
        raise Problem(422, "The text is empty: say what shall be spoken.", option="text")
