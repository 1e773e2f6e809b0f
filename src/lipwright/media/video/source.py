"""Read videos as upright pictures at a constant rate, in any order and in little memory."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lipwright.core.atomic_file import check_rereadable
from lipwright.core.errors import MediaError
from lipwright.media.image.read import MAX_PIXELS, MIN_SIDE
from lipwright.media.safe_open import limit_pictures, open_media
from lipwright.media.video.color import Colour

if TYPE_CHECKING:
    from lipwright.media.video.yuv_frame import YuvFrame

log = logging.getLogger("lipwright")

LONGEST = 6 * 3600.0  # s
MAX_FPS = 240
MAX_FRAMES = int(LONGEST) * MAX_FPS
UNEVEN = 0.5
"""Part of a frame by which a time stamp may be off before a rate counts as variable."""
HELD_BYTES = 192 << 20
"""Pictures held while a video is read backwards."""
FAR = 3.0
"""Seconds ahead from which seeking is cheaper than decoding what lies between."""
EARLY = 0.25
"""Part of a frame by which a picture may come before its time: containers round their clocks."""
FILM_NAMES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".3gp")
CURE = "give a video such as MP4, MOV or WebM"


class Decoded(NamedTuple):
    """One frame as the decoder gives it."""

    frame: Any
    """av.VideoFrame, not to be written to: others may be predicted from it. None: unreadable."""
    time: float
    """Seconds, by the file's own clock."""


@dataclass(frozen=True, eq=False)
class VideoSource:
    """A video file seen as `count` pictures at a constant rate; picture i stands at i / fps."""

    path: Path
    size: tuple[int, int]
    """(width, height) in px, as shown, that is after the file's own rotation, and both even."""
    fps: Fraction
    """The average rate, exact."""
    colour: Colour
    """How its pictures keep their colours."""
    count: int
    variable: bool
    """Whether the file's own frames come unevenly."""
    times: np.ndarray
    """float64 (frames,): when each of the file's own frames is shown, by its own clock."""
    keys: list[int]
    """Pictures that can be read without those before them."""
    stamp: tuple[int, int]
    """The file's size and when it was changed, as it was looked at."""
    aspect: Fraction = Fraction(1)
    """How much wider than high a pixel is to be shown."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return float(self.count / self.fps)

    def sample_frames(self) -> list[int]:
        """Numbers of pictures that show who is in the film, in order."""
        from lipwright.media.video.frame_sampling import places_of

        return places_of(self.count, float(self.fps), self.keys)

    def frames(self, order: Iterable[int]) -> Iterator[YuvFrame]:
        """The pictures with these numbers, in this order, each in memory of its own.

        Where one cannot be read, the one before is given instead, as `stale`. Forward runs are
        decoded as they come. Backward runs are decoded some at a time, so that memory does not grow
        with the length of the video. Raises MediaError for a file that is not what it was when it
        was looked at.
        """
        from lipwright.media.video.reader import VideoReader

        with VideoReader(self) as reader:
            for number in order:
                yield reader.read(number)

    def pictures(self, order: Iterable[int]) -> Iterator[np.ndarray]:
        """The same as BGR uint8 (h, w, 3)."""
        return (frame.bgr() for frame in self.frames(order))


def open_video_source(path: str | Path) -> VideoSource:
    """What a video holds, from its packets alone: nothing is decoded but the first frame.

    Raises MediaError for what is no video, or one that is too large, too long, or in
    colours that cannot be read.
    """
    from lipwright.media.video.hdr_to_sdr import why_unreadable
    from lipwright.media.video.yuv_frame import from_av

    path = Path(path)
    stamp = stamp_of(path)
    with open_video(path) as (container, stream):
        check_stream(stream, path)
        times, keys = _frame_times(container, stream, path)
        said = _said_rate(stream)  # which a closed file would not survive being asked
    with open_video(path) as (container, stream):
        first = next((found for found in decoded(container, stream) if found.frame), None)
        tag = stream.codec_context.codec_tag
        see_through = "alpha_mode" in stream.metadata
        aspect = Fraction(stream.sample_aspect_ratio or 1)
    if first is None or not len(times):
        raise MediaError(f"{path} has no frames that can be read: {CURE}.")
    rate = _average_rate(said, times)
    span = times[-1] - times[0]
    if span > LONGEST:
        raise MediaError(
            f"{path} lasts {span / 3600:.1f} hours: cut it to at most {LONGEST / 3600:.0f}."
        )
    count = round(span * float(rate)) + 1
    off = np.abs(times - times[0] - np.arange(len(times)) / float(rate)).max()
    variable = bool(off * float(rate) > UNEVEN)
    if reason := why_unreadable(first.frame, tag):
        raise MediaError(f"{path} is {reason}: export it as SDR (BT.709), HDR10 or HLG first.")
    if see_through or any(part.is_alpha for part in first.frame.format.components):
        log.info("%s can be seen through, which is lost: hidden colours will be seen.", path)
    if first.frame.rotation % 180:
        aspect = 1 / aspect
    shown = from_av(first.frame)
    numbers = np.unique(np.ceil((keys - times[0]) * float(rate) - EARLY).astype(int))
    known = numbers[numbers < count].tolist()
    found = path, shown.size, rate, shown.colour, count, variable, times, known, stamp, aspect
    return VideoSource(*found)


def stamp_of(path: Path) -> tuple[int, int]:
    """The size of a file and when it was changed; zeros where it is not there."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def is_video(path: str | Path) -> bool:
    """Whether a file is to be read as a film rather than as a picture: no picture reader knows it
    (animated pictures count as pictures), and it has more than one frame or is named like a film,
    as are films that are damaged."""
    import av
    from PIL import Image

    check_rereadable(Path(path))
    try:
        with Image.open(path):
            return False
    except Exception:  # whatever is wrong with it as a picture is told by those who read it as one
        pass
    if Path(path).suffix.lower() in FILM_NAMES:
        return True
    try:
        with open_video(Path(path)) as (container, stream):
            packets = (p for p in container.demux(stream) if p.size)
            return next(packets, None) is not None and next(packets, None) is not None
    except (MediaError, av.FFmpegError, ValueError):
        return False


