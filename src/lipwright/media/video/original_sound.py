"""A video's own sound, kept under a new speech."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lipwright.core.errors import MediaError, UsageError
from lipwright.media.audio import decode
from lipwright.media.audio.mixer import LOUDEST, QUIETEST, Track

if TYPE_CHECKING:
    from lipwright.media.video.source import VideoSource


def original_sound(video: VideoSource, decibels: float, length: str) -> Track:
    """Return the video's own sound, to lie under a new one.

    decibels: how much louder (quieter where negative) than it is. length: what the pictures do
    where they end too early. The sound is never played backwards, slower or faster: with "freeze"
    it ends with the video, else it starts again after as long as the video lasts.

    Raises UsageError for impossible decibels and for a video without sound.
    """
    check_decibels(decibels)
    try:
        start = sound_start(video)
    except MediaError as error:
        raise UsageError(
            f"{video.path} has no sound that could be kept: ask for none.", option="keep-audio"
        ) from error
    duration, ends = video.duration, length in ("freeze", "cut")
    return Track(
        video.path,
        decibels,
        start,
        under=True,
        period=None if ends else duration,
        end=duration if ends else None,
    )


def sound_start(video: VideoSource) -> float:
    """Return when the first sample of a video's sound is heard, s from the video's first frame.

    Raises MediaError for a video without sound.
    """
    with decode.open_sound(video.path) as (container, stream):
        first = decode.first_frame(container, stream, video.path)
        return float(first.time or 0.0) - float(video.times[0])


def check_decibels(decibels: float) -> None:
    """Raise UsageError for what is no sensible loudness of a video's own sound."""
    if not QUIETEST <= decibels <= LOUDEST:  # also false for NaN
        raise UsageError(
            f"A film's sound cannot be kept at {decibels:g} dB: give {QUIETEST:g} to {LOUDEST:g}, "
            "such as -20."
        )
