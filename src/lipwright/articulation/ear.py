"""The ear: the first layers of a speech recogniser's encoder, over windows of sound.

What a recogniser knows about sounds it learned from very many people, which no corpus of filmed
lips has. The network is that of Moonshine tiny (Jeffries et al. 2024, arXiv:2410.15608; MIT), made
by training/articulation/convert_ear.py. A window answers for the rows in its middle. Where windows
begin depends on the sound's start alone: so the result is the same however the sound is cut into
blocks, and memory does not grow with its length.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lipwright.articulation.columns import RATE
from lipwright.core.assets import read_asset
from lipwright.core.onnx import open_session

MODEL_NAME = "ear.onnx"
# Made by training/articulation/convert_ear.py.
MODEL_SHA256 = "78fe8f6f80000d62d0706f7e7b5407710ab08c505e0a36fce91c59c1aefff9d2"
SAMPLE_RATE = 16_000
WIDTH = 576
"""Values a row: those of two layers."""
FRAME = 0.024
"""Seconds between frames of the network; frame k stands at (k + 0.5) * FRAME."""
MARGIN_ROWS = 50
"""Silence before the sound and, offline, on either side of what a window answers for."""
_PER_ROW = round(SAMPLE_RATE / RATE)
_USUAL_LEVEL = 0.2
_LEAST_LEVEL = 1e-3
"""What is weaker (95 % of the samples below -60 dB) is not made any louder."""
_LEVEL_HALVING = 8.0
"""Seconds in which what is taken for the level of the speech halves at most: pauses stay quiet."""


class WindowShape(NamedTuple):
    """How a sound is cut into windows, in rows of 20 ms."""

    past: int
    """So much before the rows that a window answers for, once there is so much."""
    core: int
    """So many rows it answers for."""
    ahead: int
    """So much after them."""


WHOLE = WindowShape(past=MARGIN_ROWS, core=400, ahead=MARGIN_ROWS)
"""For a recording: windows of 10 s."""
LIVE = WindowShape(past=100, core=10, ahead=15)
"""For sound that is arriving: every 0.2 s, with 2 s of what was, and 0.3 s of what comes."""


class Window(NamedTuple):
    """A window of sound, and for which of its rows it answers."""

    samples: np.ndarray
    """float32 (n,) at 16 kHz."""
    level: float
    """Of the speech, as `measure_level` has it."""
    first: int
    """The first row that it answers for."""
    after: int
    """The row after the last one."""


class Heard(NamedTuple):
    """What is heard at the rows of one window."""

    features: np.ndarray
    """float32 (T, WIDTH)."""
    loudness: np.ndarray
    """float32 (T,): root mean square of each row's 20 ms, speech being about 0.1."""


class Ear:
    """The network; one for each thread."""

    def __init__(self) -> None:
        network = read_asset("lipwright.articulation", MODEL_NAME, MODEL_SHA256)
        self._session = open_session(network, keeps_memory=False)

    def hear(self, samples: np.ndarray, level: float) -> Heard:
        """Return what is heard in a window.

        samples: float32 (T * 320,) at 16 kHz; row i stands at its sample i * 320. level: that of
        the speech, as `measure_level` has it.
        """
        scaled = (samples * (_USUAL_LEVEL / level)).astype(np.float32)
        count = len(scaled) // _PER_ROW
        frames = self._session.run(None, {"samples": scaled[None]})[0][0]
        power = np.square(scaled[: count * _PER_ROW]).reshape(count, _PER_ROW).mean(axis=1)
        return Heard(_at_rows(frames, count), np.sqrt(power))


def _at_rows(frames: np.ndarray, count: int) -> np.ndarray:
    """Frames (K, WIDTH) at the times of `count` rows, linearly between them."""
    places = np.arange(count) / RATE / FRAME - 0.5
    below = np.clip(np.floor(places).astype(np.int64), 0, len(frames) - 2)
    share = np.clip(places - below, 0.0, 1.0)[:, None].astype(np.float32)
    result: np.ndarray = frames[below] * (1 - share) + frames[below + 1] * share
    return result


def measure_level(samples: np.ndarray, before: float = 0.0) -> float:
    """Return how loud the speech in a window is: amplitude that 95 % of its samples are below.

    samples: float32 (n,). before: the least that it is taken to be.
    """
    loud = float(np.percentile(np.abs(samples), 95)) if len(samples) else 0.0
    return max(loud, before, _LEAST_LEVEL)


class WindowStream:
    """Samples in blocks of any size in, windows out."""

    def __init__(self, shape: WindowShape = WHOLE) -> None:
        self._shape = shape
        self._past = MARGIN_ROWS
        self._held = np.zeros(MARGIN_ROWS * _PER_ROW, np.float32)
        self._level = 0.0
        self._decay = 0.5 ** (shape.core / RATE / _LEVEL_HALVING)

    def push(self, samples: np.ndarray) -> Iterator[Window]:
        """Yield the windows that are whole by now. samples: float32 (n,) at 16 kHz."""
        self._held = np.concatenate([self._held, samples.astype(np.float32)])
        shape = self._shape
        while len(self._held) >= (self._past + shape.core + shape.ahead) * _PER_ROW:
            yield self._cut(shape.core)
            self._forget(shape.core)

    def finish(self) -> Iterator[Window]:
        """Yield the last window, with silence after it, where anything is left."""
        rows = -(-len(self._held) // _PER_ROW) - self._past
        if rows <= 0:
            return
        size = (self._past + rows + self._shape.ahead) * _PER_ROW
        self._held = np.pad(self._held, (0, size - len(self._held)))
        yield self._cut(rows)

    def _cut(self, rows: int) -> Window:
        window = self._held[: (self._past + rows + self._shape.ahead) * _PER_ROW]
        self._level = measure_level(window, self._decay * self._level)
        return Window(window, self._level, self._past, self._past + rows)

    def _forget(self, rows: int) -> None:
        past = min(self._past + rows, self._shape.past)
        self._held = self._held[(self._past + rows - past) * _PER_ROW :].copy()
        self._past = past
