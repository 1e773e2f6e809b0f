"""Decode speech from any audio or video file as a stream: memory does not grow with its length.

Decoding is PyAV's (FFmpeg). Channels are mixed to mono in favour of the centre, with weights whose
sum is one, so that the mix cannot clip. Sound keeps its container's clock; where a file has moving
pictures, it begins with the first of them, so that late sound comes after silence.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lipwright.core.atomic_file import check_rereadable
from lipwright.core.errors import MediaError
from lipwright.media.audio.blocks import fixed_blocks
from lipwright.media.audio.clock import MAX_GAP, Piece, keep_time
from lipwright.media.audio.downmix import downmix_pieces
from lipwright.media.audio.resample import resample_channels
from lipwright.media.audio.tracks import TrackChoice, choose_track
from lipwright.media.safe_open import open_media

log = logging.getLogger("lipwright")

LONGEST = 12 * 3600.0  # s; what lasts longer is no speech, but may be a few bytes of packed silence
PACKET_TOLERANCE = 0.005  # s by which packets do not follow each other; their times are rounded
MIN_RATE, MAX_RATE = 1000, 800_000  # Hz; beyond these a file's header is broken
MANY_PLANES = 8  # from so many on PyAV reads planes that are not there
SILENCE = 1e-4  # peak below which a recording is called silent (-80 dBFS)
CURE = "give a WAV, MP3, M4A, FLAC or OGG recording, or a video with sound"


@dataclass(frozen=True)
class AudioInfo:
    """The properties of a recording, found by decoding it once."""

    duration: float
    """Seconds of sound, counted in decoded samples."""
    rate: int
    """Samples per second."""
    channels: int
    codec: str
    """FFmpeg's name of the codec, such as "aac" or "pcm_s16le"."""


class AudioChunk(NamedTuple):
    """A short piece of decoded sound."""

    samples: np.ndarray
    """float32 (channels, n), finite."""
    rate: int


def probe_audio(path: str | Path, track: TrackChoice = None) -> AudioInfo:
    """Decode the sound of `path` once, as a stream, and return its properties.

    track: which of several sound tracks (see `choose_track`).

    The container's own claim is not trusted: it is a guess for MP3 and ADTS, and wrong for files
    that were cut short. A silent recording is allowed, with a warning.

    Raises MediaError if there is no sound in the file.
    """
    path = Path(path)
    counts: dict[int, int] = {}  # samples at each rate: sums of integers do not drift
    silent = True
    with open_sound(path, track) as (container, stream):
        codec = codec_name(stream)
        pieces = _counted(_timed(container, stream, path), counts)
        for piece in downmix_pieces(pieces):
            silent = float(np.abs(piece.samples).max(initial=0.0)) < SILENCE
            if not silent:
                break
        for _ in pieces:  # the rest need not be mixed to be counted
            pass
        channels = stream.codec_context.channels
    duration = sum(count / rate for rate, count in counts.items())
    if duration <= 0.0:
        raise no_sound(path)
    if silent:
        log.warning("%s is silent: the mouth will stay closed.", path)
    return AudioInfo(duration, next(iter(counts)), channels, codec)


def decode_blocks(
    path: str | Path, rate: int, seconds: float = 10.0, track: TrackChoice = None
) -> Iterator[np.ndarray]:
    """Yield the sound of `path` as mono blocks, float32 (n,) in [-1, 1], at `rate` Hz.

    track: which of several sound tracks (see `choose_track`).

    All blocks but the last hold exactly round(seconds * rate) samples. Raises MediaError (see
    probe_audio); silence is no error.
    """
    size = max(1, round(seconds * rate))
    empty = True
    for block in fixed_blocks(_resampled(Path(path), rate, track), size):
        empty = False
        yield block
    if empty:
        raise no_sound(Path(path))


@contextmanager
def open_sound(path: Path, track: TrackChoice = None) -> Iterator[tuple[Any, Any]]:
    """Open `path` and find its audio stream: yields av's (container, stream).

    track: which of several (see `choose_track`).
    """
    import av

    check_rereadable(path)
    try:
        with path.open("rb") as file:  # says clearly what FFmpeg says in numbers
            if not file.read(1):
                raise MediaError(f"{path} is empty: {CURE}.")
    except FileNotFoundError:
        raise MediaError(f"There is no sound file at {path}: check the path.") from None
    except IsADirectoryError:
        raise MediaError(f"{path} is a folder: give the sound file inside it.") from None
    except OSError as error:
        raise MediaError(
            f"{path} cannot be read ({error.strerror}): change its permissions or copy it."
        ) from None
    try:
        container = open_media(path)
    except (av.FFmpegError, ValueError, OSError) as error:
        raise MediaError(
            f"{path} is not a sound or video file that can be read: {CURE}."
        ) from error
    try:
        if not container.streams.audio:
            raise MediaError(f"{path} has no sound track: {CURE}.")
        stream = choose_track(container, track, path)
        if stream.codec_context is None:
            raise MediaError(f"{path} holds sound in an unknown format: {CURE}.")
        yield container, stream
    finally:
        container.close()


def codec_name(stream: Any) -> str:
    """Return the codec of a stream. Ask before decoding: if that fails, PyAV 19 crashes here."""
    name: str = stream.codec_context.name
    return name.removesuffix("float")  # FFmpeg's "mp3float" is MP3