@contextmanager
def open_video(path: Path) -> Iterator[tuple[Any, Any]]:
    """The container and its first stream of pictures; raises MediaError where there is none."""
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
        stream = _first_film(container)
        if stream is None:
            raise MediaError(f"{path} has no moving picture: {CURE}.")
        if stream.codec_context is None:
            raise MediaError(f"{path} holds pictures in an unknown format: {CURE}.")
        stream.codec_context.thread_count = 1
        limit_pictures(stream)
        yield container, stream
    finally:
        container.close()


def decoded(container: Any, stream: Any) -> Iterator[Decoded]:
    """Each frame from where the container stands to where the file breaks off; without a frame
    what cannot be read."""
    import av

    count = 0
    with suppress(av.FFmpegError, ValueError):
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except (av.FFmpegError, ValueError):
                yield Decoded(None, nan)
                continue
            for frame in frames:
                time = frame.time if frame.time is not None else count / float(_said_rate(stream))
                count += 1
                yield Decoded(None if frame.is_corrupt else frame, float(time))


def pictures(container: Any, stream: Any) -> Iterator[tuple[np.ndarray, float]]:
    """Each frame that can be read, as BGR uint8 (h, w, 3), upright, and its time."""
    from lipwright.media.video.yuv_frame import from_av

    found = decoded(container, stream)
    return ((from_av(frame).bgr(), time) for frame, time in found if frame is not None)


def check_stream(stream: Any, path: Path) -> None:
    """Raises MediaError for what would fill the memory, or is too small to be used."""
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


def _first_film(container: Any) -> Any:
    """The first stream of pictures that is no cover of an album."""
    for stream in container.streams.video:
        if "attached_pic" not in str(getattr(stream, "disposition", "")).lower():
            return stream
    return None


def _frame_times(container: Any, stream: Any, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """float64, twice: when each frame is shown, in order, by the file's own clock in seconds; and
    when those are that can be read without others."""
    import av

    stamps, keys, unknown = array("q"), array("b"), 0
    try:
        for packet in container.demux(stream):
            if packet.size and not getattr(packet, "is_discard", False):
                stamps.append(packet.pts or 0)
                keys.append(packet.is_keyframe)
                unknown += packet.pts is None
            if len(stamps) > MAX_FRAMES:
                raise MediaError(f"{path} has more than {MAX_FRAMES} frames: cut it first.")
    except (av.FFmpegError, ValueError):
        pass  # cut short: what is there counts
    if unknown:
        times = np.arange(len(stamps)) / float(_said_rate(stream))
    else:
        times = np.array(stamps, np.float64) * float(stream.time_base)
    return np.unique(times), np.unique(times[np.array(keys, bool)])


def _average_rate(said: Fraction, times: np.ndarray) -> Fraction:
    """Frames per second: what the file says where its time stamps agree, else their average."""
    span = times[-1] - times[0]
    if len(times) < 2 or span <= 0:
        return said
    measured = (len(times) - 1) / span
    if abs(measured / float(said) - 1) < 0.002:
        return said
    return min(max(Fraction(measured).limit_denominator(1000), Fraction(1)), Fraction(MAX_FPS))


def _said_rate(stream: Any) -> Fraction:
    """Frames per second by the file's own word, or 25 where that is impossible."""
    said = stream.average_rate or stream.guessed_rate
    return Fraction(said) if said and 1 <= said <= MAX_FPS else Fraction(25)
