"""Speech from a microphone or another program on a session's clock.

Its sound is late by as much as it takes to hear what the lips do meanwhile.
"""

from __future__ import annotations

import threading
from collections import deque
from queue import SimpleQueue
from typing import Any

import numpy as np

from lipwright.articulation.columns import RATE as ROW_RATE
from lipwright.articulation.curves import CHANNELS, Articulation
from lipwright.articulation.ear import SAMPLE_RATE
from lipwright.articulation.live import DELAY, LiveArticulator
from lipwright.core.worker_thread import WorkerThread
from lipwright.pipeline.live.spoken_track import TrackBlock

COMPUTING = 0.02
"""Seconds that the networks may take for the last rows."""
FIRST_WAIT = 0.04
"""Seconds of sound that are there before it is played: pieces do not come at even times."""
LONGEST_LAG = 0.25
"""Seconds of a live source's sound that may wait; what is older is dropped."""
REST_AFTER = 2.0
"""Seconds without sound after which nothing is listened to any more."""
KEPT_ROWS = 150
LOADING = 10.0
"""Seconds that are waited at the end for networks that are just being loaded."""


class HeardTrack:
    """Sound goes in as it comes, and comes out `delay` later with the curves of the lips."""

    def __init__(self, rate: int) -> None:
        """rate: samples per second of what comes out, Hz."""
        self._rate = rate
        self._delay = round((DELAY + COMPUTING) * rate)
        self._resamplers: dict[int, Any] = {}
        self._ear = _Ear(rate)
        self._live = False
        self.clear()

    def clear(self) -> None:
        """Drop everything that was not played yet."""
        self._waiting: deque[np.ndarray] = deque()
        self._held = 0
        self._playing, self._waited = False, 0
        self._late = np.zeros(self._delay, np.float32)
        self._silent = self._delay
        self._resamplers.clear()
        self._ear.restart()
        self._heard_before = 0  # samples that were taken since the ear began
        self._asleep = True

    @property
    def seconds(self) -> float:
        """How much sound waits to be played, s."""
        return self._held / self._rate

    @property
    def busy(self) -> bool:
        """Whether something is heard, or will be."""
        return self._held > 0 or self._silent < self._delay

    def add(self, samples: np.ndarray, rate: int, live: bool) -> None:
        """Add sound, mono float32 (n,) at `rate` Hz.

        live: from a microphone: what comes too late is dropped, not said later and later.
        """
        if self._asleep and not samples.any():
            return
        ready = self._resampled(samples, rate)
        if ready.size:
            self._waiting.append(ready)
            self._held += len(ready)
        self._live = live

    def take(self, count: int, offsets: np.ndarray) -> TrackBlock:
        """Play `count` samples.

        offsets: float64 (n,), s from their start, of the rows that are wanted.
        """
        fresh = self._fresh(count)
        if self._asleep:
            empty = np.zeros((len(offsets), len(CHANNELS)), np.float32)
            return TrackBlock(np.zeros(count, np.float32), empty, False)
        self._ear.listen(fresh)
        joined = np.concatenate([self._late, fresh])
        played, self._late = joined[:count], joined[count:]
        start = (self._heard_before - self._delay) / self._rate
        self._heard_before += count
        rows = self._ear.rows_at(start + offsets)
        self._rest_if_silent(fresh)
        return TrackBlock(played, rows, bool(played.any()))

    @property
    def caught_up(self) -> bool:
        """Whether the networks have heard all that was taken."""
        return self._ear.caught_up

    def close(self) -> None:
        """Stop listening."""
        self._ear.close()

    def _resampled(self, samples: np.ndarray, rate: int) -> np.ndarray:
        if rate == self._rate:
            return samples
        if rate not in self._resamplers:
            import soxr

            self._resamplers.clear()
            self._resamplers[rate] = soxr.ResampleStream(rate, self._rate, 1, "float32")
        ready: np.ndarray = self._resamplers[rate].resample_chunk(samples)
        return ready

    def _fresh(self, count: int) -> np.ndarray:
        """The next samples of what came in, silence where nothing is there."""
        waits = self._held > 0 and not self._playing
        self._waited = self._waited + count if waits else 0
        if waits and max(self._held, self._waited) >= FIRST_WAIT * self._rate:
            self._playing = True
            self._wake()
        if self._playing and self._live and self._held > LONGEST_LAG * self._rate:
            self._draw(self._held - round(FIRST_WAIT * self._rate))
        if not self._playing:
            return np.zeros(count, np.float32)
        found = self._draw(count)
        self._playing = self._held > 0
        return np.pad(found, (0, count - len(found)))

    def _draw(self, count: int) -> np.ndarray:
        found: list[np.ndarray] = []
        while count > 0 and self._waiting:
            piece = self._waiting.popleft()
            if len(piece) > count:
                self._waiting.appendleft(piece[count:])
                piece = piece[:count]
            found.append(piece)
            count -= len(piece)
            self._held -= len(piece)
        return np.concatenate([np.zeros(0, np.float32), *found])

    def _wake(self) -> None:
        if self._asleep:
            self._asleep, self._silent = False, self._delay
            self._late = np.zeros(self._delay, np.float32)

    def _rest_if_silent(self, fresh: np.ndarray) -> None:
        self._silent = 0 if fresh.any() else self._silent + len(fresh)
        if self._silent > self._delay + REST_AFTER * self._rate:
            self.clear()


class _Ear:
    """The networks, in a thread of their own: they would hold up frames."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._inbox: SimpleQueue[np.ndarray | int | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._turn = 0  # restarted so many times: rows of earlier turns are dropped
        self._rows = np.zeros((0, len(CHANNELS)), np.float32)
        self._first = 0
        self._thread: WorkerThread | None = None
        self._asked = self._done = 0

    @property
    def caught_up(self) -> bool:
        return self._done == self._asked

    def listen(self, samples: np.ndarray) -> None:
        if self._thread is None:
            self._thread = WorkerThread(self._work, "lipwright-ear", daemon=True)
            self._thread.start()
        self._asked += 1
        self._inbox.put(samples)

    def restart(self) -> None:
        with self._lock:
            self._turn += 1
            self._rows, self._first = self._rows[:0], 0
        self._inbox.put(self._turn)

    def close(self) -> None:
        self._inbox.put(None)
        if self._thread is not None:
            self._thread.wait(LOADING)

    def rows_at(self, times: np.ndarray) -> np.ndarray:
        """The curves at times (n,) since the ear began, s; the last ones where it is behind."""
        with self._lock:
            rows, first = self._rows, self._first
        last = (first + len(rows) - 1) / ROW_RATE
        return Articulation(ROW_RATE, rows, first).at(np.minimum(times, last))

    def _work(self) -> None:
        import soxr

        articulator, turn = LiveArticulator(), 0
        resampler = soxr.ResampleStream(self._rate, SAMPLE_RATE, 1, "float32")
        while (given := self._inbox.get()) is not None:
            if isinstance(given, int):
                turn = given
                articulator.restart()
                resampler = soxr.ResampleStream(self._rate, SAMPLE_RATE, 1, "float32")
                continue
            rows = articulator.push(resampler.resample_chunk(given))
            with self._lock:
                if turn == self._turn:
                    kept = np.concatenate([self._rows, rows])
                    spare = max(0, len(kept) - KEPT_ROWS)
                    self._rows, self._first = kept[spare:], self._first + spare
            self._done += 1
