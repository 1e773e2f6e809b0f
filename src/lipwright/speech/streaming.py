"""A speech that can be used while it is still being spoken or recorded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from lipwright.core.cancellation import check_cancelled
from lipwright.core.worker_thread import WorkerThread
from lipwright.media.audio.blocks import fixed_blocks
from lipwright.media.audio.resample import resample_pieces
from lipwright.speech.speech import Phone, Speech, Word, check_rate, check_samples

T = TypeVar("T")

WAIT_SECONDS = 0.1
"""How often somebody who waits looks whether the work was cancelled."""
PIECE_SECONDS = 0.02
"""Length of the pieces in which sound alone is passed on: whatever size it comes in, whoever hears
it computes the same to the last bit."""


@dataclass(frozen=True)
class SpeechChunk:
    """A stretch of speech with the pause after it."""

    samples: np.ndarray
    """Mono float32 (n,)."""
    rate: int
    start: float
    """Seconds from the start of the speech."""
    phones: tuple[Phone, ...] | None
    """Times count from the start of the speech; None where only the sound is known. () says that
    nobody speaks: of a pause, not of all chunks of a speech that can be heard."""
    done: float
    """How much of the speech is there after this chunk, 0 to 1; 0 where nobody knows."""


class StreamingSpeech(Speech):
    """Spoken in a thread of its own, and usable like any `Speech` all the while.

    `prefixes` and `blocks` give what there is and wait for more; all else waits for the end. What
    goes wrong in the thread is raised where somebody waits. Its sound is kept to the end, 4 bytes a
    sample.
    """

    _speaker: _Speaker

    def __init__(
        self,
        chunks: Iterable[SpeechChunk],
        rate: int,
        finish: Callable[[Speech], Speech] | None = None,
        progress: Callable[[float], None] | None = None,
        stop: Callable[[], None] | None = None,
    ) -> None:
        """Begin to speak, in a thread of its own.

        Args:
            chunks: the speech, a chunk at a time, taken in the thread. All have phones, or none.
                Where not one of them has a phone, and there is sound, phones count as not known.
            rate: samples per second of all chunks.
            finish: adds to the whole speech what can only be told at the end. Called in the thread.
            progress: called with the part done, 0 to 1, in the thread.
            stop: lets the chunk in work fail soon; called when it is cancelled, in that thread.
        """
        object.__setattr__(self, "_speaker", _Speaker(chunks, rate, finish, progress, stop))

    @classmethod
    def from_pieces(cls, pieces: Iterable[np.ndarray], rate: int) -> StreamingSpeech:
        """Listen to sound that is still arriving: from a microphone, a decoder, the network.

        The lips are moved by the sound alone, 1.0 to 1.3 s behind it. Where the pieces are cut
        changes nothing.

        Args:
            pieces: mono float32 (n,) in [-1, 1], of any sizes, taken in the thread.
            rate: samples per second.

        Raises:
            MediaError: the rate is not positive; where somebody waits: there was no sound, or
                pieces have several channels or values that are no numbers.
        """
        check_rate(rate)
        return cls(_sound_chunks(pieces, int(rate)), int(rate))

    def prefixes(self) -> Iterator[tuple[Speech, bool]]:
        """Yield the speech so far, again when there is more; True with the whole."""
        for stage in self._speaker.each(self._speaker.stages):
            yield self._speaker.speech_at(stage), False
        yield self.result(), True

    def blocks(self, rate: int, seconds: float = 10.0) -> Iterator[NDArray[np.float32]]:
        """Yield mono float32 (n,) pieces, resampled to `rate` (Hz), as they are spoken."""
        return resample_pieces(self._speaker.each(self._speaker.sound), self.rate, rate)

    @property
    def expected_duration(self) -> float:
        """Seconds it will last, as far as one can tell."""
        return self._speaker.expected_duration()

    def result(self) -> Speech:
        """Return the whole speech, once it is spoken."""
        return self._speaker.result()

    def cancel(self) -> None:
        """Speak no further than the chunk in work, if that; whoever waits is told so."""
        self._speaker.cancel()

    @property
    def rate(self) -> int:
        """Samples per second."""
        return self._speaker.rate

    @property
    def path(self) -> None:
        """None: it is no file."""
        return None

    @property
    def duration(self) -> float:
        """Seconds; waits for the end."""
        return self.result().duration

    @property
    def phones(self) -> tuple[Phone, ...] | None:
        """What is said when; waits for the end."""
        return self.result().phones

    @property
    def words(self) -> tuple[Word, ...] | None:
        """The words and their times; waits for the end."""
        return self.result().words

    @property
    def transcript(self) -> str:
        """The text that was spoken; waits for the end."""
        return self.result().transcript

    @property
    def samples(self) -> NDArray[np.float32]:
        """All of it, mono float32 (n,); waits for the end."""
        return self.result().samples


def _sound_chunks(pieces: Iterable[np.ndarray], rate: int) -> Iterator[SpeechChunk]:
    """Chunks of sound alone."""
    samples = 0
    size = max(1, round(PIECE_SECONDS * rate))
    for block in fixed_blocks(map(check_samples, pieces), size):
        yield SpeechChunk(block, rate, samples / rate, None, 0.0)
        samples += len(block)


class _Stage(NamedTuple):
    """How far the speech has come: with phones of its own each, a long speech would fill memory."""

    samples: int
    phones: int


class _Speaker:
    """The thread, and what it has spoken so far."""

    def __init__(
        self,
        chunks: Iterable[SpeechChunk],
        rate: int,
        finish: Callable[[Speech], Speech] | None,
        progress: Callable[[float], None] | None,
        stop: Callable[[], None] | None = None,
    ) -> None:
        self.rate = rate
        self._stop = stop
        self.stages: list[_Stage] = []
        self.sound: list[np.ndarray] = []
        self._phones: list[Phone] | None = None
        self._finish, self._progress = finish, progress
        self._changed = threading.Condition()
        self._done = 0.0
        self._whole: Speech | None = None
        self._failure: BaseException | None = None
        self._cancelled = threading.Event()
        self._thread = WorkerThread(
            partial(copy_context().run, self._work, chunks), "lipwright-speech", daemon=True
        )
        self._thread.start()

    def each(self, items: Sequence[T]) -> Iterator[T]:
        """Yield the items of a list that grows, as they come, until it grows no more."""
        number = 0
        while self._wait_for(lambda: len(items) > number):  # noqa: B023
            yield items[number]
            number += 1

    def speech_at(self, stage: _Stage) -> Speech:
        phones = None if self._phones is None else tuple(self._phones[: stage.phones])
        return Speech(rate=self.rate, duration=stage.samples / self.rate, phones=phones)

    def result(self) -> Speech:
        self._wait_for(lambda: False)
        assert self._whole is not None
        return self._whole

    def expected_duration(self) -> float:
        with self._changed:
            if self._whole is not None:
                return self._whole.duration
            spoken = self.stages[-1].samples / self.rate if self.stages else 0.0
            return spoken / self._done if self._done else spoken

    def cancel(self) -> None:
        self._cancelled.set()
        if self._stop is not None:
            self._stop()
        self._thread.wait()

    def _wait_for(self, there: Callable[[], bool]) -> bool:
        """Waits until something is there, or the end. Raises what went wrong."""
        with self._changed:
            while not self._changed.wait_for(lambda: there() or self._ended(), WAIT_SECONDS):
                check_cancelled()
            check_cancelled()
            if self._failure is not None:
                raise self._failure
            return there()

    def _ended(self) -> bool:
        return self._whole is not None or self._failure is not None

    def _work(self, chunks: Iterable[SpeechChunk]) -> None:
        try:
            for chunk in chunks:
                check_cancelled()
                if self._cancelled.is_set():
                    raise RuntimeError("the speech was cancelled before its end")
                self._add(chunk)
            sound = np.concatenate(self.sound or [np.zeros(0, np.float32)])
            # lips that stay shut while somebody is heard help nobody
            phones = None if not self._phones and sound.any() else self._phones
            whole = Speech.from_samples(sound, self.rate, phones)
            self._keep_sound_once(whole)
            self._end(whole if self._finish is None else self._finish(whole), None)
        except BaseException as error:  # handed to whoever waits
            self._end(None, error)

    def _add(self, chunk: SpeechChunk) -> None:
        with self._changed:
            spoken = self.stages[-1].samples if self.stages else 0
            self._add_phones(chunk.phones)
            self.sound.append(chunk.samples)
            self.stages.append(_Stage(spoken + chunk.samples.size, len(self._phones or ())))
            self._done = chunk.done
            self._changed.notify_all()
        if self._progress is not None:
            self._progress(chunk.done)

    def _add_phones(self, phones: tuple[Phone, ...] | None) -> None:
        if not self.stages and phones is not None:
            self._phones = []
        if (phones is None) != (self._phones is None):
            raise ValueError("only some chunks have phones: give them to all, or to none")
        if self._phones is not None:
            self._phones.extend(phones or ())

    def _keep_sound_once(self, whole: Speech) -> None:
        """The chunks become parts of the whole: an hour of speech takes 0.6 GB."""
        ends = [stage.samples for stage in self.stages]
        self.sound[:] = np.split(whole.samples, ends[:-1])

    def _end(self, whole: Speech | None, failure: BaseException | None) -> None:
        with self._changed:
            self._whole, self._failure = whole, failure
            self._changed.notify_all()
