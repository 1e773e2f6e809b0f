"""From sound alone to articulator curves: any voice, any language.

An ear that was trained on very many voices hears the sound in windows; small heads, trained on
tracked lips of the GRID corpus and on synthesised speech with exact phones, say what the lips do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from lipwright.articulation.columns import COLUMNS, RATE
from lipwright.articulation.curves import Articulation
from lipwright.articulation.ear import SAMPLE_RATE, WHOLE, WindowShape, WindowStream
from lipwright.articulation.heads import WindowReader
from lipwright.articulation.shaping import shape_rows


class AudioArticulator:
    """Samples at 16 kHz in, raw rows of the networks out, a window's at a time."""

    def __init__(self, shape: WindowShape = WHOLE) -> None:
        self._shape, self._windows = shape, WindowStream(shape)
        self._reader = WindowReader()

    def restart(self) -> None:
        """Forget what was heard, and listen to another sound."""
        self._windows = WindowStream(self._shape)

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Return rows, float32 (T, COLUMNS) at 50 Hz, that can be answered by now."""
        return _join([self._reader.read(window) for window in self._windows.push(samples)])

    def finish(self) -> np.ndarray:
        """Return the rest of the rows, float32 (T, COLUMNS)."""
        return _join([self._reader.read(window) for window in self._windows.finish()])


def _join(rows: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.zeros((0, COLUMNS), np.float32), *rows])


def articulate_audio(
    blocks: Iterable[np.ndarray],
    duration: float,
    *,
    progress: Callable[[float], None] | None = None,
) -> Articulation:
    """Return curves at 50 Hz for mono `blocks`, float32 (n,) at 16 kHz.

    duration: how long they last in all, s.

    The blocks may have any size; they are read once and not kept.
    """
    articulator = AudioArticulator()
    rows = []
    heard = 0
    for block in blocks:
        rows.append(articulator.push(block))
        heard += len(block)
        if progress is not None:
            progress(min(1.0, heard / SAMPLE_RATE / max(duration, 1e-3)))
    rows.append(articulator.finish())
    fitted = fit_rows(np.concatenate(rows), duration)
    return Articulation(RATE, shape_rows(fitted).astype(np.float32))


def fit_rows(rows: np.ndarray, duration: float, first: int = 0) -> np.ndarray:
    """Return the networks' rows, cut or filled with silence to last `duration` seconds.

    rows: float32 (T, COLUMNS), and so is what is returned. first: the number of the first one;
    row i stands at i / 50 seconds.
    """
    count = int(np.ceil(max(0.0, duration) * RATE - 1e-6)) + 1 - first
    answered = rows[:count]
    padding = np.zeros((count - len(answered), COLUMNS), np.float32)
    return np.concatenate([answered, padding])
