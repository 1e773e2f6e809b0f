"""Mix sounds as a stream: several speeches, or the video's own sound under a new one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lipwright.media.audio import decode
from lipwright.media.audio.downmix import mix_to_stereo
from lipwright.media.audio.limiter import Limiter
from lipwright.media.audio.loop_and_fade import faded, passes
from lipwright.media.audio.resample import resample_channels
from lipwright.media.audio.tracks import SoundFile

STEP = 4096  # samples mixed at a time
BEST_RATE = 96_000
CEILING = 10 ** (-0.1 / 20)
"""No sample of a mix is larger."""
QUIETEST, LOUDEST = -60.0, 12.0
"""Decibels by which a video's own sound may be changed."""


@dataclass(frozen=True)
class Track:
    """One sound of a mix."""

    source: Any
    """The path of an audio or video file, one of its tracks (a `SoundFile`), or a Speech."""
    gain_db: float = 0.0
    start: float = 0.0
    """Time of its first sample in the mix (s); what would lie before zero is dropped."""
    under: bool = False
    """Whether it is background: the mix ends without waiting for it."""
    period: float | None = None
    """Seconds after which it starts again."""
    end: float | None = None
    """Seconds at which it has faded out."""


@dataclass(frozen=True)
class Mix:
    """The sum of some tracks, at the highest of their rates, in stereo where one of them is.

    It lasts as long as the longest track that is not `under` the others. Where the sum would be too
    loud it is turned down around the peaks, so that nothing clips.
    """

    tracks: tuple[Track, ...]

    def opened(self) -> OpenMix:
        """Probe the tracks. Raises MediaError for one without sound."""
        kinds = [_kind_of(track.source) for track in self.tracks]
        rate = min(BEST_RATE, max(rate for rate, _ in kinds))
        return OpenMix(self.tracks, rate, 2 if any(many for _, many in kinds) else 1)


@dataclass(frozen=True)
class OpenMix:
    """A mix whose rate (Hz) and channels (1 or 2) are known."""

    tracks: tuple[Track, ...]
    rate: int
    channels: int

    @property
    def layout(self) -> str:
        """FFmpeg's name of the channels."""
        return "mono" if self.channels == 1 else "stereo"

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield the mix as float32 (channels, n); memory does not grow with its length."""
        limiter = Limiter(CEILING)
        for mixed in self._sums():
            ready = limiter.push(mixed)
            if ready.size:
                yield ready
        yield limiter.finish()

    def _sums(self) -> Iterator[np.ndarray]:
        leading = [_Feed(self._sound(track)) for track in self.tracks if not track.under]
        under = [_Feed(self._sound(track)) for track in self.tracks if track.under]
        while taken := max((feed.ready(STEP) for feed in leading), default=0):
            mixed = np.zeros((self.channels, taken), np.float32)
            for feed in (*leading, *under):
                feed.add_to(mixed)
            yield mixed

    def _sound(self, track: Track) -> Iterator[np.ndarray]:
        """Yield one track from zero on, with its gain, repeats and fade."""
        rate = self.rate
        if track.period is None:
            pieces = self._placed(track)
        else:
            pieces = passes(lambda: self._placed(track), round(track.period * rate), rate)
        if track.end is not None:
            pieces = faded(pieces, round(track.end * rate), rate)
        gain = np.float32(10 ** (track.gain_db / 20))
        return pieces if gain == 1 else (piece * gain for piece in pieces)

    def _placed(self, track: Track) -> Iterator[np.ndarray]:
        """Yield the track's sound after silence, or without what stands before zero."""
        offset = round(track.start * self.rate)
        if offset > 0:
            yield from _silence(self.channels, offset)
        missing = max(0, -offset)
        for piece in _pieces(track.source, self.rate, self.channels):
            kept = piece[:, missing:]
            missing -= piece.shape[1] - kept.shape[1]
            if kept.size:
                yield kept


class _Feed:
    """Pieces of any length, taken a given number of samples at a time."""

    def __init__(self, pieces: Iterator[np.ndarray]) -> None:
        self._pieces = pieces
        self._held: list[np.ndarray] = []

    def ready(self, count: int) -> int:
        """Return how many samples can be taken at once: `count`, or fewer at the end."""
        there: int = sum(piece.shape[1] for piece in self._held)
        while there < count and (piece := next(self._pieces, None)) is not None:
            self._held.append(piece)
            there += piece.shape[1]
        return min(there, count)

    def add_to(self, mixed: np.ndarray) -> None:
        """Add samples to an array (channels, n) in place, as many as fit or as there are."""
        place, end = 0, self.ready(mixed.shape[1])
        while place < end:
            piece = self._held.pop(0)
            used = min(piece.shape[1], end - place)
            mixed[:, place : place + used] += piece[:, :used]
            if used < piece.shape[1]:
                self._held.insert(0, piece[:, used:])
            place += used


def _kind_of(source: Any) -> tuple[int, bool]:
    """Return the samples per second, and whether there are several channels."""
    sound = SoundFile.of(source)
    if sound is None:
        return int(source.rate), False
    with decode.open_sound(sound.path, sound.track) as (container, stream):
        first = decode.first_frame(container, stream, sound.path)
        return first.sample_rate, first.layout.nb_channels > 1


def _pieces(source: Any, rate: int, channels: int) -> Iterator[np.ndarray]:
    """Yield sound as float32 (channels, n) at `rate`, finite."""
    sound = SoundFile.of(source)
    if sound is not None:
        yield from _file_pieces(sound, rate, channels)
        return
    for piece in source.blocks(rate, STEP / rate):
        yield np.repeat(piece[None], channels, axis=0)


def _file_pieces(sound: SoundFile, rate: int, channels: int) -> Iterator[np.ndarray]:
    with decode.open_sound(sound.path, sound.track) as (container, stream):
        layout = stream.codec_context.layout
        chunks = decode.chunks(container, stream, sound.path, mono=channels == 1)
        wanted = (
            (mix_to_stereo(samples, layout) if channels == 2 else samples, own)
            for samples, own in chunks
        )
        yield from resample_channels(wanted, rate, channels)


def _silence(channels: int, count: int) -> Iterable[np.ndarray]:
    while count > 0:
        length = min(count, STEP)
        yield np.zeros((channels, length), np.float32)
        count -= length
