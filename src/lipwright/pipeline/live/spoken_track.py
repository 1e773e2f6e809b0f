"""Texts that are spoken one after the other on a session's clock: sound and curves."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np

from lipwright.articulation.curves import CHANNELS, Articulation

CHANGE_SECONDS = 0.1
"""Within so long curves that are already followed go over into those that replace them."""


class TrackBlock(NamedTuple):
    """Some sound of a track and what the lips do meanwhile."""

    samples: np.ndarray
    """Mono float32 (n,)."""
    rows: np.ndarray
    """float32 (T, 9): one for each time that was asked for."""
    heard: bool
    """Whether any of it is the track's."""


class _Curves(NamedTuple):
    articulation: Articulation
    changed: float
    """The time (s) from which on they replace those before."""


class _Utterance:
    """One text, as far as it is spoken."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._sound: deque[np.ndarray] = deque()
        self._curves: list[_Curves] = []
        self.held = 0  # samples that are there and not yet played
        self.played = 0
        self.whole = False

    @property
    def over(self) -> bool:
        return self.whole and not self.held

    def add(self, samples: np.ndarray, curves: Articulation) -> None:
        self._sound.append(samples)
        self.held += len(samples)
        now = self.played / self._rate
        changed = max(now, curves.first / curves.rate)
        self._curves = [*self._curves[-1:], _Curves(curves, changed)]

    def take(self, count: int) -> np.ndarray:
        """Return up to `count` samples."""
        found: list[np.ndarray] = []
        while count and self._sound:
            piece = self._sound.popleft()
            if len(piece) > count:
                self._sound.appendleft(piece[count:])
                piece = piece[:count]
            found.append(piece)
            count -= len(piece)
        samples = np.concatenate([np.zeros(0, np.float32), *found])
        self.held -= len(samples)
        self.played += len(samples)
        return samples

    def rows_at(self, times: np.ndarray) -> np.ndarray:
        """Return the curves at times (n,) of the text, s: float32 (n, 9)."""
        if not self._curves:
            return np.zeros((len(times), len(CHANNELS)), np.float32)
        rows = self._curves[0].articulation.at(times)
        for curves, changed in self._curves[1:]:
            share = np.clip((times - changed) / CHANGE_SECONDS, 0.0, 1.0)[:, None]
            rows = (rows * (1 - share) + curves.at(times) * share).astype(np.float32)
        return rows


class SpokenTrack:
    """What is to be said, in order; silence where nothing is there yet."""

    def __init__(self, rate: int) -> None:
        """rate: samples per second, Hz."""
        self._rate = rate
        self._texts: dict[int, _Utterance] = {}

    @property
    def seconds(self) -> float:
        """How much is there that was not played yet."""
        return sum(text.held for text in self._texts.values()) / self._rate

    @property
    def busy(self) -> bool:
        """Whether something is being said, or will be."""
        return bool(self._texts)

    def add(self, number: int, samples: np.ndarray, curves: Articulation) -> None:
        """Add to a text: samples float32 (n,) that follow, and curves from `curves.first` on."""
        self._texts.setdefault(number, _Utterance(self._rate)).add(samples, curves)

    def finish(self, number: int) -> None:
        """Say that a text has been added to its end."""
        if number in self._texts:
            self._texts[number].whole = True

    def clear(self) -> None:
        """Drop everything."""
        self._texts.clear()

    def take(self, count: int, offsets: np.ndarray) -> TrackBlock:
        """Play `count` samples.

        offsets: float64 (n,), s from their start, of the rows that are wanted.
        """
        samples = np.zeros(count, np.float32)
        rows = np.zeros((len(offsets), len(CHANNELS)), np.float32)
        done, heard = 0, False
        while done < count and (number := next(iter(self._texts), None)) is not None:
            text = self._texts[number]
            start = text.played / self._rate
            got = text.take(count - done)
            end = done + len(got)
            samples[done:end] = got
            heard = heard or len(got) > 0
            inside = offsets * self._rate >= done
            # where more is still to come the lips stay as the last sound left them
            times = np.minimum(
                offsets[inside] - done / self._rate + start, text.played / self._rate
            )
            rows[inside] = text.rows_at(times)
            done = end
            if not text.over:
                break
            del self._texts[number]
        return TrackBlock(samples, rows, heard)
