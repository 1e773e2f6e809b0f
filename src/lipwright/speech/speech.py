"""What a voice says: samples in memory or a sound file on disk, and when each sound is spoken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lipwright.core.errors import MediaError, UsageError
from lipwright.media.audio.resample import resample_pieces
from lipwright.media.audio.tracks import TrackChoice

INTEGERS = ("int8", "int16", "int32", "uint8", "uint16")
"""Types of samples that are of full range."""


class Phone(NamedTuple):
    """One spoken symbol and its time.

    ``symbol`` is one character of Kokoro's IPA alphabet. Stress marks (ˈ ˌ), the length mark (ː),
    the space and punctuation are entries of their own, with a duration of their own.
    """

    start: float
    """Seconds from the start of the speech."""
    end: float
    """Seconds; never before ``start``."""
    symbol: str


class Word(NamedTuple):
    """One written word and the time in which it is spoken."""

    start: float
    """Seconds from the start of the speech."""
    end: float
    """Seconds; never before ``start``."""
    text: str
    """As in the transcript, punctuation included: "INR 5,053." is two words."""


@dataclass(frozen=True, eq=False)
class Speech:
    """A voice, from memory (``from_samples``) or from a file (``from_file``).

    A file is decoded on demand: use ``blocks`` and an hour of speech is never in memory at once.
    Sound that is still arriving is a ``StreamingSpeech``.
    """

    rate: int
    """Samples per second of ``samples`` (a file: its own rate)."""
    duration: float
    """Length in seconds."""
    phones: tuple[Phone, ...] | None = None
    """What is said when, in order and without overlap; None when only the sound is known."""
    words: tuple[Word, ...] | None = None
    """The words of the transcript and their times, in order; None when they are not known."""
    transcript: str = ""
    """The text that was spoken, where it is known."""
    path: Path | None = None
    """The sound file, for a speech that lives on disk."""
    track: TrackChoice = None
    """Which of its sound tracks: a number from 1 on, or a language; None for the default one."""
    _memory: np.ndarray | None = field(default=None, repr=False)

    @classmethod
    def from_samples(
        cls,
        samples: np.ndarray,
        rate: int,
        phones: Sequence[Phone] | None = None,
        transcript: str = "",
        words: Sequence[Word] | None = None,
    ) -> Speech:
        """Wrap mono samples, float32 (n,) in [-1, 1], or integers (int16 (n,)) of full range.

        Raises:
            MediaError: no samples, more than one channel, values that are no numbers, or a rate
                that is not positive.
        """
        memory = check_samples(samples)
        if memory.size == 0:
            raise MediaError("The speech is empty: give at least one sample.")
        check_rate(rate)
        memory = memory.view()
        memory.flags.writeable = False
        return cls(
            rate=int(rate),
            duration=memory.size / rate,
            phones=None if phones is None else tuple(phones),
            words=None if words is None else tuple(words),
            transcript=transcript,
            _memory=memory,
        )

    @classmethod
    def from_file(cls, path: str | Path, track: TrackChoice = None) -> Speech:
        """Point at a sound file (or the sound of a video, from its first picture on).

        All of it is decoded here once, because what a header says of the length is not to be
        trusted, and nothing is kept; ``blocks`` and ``samples`` decode it again. ``track`` is the
        number, from 1 on, or the language of one of several sound tracks; None takes the default.

        Raises:
            MediaError: the file cannot be read, or there is no sound in it.
            UsageError: there is no such track.
        """
        from lipwright.media.audio.decode import probe_audio

        path = Path(path)
        info = probe_audio(path, track)
        return cls(int(info.rate), float(info.duration), path=path, track=track)

    @classmethod
    def from_bytes(cls, content: bytes, track: TrackChoice = None) -> Speech:
        """Read a sound file from memory; it is decoded at once. Arguments as for `from_file`.

        Raises:
            MediaError: it cannot be read, or there is no sound in it.
            UsageError: there is no such track.
        """
        import os
        import tempfile

        handle, name = tempfile.mkstemp(prefix="lipwright-sound-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            spoken = cls.from_file(name, track)
            return cls.from_samples(spoken.samples, spoken.rate)
        except MediaError as error:
            raise MediaError(str(error).replace(name, "The sound")) from None
        finally:
            os.unlink(name)

    @property
    def samples(self) -> NDArray[np.float32]:
        """All of it: mono float32, shape (n,), at ``rate``. Decodes the file each time."""
        if self._memory is not None:
            return self._memory
        blocks = list(self.blocks(self.rate))
        return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)

    @property
    def expected_duration(self) -> float:
        """Seconds it will last, as far as one can tell: exact once the whole of it is known."""
        return self.duration

    def prefixes(self) -> Iterator[tuple[Speech, bool]]:
        """Yield the speech as far as it is known, again when there is more; True with the whole."""
        yield self, True

    def blocks(self, rate: int, seconds: float = 10.0) -> Iterator[NDArray[np.float32]]:
        """Yield mono float32 (n,) pieces of at most about ``seconds`` each, at ``rate``."""
        if rate <= 0 or seconds <= 0:
            raise ValueError("rate and seconds must be positive")
        if self._memory is None:
            from lipwright.media.audio.decode import decode_blocks

            if self.path is None:
                raise TypeError("a Speech is made by from_samples or from_file")
            yield from decode_blocks(self.path, rate, seconds, self.track)
            return
        pieces = _cut(self._memory, max(1, int(seconds * self.rate)))
        yield from resample_pieces(pieces, self.rate, rate)


def check_samples(samples: np.ndarray) -> np.ndarray:
    """Return mono samples as float32 (n,) in [-1, 1]; integers are scaled by their range.

    samples: float (n,) in [-1, 1], or integers such as int16 (n,) of full range, uint8 around 128.

    Raises MediaError for several channels, NaN or inf, UsageError for what is no array of numbers.
    """
    try:
        given = np.asarray(samples)
    except ValueError:  # lists of different lengths
        given = np.asarray(None)
    if given.dtype.kind != "f" and given.dtype.name not in INTEGERS:
        raise UsageError(
            f"Samples of the type {given.dtype} cannot be heard: give float32 (n,) in [-1, 1], or "
            "int16."
        )
    checked = np.ascontiguousarray(_scaled(given), dtype=np.float32)
    if np.ndim(samples) != 1:
        raise MediaError(
            f"Speech samples must be mono, shape (n,), but have shape {np.shape(samples)}: "
            "average the channels first."
        )
    if not np.isfinite(checked).all():
        raise MediaError(
            "The speech has samples that are not numbers (NaN or infinite): mend the recording."
        )
    return checked


def _scaled(samples: np.ndarray) -> np.ndarray:
    """Samples as they are, integers of arrays divided by the range of their type."""
    if samples.dtype.kind == "f":
        return samples
    half = 2.0 ** (8 * samples.dtype.itemsize - 1)
    scaled: np.ndarray = samples / half - (1.0 if samples.dtype.kind == "u" else 0.0)
    return scaled


def check_rate(rate: int) -> None:
    """Raise MediaError for a sample rate that is not positive."""
    if rate <= 0:
        raise MediaError(f"A sample rate of {rate} is impossible: give samples per second.")


def _cut(samples: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for start in range(0, samples.size, size):
        yield samples[start : start + size]
