"""The index of a video file, and its frames as the decoder gives them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from math import nan
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lipwright.core.atomic_file import check_rereadable
from lipwright.core.errors import MediaError
from lipwright.media.audio.tracks import TrackChoice
from lipwright.media.limits import MAX_PIXELS, MIN_SIDE
from lipwright.media.safe_open import limit_pictures, open_media
from lipwright.media.video.color import Colour

log = logging.getLogger("lipwright")

MAX_FPS = 240
HELD_BYTES = 192 << 20
"""Bytes of frames held while a video is read backwards."""
FAR = 3.0
"""Seconds ahead from which seeking is cheaper than decoding what lies between."""
EARLY = 0.25
"""Share of a frame's time by which it may come early: containers round their clocks."""
CURE = "give a video such as MP4, MOV or WebM"


class Decoded(NamedTuple):
    """One frame as the decoder gives it."""

    frame: Any
    """av.VideoFrame, not to be written to: others may be predicted from it. None: unreadable."""
    time: float
    """Seconds, by the file's own clock."""


@dataclass(frozen=True, eq=False)
class VideoIndex:
    """A video file as `count` frames at a constant rate; frame i stands at i / fps."""

    path: Path
    size: tuple[int, int]
    """(width, height) in px, as shown, that is after the file's own rotation, and both even."""
    fps: Fraction
    """The average rate, exact."""
    colour: Colour
    """The colour tags of its frames."""
    count: int
    variable: bool
    """Whether the file's own frames come unevenly."""
    times: np.ndarray
    """float64 (frames,): when each of the file's own frames is shown, by its own clock."""
    keys: list[int]
    """Numbers of the frames that can be decoded without those before them."""
    stamp: tuple[int, int]
    """The file's size and time of change when it was indexed."""
    aspect: Fraction = Fraction(1)
    """The pixel aspect ratio."""
    sound_track: TrackChoice = None
    """Which of several sound tracks counts as its own; None: the file's default one."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return float(self.count / self.fps)


def stamp_of(path: Path) -> tuple[int, int]:
    """Return the size of a file and its time of change; zeros where it does not exist."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


@contextmanager
def open_video(path: Path, threads: int = 1) -> Iterator[tuple[Any, Any]]:
    """Open the container and its first video stream; raises MediaError where there is none.

    threads: how many decode it. With more the first frame comes later.
    """
    import av

    check_rereadable(path)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise MediaError(f"{path} {what}: {CURE}.")
    try:
        container = open_media(path)
    except (av.FFmpegError, ValueError, OSError) as error:
        raise MediaError(f"{path} is not a video that can be read: {CURE}.") from error
    try:
        stream = _first_video_stream(container)
        if stream is None:
            raise MediaError(f"{path} has no moving picture: {CURE}.")
        if stream.codec_context is None:
            raise MediaError(f"{path} holds pictures in an unknown format: {CURE}.")
        stream.codec_context.thread_count = threads
        stream.codec_context.thread_type = "FRAME"
        limit_pictures(stream)
        yield container, stream
    finally:
        container.close()


def decoded(
    container: Any, stream: Any, needed: Callable[[Any], bool] | None = None
) -> Iterator[Decoded]:
    """Yield each frame from the current position to the last readable packet.

    An unreadable packet gives a `Decoded` without a frame. needed: whether the frame of a packet is
    wanted; of those that are not, frames that no other is predicted from are left out where the
    decoder can do so.
    """
    import av

    count = 0
    with suppress(av.FFmpegError, ValueError):
        for packet in container.demux(stream):
            if needed is not None:
                stream.codec_context.skip_frame = "DEFAULT" if needed(packet) else "NONREF"
            try:
                frames = packet.decode()
            except (av.FFmpegError, ValueError):
                yield Decoded(None, nan)
                continue
            for frame in frames:
                time = frame.time if frame.time is not None else count / float(said_rate(stream))
                count += 1
                yield Decoded(None if frame.is_corrupt else frame, float(time))


def pictures(container: Any, stream: Any) -> Iterator[tuple[np.ndarray, float]]:
    """Yield each readable frame as BGR uint8 (h, w, 3), upright, and its time (s)."""
    from lipwright.media.video.yuv_frame import from_av

    found = decoded(container, stream)
    return ((from_av(frame).bgr(), time) for frame, time in found if frame is not None)


def check_stream(stream: Any, path: Path) -> None:
    """Raise MediaError for a stream that would fill the memory or is too small to use."""
    context = stream.codec_context
    width, height = context.width, context.height
    if width * height > MAX_PIXELS:
        raise MediaError(
            f"{path} is too large ({width}x{height} px, the limit is "
            f"{MAX_PIXELS // 1_000_000} megapixels): scale it down first."
        )
    if min(width, height) < MIN_SIDE:
        raise MediaError(
            f"{path} is too small ({width}x{height} px): give a video of at least "
            f"{MIN_SIDE}x{MIN_SIDE} px."
        )


def _first_video_stream(container: Any) -> Any:
    """Return the first video stream that is not cover art."""
    from av.stream import Disposition

    films = (s for s in container.streams.video if Disposition.attached_pic not in s.disposition)
    return next(films, None)


def said_rate(stream: Any) -> Fraction:
    """Return the frames per second that the file claims, or 25 where that is impossible."""
    said = stream.average_rate or stream.guessed_rate
    return Fraction(said) if said and 1 <= said <= MAX_FPS else Fraction(25)