def no_sound(path: Path) -> MediaError:
    """Return the MediaError for an audio stream without samples."""
    return MediaError(f"{path} has a sound track without any sound in it: {CURE}.")


def chunks(container: Any, stream: Any, path: Path, mono: bool = True) -> Iterator[AudioChunk]:
    """Decode the stream in small pieces, mixed to mono or not; holes in time become silence."""
    pieces = _timed(container, stream, path)
    for piece in downmix_pieces(pieces) if mono else pieces:
        yield AudioChunk(piece.samples, piece.rate)


def _timed(container: Any, stream: Any, path: Path) -> Iterator[Piece]:
    """Decode the stream in small pieces; holes in time become silence."""
    lasted = 0.0
    latest = (container.duration or 0) / 1e6 or MAX_GAP
    for piece in keep_time(_pieces(container, stream, path), picture_start(container), latest):
        yield piece
        lasted += piece.seconds
        if lasted > LONGEST:
            raise MediaError(f"{path} lasts longer than {LONGEST / 3600:.0f} hours: cut it first.")


def _counted(pieces: Iterable[Piece], counts: dict[int, int]) -> Iterator[Piece]:
    """Add the samples of pieces that pass to those of their rate."""
    for piece in pieces:
        counts[piece.rate] = counts.get(piece.rate, 0) + piece.length
        yield piece


def picture_start(container: Any) -> float | None:
    """Return when the first moving picture is shown, s by the container's clock.

    None where it has none.
    """
    from av.stream import Disposition

    for stream in container.streams.video:
        if Disposition.attached_pic not in stream.disposition and stream.start_time is not None:
            return float(stream.start_time * stream.time_base)
    return None


def has_gaps(container: Any, stream: Any) -> bool:
    """Return whether packets are missing or overlap, from their times alone."""
    import av

    rate, size = stream.codec_context.rate, stream.codec_context.frame_size
    end: float | None = None
    with suppress(av.FFmpegError, ValueError):
        for packet in container.demux(stream):
            if not packet.size or packet.pts is None:
                continue
            time = float(packet.pts * packet.time_base)
            if end is not None and abs(time - end) > PACKET_TOLERANCE:
                return True
            lasts = float((packet.duration or 0) * packet.time_base) or size / max(rate, 1)
            end = time + lasts if lasts else None
    return False


def _pieces(container: Any, stream: Any, path: Path) -> Iterator[Piece]:
    """What can be decoded, with its times; what could not be is told at the end."""
    bad_packets = bad_samples = 0
    for frame in decoded_frames(container, stream):
        if frame is None:
            bad_packets += 1
            continue
        if not MIN_RATE <= frame.sample_rate <= MAX_RATE:
            raise MediaError(f"{path} claims an impossible rate of {frame.sample_rate} Hz: {CURE}.")
        samples, replaced = _to_float(frame)
        bad_samples += replaced
        yield Piece(samples, frame.sample_rate, frame.time, frame.layout)
    if bad_packets:
        log.warning("%s is damaged: %d pieces of its sound were skipped.", path, bad_packets)
    if bad_samples:
        log.warning("%s holds %d samples that are no numbers: now silence.", path, bad_samples)


def decoded_frames(container: Any, stream: Any) -> Iterator[Any]:
    """Yield the stream's frames with sound in them; None for a packet that could not be decoded."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except (av.FFmpegError, ValueError):
            yield None  # the container breaks off here: what came before is kept
            return
        try:
            frames = packet.decode()
        except (av.FFmpegError, ValueError):
            yield None
            continue
        yield from (frame for frame in frames if frame.samples and frame.sample_rate)


def _to_float(frame: Any) -> tuple[np.ndarray, int]:
    """Return a frame as float32 (channels, n), and how many samples were not finite (now 0)."""
    channels = frame.layout.nb_channels
    if frame.format.is_planar and channels >= MANY_PLANES:
        frame = _packed(frame)
    raw = frame.to_ndarray()
    values = raw if frame.format.is_planar else raw.reshape(-1, channels).T
    if values.dtype == np.uint8:
        return (values.astype(np.float32) - 128) / 128, 0
    if np.issubdtype(values.dtype, np.integer):
        return values.astype(np.float32) / np.float32(2 ** (8 * values.dtype.itemsize - 1)), 0
    values = values.astype(np.float32)
    finite = np.isfinite(values)
    bad = int(values.size - np.count_nonzero(finite))
    return (np.where(finite, values, np.float32(0)), bad) if bad else (values, 0)


def _packed(frame: Any) -> Any:
    """Return the same sound in a single plane."""
    import av

    packer = av.AudioResampler(frame.format.packed, frame.layout, frame.sample_rate)
    (packed,) = packer.resample(frame)
    return packed


def first_frame(container: Any, stream: Any, path: Path) -> Any:
    """Return the stream's first frame with sound; raises MediaError where there is none."""
    first = next((frame for frame in decoded_frames(container, stream) if frame), None)
    if first is None:
        raise no_sound(path)
    return first


def _resampled(path: Path, rate: int, track: TrackChoice) -> Iterator[np.ndarray]:
    """Yield the sound of `path` as mono float32 at `rate`, in pieces of any length."""
    with open_sound(path, track) as (container, stream):
        for piece in resample_channels(chunks(container, stream, path), rate, 1):
            yield np.clip(piece[0], -1.0, 1.0)
