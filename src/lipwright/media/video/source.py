"""Read videos as upright pictures at a constant rate, in any order and in little memory."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lipwright.core.atomic_file import check_rereadable
from lipwright.core.cancellation import check_cancelled
from lipwright.core.errors import MediaError
from lipwright.media.audio.tracks import TrackChoice
from lipwright.media.video.index import (
    CURE,
    EARLY,
    MAX_FPS,
    VideoIndex,
    check_stream,
    decoded,
    open_video,
    said_rate,
    stamp_of,
)

if TYPE_CHECKING:
    from lipwright.media.video.yuv_frame import YuvFrame

log = logging.getLogger("lipwright")

LONGEST = 6 * 3600.0  # s
MAX_FRAMES = int(LONGEST) * MAX_FPS
UNEVEN = 0.5
"""Part of a frame by which a time stamp may be off before a rate counts as variable."""
FILM_NAMES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".3gp")


class VideoSource(VideoIndex):
    """A video file that gives its pictures by number."""

    def sample_frames(self) -> list[int]:
        """Return numbers of pictures that show who is in the video, in order."""
        from lipwright.media.video.frame_sampling import places_of

        return places_of(self.count, float(self.fps), self.keys)

    def sample_runs(self) -> list[range]:
        """Return runs of numbers of pictures that show what mouths do in the video, in order."""
        from lipwright.media.video.frame_sampling import runs_of

        return runs_of(self.count, float(self.fps), self.keys)

    def frames(self, order: Iterable[int]) -> Iterator[YuvFrame]:
        """Yield the pictures with these numbers, in this order, each in memory of its own.

        Where one cannot be read, the one before is given instead, as `stale`. Forward runs are
        decoded as they come. Backward runs are decoded some at a time, so that memory does not grow
        with the length of the video. Raises MediaError for a file that is not what it was when it
        was looked at.
        """
        from lipwright.media.video.reader import VideoReader

        with VideoReader(self) as reader:
            for number in order:
                check_cancelled()
                yield reader.read(number)

    def sampled(self, numbers: Sequence[int]) -> Iterator[YuvFrame]:
        """Yield some of the pictures, in order: the same as `frames`, for less time.

        Pictures between them that no other picture is predicted from are not decoded, as far as the
        decoder can leave them out. A picture that cannot be read may be another earlier one.
        """
        from lipwright.media.video.reader import VideoReader

        with VideoReader(self, numbers) as reader:
            for number in numbers:
                check_cancelled()
                yield reader.read(number)

    def pictures(self, order: Iterable[int]) -> Iterator[np.ndarray]:
        """Return the same as BGR uint8 (h, w, 3)."""
        return (frame.bgr() for frame in self.frames(order))


def open_video_source(path: str | Path, sound_track: TrackChoice = None) -> VideoSource:
    """Return what a video holds, from its packets alone: nothing is decoded but the first frame.

    sound_track: which of several sound tracks counts as its own (see `choose_track`).

    Raises MediaError for what is no video, or one that is too large, too long, or in
    colours that cannot be read.
    """
    from lipwright.media.video.hdr_to_sdr import why_unreadable
    from lipwright.media.video.yuv_frame import from_av

    path = Path(path)
    stamp = stamp_of(path)
    with open_video(path) as (container, stream):
        check_stream(stream, path)
        # all of this is asked before the file is closed, which it would not survive
        tag, said = stream.codec_context.codec_tag, said_rate(stream)
        see_through = "alpha_mode" in stream.metadata
        packets = _PacketIndex(container, path)
        first = next((found for found in decoded(packets, stream) if found.frame), None)
        aspect = Fraction(stream.sample_aspect_ratio or 1)
        times, keys = packets.times(stream, said)
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
    return VideoSource(*found, sound_track)


def is_video(path: str | Path) -> bool:
    """Return whether a file is to be read as a video rather than as a picture.

    No picture reader knows it (animated pictures count as pictures), and it has more than one frame
    or is named like a video, as are videos that are damaged.
    """
    import av

    from lipwright.media.image.read import is_image

    check_rereadable(Path(path))
    if is_image(Path(path)):
        return False
    if Path(path).suffix.lower() in FILM_NAMES:
        return True
    try:
        with open_video(Path(path)) as (container, stream):
            packets = (p for p in container.demux(stream) if p.size)
            return next(packets, None) is not None and next(packets, None) is not None
    except (MediaError, av.FFmpegError, ValueError):
        return False


class _PacketIndex:
    """When each frame of a video is shown, noted while its packets are read, once."""

    def __init__(self, container: Any, path: Path) -> None:
        self._container, self._path = container, path
        self._stamps, self._keys, self._unknown = array("q"), array("b"), 0
        self._coming: Iterator[Any] = iter(())

    def demux(self, stream: Any) -> Iterator[Any]:
        """Yield packets as the container does, and note them."""
        self._coming = self._noted(stream)
        return self._coming

    def times(self, stream: Any, said: Fraction) -> tuple[np.ndarray, np.ndarray]:
        """Read the packets that are left, and return when frames are shown.

        float64, twice: of each frame, in order, by the file's own clock in seconds; and of those
        that can be read without others. said: frames per second, where packets have no times.
        """
        import av

        try:
            for _ in self._coming:
                pass
        except (av.FFmpegError, ValueError):
            pass  # cut short: what is there counts
        if self._unknown:
            times = np.arange(len(self._stamps)) / float(said)
        else:
            times = np.array(self._stamps, np.float64) * float(stream.time_base)
        return np.unique(times), np.unique(times[np.array(self._keys, bool)])

    def _noted(self, stream: Any) -> Iterator[Any]:
        for packet in self._container.demux(stream):
            if packet.size and not getattr(packet, "is_discard", False):
                self._stamps.append(packet.pts or 0)
                self._keys.append(packet.is_keyframe)
                self._unknown += packet.pts is None
            if len(self._stamps) > MAX_FRAMES:
                raise MediaError(f"{self._path} has more than {MAX_FRAMES} frames: cut it first.")
            yield packet


def _average_rate(said: Fraction, times: np.ndarray) -> Fraction:
    """Frames per second: what the file says where its time stamps agree, else their average."""
    span = times[-1] - times[0]
    if len(times) < 2 or span <= 0:
        return said
    measured = (len(times) - 1) / span
    if abs(measured / float(said) - 1) < 0.002:
        return said
    return min(max(Fraction(measured).limit_denominator(1000), Fraction(1)), Fraction(MAX_FPS))
