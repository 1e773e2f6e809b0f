"""Live sessions as a program begins them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lipwright.pipeline.live.session import LiveSession

if TYPE_CHECKING:
    from lipwright.core.given import PictureLike


def live(source: PictureLike, **more: Any) -> LiveSession:
    """Return a live session of a portrait, to be used in an ``async with`` block.

    Args:
        source: a picture, as for `lipwright.Portrait`.
        more: voice (name, "anika"), rate (speed, 0.5 to 2), language; sink (a `LiveSink`; without
            one the session itself gives the frames); fps (25); coding of the frames without a sink:
            "bgr", "h264" or "vp9" (with the picture's transparency); background ("#00ff00": what
            a transparent picture is laid over); voices (a `LiveVoices` that several sessions
            share); options or single ones by name: quality ("medium"), motion, speaker, seed,
            provenance (its label).

    Raises:
        UsageError: an option that does not exist.
    """
    return LiveSession(source, **more)
