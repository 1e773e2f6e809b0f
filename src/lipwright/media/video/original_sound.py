"""A video's own sound, kept under a new speech."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.core.errors import MediaError, UsageError
from lipwright.media.audio import decode
from lipwright.media.audio.mixer import LOUDEST, QUIETEST, Track
from lipwright.media.audio.tracks import SoundFile, TrackChoice

if TYPE_CHECKING:
    from lipwright.media.video.source import VideoSource


def original_sound(video: VideoSource, decibels: float, length: str) -> Track:
    """Return the video's own sound, to lie under a new one.

    decibels: how much louder (quieter where negative) than it is. length: what the pictures do
    where they end too early. The sound is never played backwards, slower or faster: with "freeze"
    it ends with the video, else it starts again after as long as the video lasts. It begins with
    the first picture.

    Raises UsageError for impossible decibels and for a video without sound, or without the track
    that is wanted.
    """
    check_decibels(decibels)
    sound = SoundFile(video.path, video.sound_track)
    try:
        with decode.open_sound(sound.path, sound.track) as (container, stream):
            decode.first_frame(container, stream, sound.path)
    except MediaError as error:
        raise UsageError(
            f"{video.path} has no sound that could be kept: ask for none.", option="keep-audio"
        ) from error
    duration, ends = video.duration, length in ("freeze", "cut")
    return Track(
        sound,
        decibels,
        under=True,
        period=None if ends else duration,
        end=duration if ends else None,
    )


def own_track(path: Path, wanted: TrackChoice, is_heard: bool) -> TrackChoice:
    """Return which sound track of a video is its own: the wanted one if it has it.

    is_heard: whether it will be heard; otherwise the speech may be meant alone, and the video's
    default one will do. Raises UsageError where a track is heard that is not there.
    """
    if wanted is None:
        return None
    try:
        with decode.open_sound(path, wanted):
            return wanted
    except UsageError:
        if is_heard:
            raise
    except MediaError:
        pass  # there is no sound at all
    return None


def check_decibels(decibels: float) -> None:
    """Raise UsageError for what is no sensible loudness of a video's own sound."""
    if not QUIETEST <= decibels <= LOUDEST:  # also false for NaN
        raise UsageError(
            f"A film's sound cannot be kept at {decibels:g} dB: give {QUIETEST:g} to {LOUDEST:g}, "
            "such as -20."
        )
