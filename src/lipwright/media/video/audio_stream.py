"""The sound of a video file, written in step with its pictures so that memory stays flat.

Where the recording's codec fits the container its packets are copied, so the sound keeps its own
quality to the last bit; otherwise it is encoded at its own rate and channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from lipwright.core.peek import peek
from lipwright.media.audio import decode
from lipwright.media.audio.mixer import Mix
from lipwright.media.audio.resample import resample_channels
from lipwright.media.audio.tracks import SoundFile
from lipwright.media.video.containers import Container

AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)
KEPT_LAYOUTS = ("mono", "stereo", "5.1", "5.1(side)", "7.1")
EARLY = 0.02
"""Seconds before the first picture from which on sound is cut rather than copied: players do not
agree on what a negative time means."""
BLOCK = 1024  # samples handed to the encoder at a time


class Soundtrack(Protocol):
    """Something that adds the sound of a video, a stretch at a time."""

    def advance(self, until: float) -> None:
        """Write the sound up to `until` (s), or to its end."""
        """Write all sound that starts before `until` seconds."""

    def close(self) -> None:
        """Let go of the sound."""
        """Let go of the recording."""


def open_soundtrack(
    source: Any, output: Any, kind: Container, seconds: float = float("inf")
) -> Soundtrack:
    """Add a sound stream for `source` to the av output container `output`.

    `source` is the path of a sound or video file, an object such as Speech: with a `path` (and a
    `track`), or with `samples` (mono float, [-1, 1]) and `rate`; or a `Mix`. Raises MediaError if
    it has no sound.
    """
    if isinstance(source, Mix):
        mix = source.opened()
        blocks = _cut(mix.blocks(), seconds * mix.rate)
        return EncodedSoundtrack(blocks, mix.rate, mix.layout, output, kind)
    sound = SoundFile.of(source)
    if sound is None:
        blocks = _cut(_memory_blocks(source), seconds * source.rate)
        return EncodedSoundtrack(blocks, source.rate, "mono", output, kind)
    with decode.open_sound(sound.path, sound.track) as (container, stream):
        codec = decode.codec_name(stream)
        first = decode.first_frame(container, stream, sound.path)
        rate, layout, heard = first.sample_rate, first.layout.name, first.time or 0.0
        start = decode.picture_start(container)
        start = heard if start is None else start
    if codec in kind.copied and start - heard < EARLY and not _has_gaps(sound):
        return CopiedSoundtrack(sound, start, output, seconds)
    layout = layout if layout in KEPT_LAYOUTS else "mono"
    blocks = _cut(_file_blocks(sound, rate, layout), seconds * rate)
    return EncodedSoundtrack(blocks, rate, layout, output, kind)


def _has_gaps(sound: SoundFile) -> bool:
    """Whether packets are missing: players differ in what they do then, so they are not copied."""
    with decode.open_sound(sound.path, sound.track) as (container, stream):
        return decode.has_gaps(container, stream)


class CopiedSoundtrack:
    """Packets taken over from the recording, moved so that `start` stands at zero."""

    def __init__(self, sound: SoundFile, start: float, output: Any, seconds: float) -> None:
        self._seconds = seconds
        self._resources = ExitStack()
        opened = decode.open_sound(sound.path, sound.track)
        container, stream = self._resources.enter_context(opened)
        self._packets = container.demux(stream)
        self._output = output
        self._stream = output.add_stream_from_template(stream)
        self._shift = round(start / stream.time_base)
        self._last_dts: int | None = None
        self._waiting: Any = None

    def advance(self, until: float) -> None:
        """Write the sound up to `until` (s), or to its end."""
        while (packet := self._next()) is not None:
            if packet.dts * packet.time_base >= min(until, self._seconds):
                return
            self._waiting = None
            packet.stream = self._stream
            self._output.mux(packet)

    def close(self) -> None:
        """Let go of the sound."""
        self._resources.close()

    def _next(self) -> Any:
        """The packet to be written next, None at the end; time stamps never run backwards."""
        import av

        while self._waiting is None:
            try:
                packet = next(self._packets)
            except (StopIteration, av.FFmpegError):
                return None
            if packet.dts is None or not packet.size:
                continue
            packet.dts -= self._shift
            packet.pts = packet.dts
            if self._last_dts is None or packet.dts > self._last_dts:
                self._last_dts = packet.dts
                self._waiting = packet
        return self._waiting


class EncodedSoundtrack:
    """Sound encoded with the container's own codec."""

    def __init__(
        self, blocks: Iterator[np.ndarray], rate: int, layout: str, output: Any, kind: Container
    ) -> None:
        """Open the codec. blocks: float32 (channels, n) at `rate` Hz."""
        assert kind.audio_codec is not None
        self._blocks = blocks
        self._rate, self._layout = rate, layout
        self._output = output
        self._written = 0  # samples handed to the encoder
        self._finished = False
        opus = kind.audio_codec == "libopus"
        target_rate = 48000 if opus or rate not in AAC_RATES else rate
        self._stream = output.add_stream(kind.audio_codec, rate=target_rate, layout=layout)
        context = self._stream.codec_context
        channels = context.channels
        rate_limit = 5 * target_rate * channels  # the encoders cannot use more at low rates
        wanted = 128_000 if channels == 1 else 96_000 * channels
        context.bit_rate = min(wanted, rate_limit, 512_000)

    def advance(self, until: float) -> None:
        """Write the sound up to `until` (s), or to its end."""
        import av

        while not self._finished and self._written < until * self._rate:
            block = next(self._blocks, None)
            if block is None:
                self._finished = True
                self._output.mux(self._stream.encode(None))
                return
            packed = np.ascontiguousarray(block.T).reshape(1, -1)  # PyAV fails with eight planes
            frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=self._layout)
            frame.sample_rate = self._rate
            frame.pts = self._written
            frame.time_base = Fraction(1, self._rate)
            self._written += block.shape[1]
            self._output.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Let go of the sound."""
        closer = getattr(self._blocks, "close", None)
        if closer is not None:
            closer()


def _cut(blocks: Iterator[np.ndarray], samples: float) -> Iterator[np.ndarray]:
    """The first so many samples of blocks (channels, n)."""
    for block in blocks:
        if samples <= 0:
            return
        yield block if block.shape[1] <= samples else block[:, : int(samples)]
        samples -= block.shape[1]


def _memory_blocks(speech: Any) -> Iterator[np.ndarray]:
    pieces = speech.blocks(speech.rate) if hasattr(speech, "blocks") else [speech.samples]
    for piece in pieces:
        samples = np.asarray(piece, np.float32)
        samples = np.clip(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0), -1.0, 1.0)
        for start in range(0, len(samples), BLOCK):
            yield np.ascontiguousarray(samples[None, start : start + BLOCK])


def _file_blocks(sound: SoundFile, rate: int, layout: str) -> Iterator[np.ndarray]:
    """Sound of a file as float32 (channels, n) at `rate`, whatever changes in it midway."""
    with decode.open_sound(sound.path, sound.track) as (container, stream):
        pieces = decode.chunks(container, stream, sound.path, mono=layout == "mono")
        first, pieces = peek(pieces)
        if first is None:
            return
        channels = len(first.samples)
        whole = ((_with_channels(p.samples, channels), p.rate) for p in pieces)
        for samples in resample_channels(whole, rate, channels):
            yield np.ascontiguousarray(np.clip(samples, -1.0, 1.0))


def _with_channels(samples: np.ndarray, channels: int) -> np.ndarray:
    """A piece (n channels, m) as it is, or its mean in each of `channels`."""
    if len(samples) == channels:
        return samples
    return np.repeat(samples.mean(axis=0, keepdims=True), channels, axis=0)
