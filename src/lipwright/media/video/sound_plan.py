"""How the sound of a video is written: what of it is copied, and what encoded at which rate.

Where the recording's codec fits the container its packets are copied, so the sound keeps its own
quality to the last bit; otherwise it is encoded at its own rate and channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import inf
from typing import Any, NamedTuple

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


def is_recorded(source: Any) -> bool:
    """Return whether all that is heard is in files, so that nobody has to wait for it."""
    if isinstance(source, Mix):
        return all(is_recorded(track.source) for track in source.tracks)
    return SoundFile.of(source) is not None


class Copying(NamedTuple):
    """Sound whose packets are taken over."""

    sound: SoundFile
    start: float
    """Seconds of the file that stand at zero."""
    seconds: float
    """Where it is cut off."""


class Encoding(NamedTuple):
    """Sound that is encoded."""

    blocks: Iterator[np.ndarray]
    """float32 (channels, n)."""
    rate: int
    """Hz."""
    layout: str
    kind: Container

    def add_stream(self, output: Any) -> Any:
        """Add a stream for it to an av output container."""
        assert self.kind.audio_codec is not None
        opus = self.kind.audio_codec == "libopus"
        target_rate = 48000 if opus or self.rate not in AAC_RATES else self.rate
        stream = output.add_stream(self.kind.audio_codec, rate=target_rate, layout=self.layout)
        context = stream.codec_context
        channels = context.channels
        rate_limit = 5 * target_rate * channels  # the encoders cannot use more at low rates
        wanted = 128_000 if channels == 1 else 96_000 * channels
        context.bit_rate = min(wanted, rate_limit, 512_000)
        return stream

    def packets(self, stream: Any) -> Iterator[tuple[float, list[Any]]]:
        """Encode all of it for such a stream, block by block.

        Yields how many samples the encoder has got, infinity at the end, and packets that it gave.
        """
        written = 0
        for block in self.blocks:
            made = stream.encode(self._frame(block, written))
            written += block.shape[1]
            yield written, made
        yield inf, stream.encode(None)

    def _frame(self, block: np.ndarray, first: int) -> Any:
        """An av frame of a block, float32 (channels, n), whose first sample has that number."""
        import av

        packed = np.ascontiguousarray(block.T).reshape(1, -1)  # PyAV fails with eight planes
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=self.layout)
        frame.sample_rate = self.rate
        frame.pts, frame.time_base = first, Fraction(1, self.rate)
        return frame

    def close(self) -> None:
        """Let go of the sound."""
        closer = getattr(self.blocks, "close", None)
        if closer is not None:
            closer()


def plan_sound(source: Any, kind: Container, seconds: float) -> Copying | Encoding:
    """Return how a sound is written into a container.

    source: as for `open_soundtrack`. seconds: where it is cut off. Raises MediaError if there is no
    sound.
    """
    if isinstance(source, Mix):
        mix = source.opened()
        return Encoding(_cut(mix.blocks(), seconds * mix.rate), mix.rate, mix.layout, kind)
    sound = SoundFile.of(source)
    if sound is None:
        blocks = _cut(_memory_blocks(source), seconds * source.rate)
        return Encoding(blocks, source.rate, "mono", kind)
    with decode.open_sound(sound.path, sound.track) as (container, stream):
        codec = decode.codec_name(stream)
        first = decode.first_frame(container, stream, sound.path)
        rate, layout, heard = first.sample_rate, first.layout.name, first.time or 0.0
        start = decode.picture_start(container)
        start = heard if start is None else start
    if codec in kind.copied and start - heard < EARLY and not _has_gaps(sound):
        return Copying(sound, start, seconds)
    layout = layout if layout in KEPT_LAYOUTS else "mono"
    blocks = _cut(_file_blocks(sound, rate, layout), seconds * rate)
    return Encoding(blocks, rate, layout, kind)


def _has_gaps(sound: SoundFile) -> bool:
    """Whether packets are missing: players differ in what they do then, so they are not copied."""
    with decode.open_sound(sound.path, sound.track) as (container, stream):
        return decode.has_gaps(container, stream)


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
