"""From sound alone to articulator curves: any voice, any language.

Small convolution networks read log-mel frames with 172 ms of look-ahead; they were trained on
tracked lips of the GRID corpus and on synthesised speech with exact phones. How far the lips open
is what real ones would do; the finer channels are the phones'. The networks also decide where the
lips are shut, where the lower lip is tucked and where nobody speaks; those decisions close the
mouth for certain, with the same code that serves phones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from lipwright.articulation import constraints
from lipwright.articulation import network as network
from lipwright.articulation.curves import CHANNELS, Articulation
from lipwright.articulation.log_mel import (
    LEVEL_FLOOR,
    MEL_BANDS,
    SAMPLE_RATE,
    LogMelStream,
    RunningNormaliser,
)

RATE = network.OUTPUT_RATE
WARM_UP_FRAMES = 1000
"""So much of a recording (10 s) is listened to before the first frame is answered."""

_OPENING_GAIN = 1.18
"""A network that errs little on average moves too little; this gives the movement back its size."""
_REAL_CHIN_SHARE = 0.6
"""How much of the jaw follows the network's idea of real chins, the rest that of phones."""
_REAL_WIDTH_SHARE = 0.8
"""Real lips round little, and who watches misses it: so the phones have a say in the width."""
_WIDTH_GAIN = 1.5
_PHONES_NARROWER = 0.05
"""The mean of real widths less that of the phones', over the training material."""
_NARROWEST, _WIDEST = -0.25, 0.1
# How much wider spreading, and narrower rounding, opening and the jaw make the drawn mouth, as the
# face tracker sees it: medians over twelve portraits that moved at random.
_SPREAD_WIDTH, _ROUND_WIDTH, _OPENING_WIDTH, _JAW_WIDTH = 0.95, 1.05, 0.147, 0.139
_CLOSED_ABOVE = 0.4
_TUCKED_ABOVE = 0.5
_SPEAKING_ABOVE = 0.7
_SPEAKING_WINDOW = 9
"""Rows over which somebody has to speak on average: a click or a breath is no speech."""
_SHORTEST_SPEECH = 0.14
_SHORTEST_SILENCE = 0.10
_REST_LATER, _REST_FLANK = 0.16, 0.12
_SHORTEST_CLOSURE, _CLOSURE_FLANK = 0.042, 0.03
_SMOOTHING = 0.012
_USUAL_LEVEL = -1.5
_GREATEST_GAIN = 4.0

_JAW, _GAP, _SPREAD, _ROUND, _RAISE, _DROP, _PRESS, _TUCK, _TIP = range(len(CHANNELS))
_LIMITS = np.array([0.4, 0.45, 0.08, 0.22, 0.12, 0.12, 1.0, 1.0, 1.5])


class AudioArticulator:
    """The streaming half: samples at 16 kHz in, raw rows of the network out.

    With `warm`, the first 10 s are kept back until level and mean of the voice are known from
    them; without, it answers 172 ms after the sound and gets to know the voice as it goes.
    """

    def __init__(self, *, warm: bool = True) -> None:
        self._model = network.ArticulationModel()
        self._spectra = LogMelStream()
        self._normaliser = RunningNormaliser(self._model.prior)
        self._waiting: np.ndarray | None = np.zeros((0, MEL_BANDS), np.float32) if warm else None
        self._gain = 0.0

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Return rows, float32 (T, COLUMNS) at 50 Hz, that can be answered by now."""
        return self._answer(self._spectra.push(samples))

    def finish(self) -> np.ndarray:
        """Return the rest of the rows, float32 (T, COLUMNS)."""
        rows = [self._answer(self._spectra.finish())]
        if self._waiting is not None:
            rows.append(self._begin())
        rows.append(self._model.finish())
        return np.concatenate(rows)

    def _answer(self, log_mel: np.ndarray) -> np.ndarray:
        if self._waiting is None:
            return self._model.push(self._normaliser.push(log_mel + self._gain))
        self._waiting = np.concatenate([self._waiting, log_mel])
        if len(self._waiting) < WARM_UP_FRAMES:
            return np.zeros((0, network.COLUMNS), np.float32)
        return self._begin()

    def _begin(self) -> np.ndarray:
        waiting, self._waiting = self._waiting, None
        assert waiting is not None
        heard = waiting[:WARM_UP_FRAMES]
        self._gain = _gain_for(heard)
        self._normaliser.warm_up(heard + self._gain)
        return self._answer(waiting)


def _gain_for(log_mel: np.ndarray) -> float:
    """What to add to a recording that was made too quietly (natural logarithm of amplitude)."""
    if not len(log_mel):
        return 0.0
    loud = float(np.percentile(log_mel.mean(axis=1), 95))
    if loud < LEVEL_FLOOR - 1.5:
        return 0.0
    return min(max(_USUAL_LEVEL - loud, 0.0), _GREATEST_GAIN)


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
    """Return the network's rows, cut or filled with silence to last `duration` seconds.

    rows: float32 (T, COLUMNS), and so is what is returned. first: the number of the first one;
    row i stands at i / 50 seconds.
    """
    count = int(np.ceil(max(0.0, duration) * RATE - 1e-6)) + 1 - first
    answered = rows[:count]
    padding = np.zeros((count - len(answered), network.COLUMNS), np.float32)
    return np.concatenate([answered, padding])


def shape_rows(rows: np.ndarray, first: int = 0) -> np.ndarray:
    """Turn the network's rows (T, network.COLUMNS) at 50 Hz into curves float64 (T, 9).

    first: the number of the first row, where those before are not known any more.
    """
    curves = _blend(rows.astype(np.float64))
    curves = constraints.gaussian_smooth(curves, RATE, _SMOOTHING)
    count = len(curves)
    closing = np.maximum(rows[:, network.CLOSED], rows[:, network.CONTACT])
    tucking = rows[:, network.TUCKED]
    tucked = _runs((tucking > _TUCKED_ABOVE) & (tucking >= closing))
    constraints.tuck_lip(
        curves,
        constraints.window_weights(
            count, RATE, [(start, end, 0.05, 0.05, 0.95) for start, end in tucked]
        ),
    )
    silent = constraints.runs(~_speaks(rows[:, network.SPEAKING]))
    resting = constraints.window_weights(count, RATE, _rest_windows(silent, count, first))
    constraints.rest(curves, resting)
    closed = _runs((closing > _CLOSED_ABOVE) & (closing > tucking))
    constraints.close_lips(
        curves, constraints.window_weights(count, RATE, _closure_windows(closed))
    )
    constraints.limit_lips(curves, RATE)
    _set_width(curves, rows[:, network.REAL_WIDTH], resting)
    return curves


def _set_width(curves: np.ndarray, real: np.ndarray, resting: np.ndarray) -> None:
    """Pull the corners until the mouth is as wide as real lips mostly and phones partly want.

    In place, first by rounding less. `real`: the network's idea of a real mouth's width, (T,).
    """
    opening = curves[:, _GAP] + curves[:, _DROP]
    narrowing = _OPENING_WIDTH * opening + _JAW_WIDTH * curves[:, _JAW]
    corners = _SPREAD_WIDTH * curves[:, _SPREAD] - _ROUND_WIDTH * curves[:, _ROUND]
    phones = corners - narrowing + _PHONES_NARROWER
    wanted = _WIDTH_GAIN * (_REAL_WIDTH_SHARE * real + (1 - _REAL_WIDTH_SHARE) * phones)
    wanted = np.clip((1 - resting) * wanted, _NARROWEST, _WIDEST)
    change = wanted + narrowing - corners
    wider, narrower = np.maximum(change, 0.0), np.maximum(-change, 0.0)
    unrounded = np.minimum(wider / _ROUND_WIDTH, curves[:, _ROUND])
    curves[:, _SPREAD] += (wider - _ROUND_WIDTH * unrounded) / _SPREAD_WIDTH
    curves[:, _ROUND] += narrower / _ROUND_WIDTH - unrounded


def _speaks(probability: np.ndarray) -> np.ndarray:
    """When somebody speaks, bool (T,), without bursts too short for a syllable."""
    half = _SPEAKING_WINDOW // 2
    padded = np.pad(probability.astype(np.float64), half, mode="edge")
    mean = np.convolve(padded, np.full(_SPEAKING_WINDOW, 1 / _SPEAKING_WINDOW), "valid")
    speaks = mean > _SPEAKING_ABOVE
    for first, last in constraints.runs(speaks):
        if (last - first) / RATE < _SHORTEST_SPEECH:
            speaks[first : last + 1] = False
    return speaks


def _closure_windows(
    closed: list[tuple[float, float]],
) -> list[tuple[float, float, float, float, float]]:
    """When the lips are shut: never shorter than a frame of 25, or no frame might show it."""
    windows = []
    for start, end in closed:
        more = max(0.0, (_SHORTEST_CLOSURE - (end - start)) / 2)
        windows.append((start - more, end + more, _CLOSURE_FLANK, _CLOSURE_FLANK, 1.0))
    return windows


def _rest_windows(
    silent: list[tuple[int, int]], count: int, first: int
) -> list[tuple[float, float, float, float, float]]:
    """When the mouth rests: pauses of some length, and all silence at the recording's two ends.

    silent: first and last row of each stretch of silence, counted from row number `first`.
    """
    windows = []
    for begin, last in silent:
        at_start, at_end = begin <= 0, last >= count - 1
        # rounding decides on a pause that is just long enough: the same way from wherever seen
        length = (first + last) / RATE - (first + begin) / RATE
        if at_start or at_end or length >= _SHORTEST_SILENCE:
            start = begin / RATE + (0.0 if at_start else _REST_LATER)
            end = last / RATE - (0.0 if at_end else _REST_LATER)
            windows.append((start, max(start, end), _REST_FLANK, _REST_FLANK, 1.0))
    return windows


def _blend(rows: np.ndarray) -> np.ndarray:
    """The nine channels, moved so far that opening and jaw are those of real lips."""
    curves: np.ndarray = np.clip(rows[:, : len(CHANNELS)], 0.0, _LIMITS)
    curves[:, _SPREAD] = np.clip(rows[:, _SPREAD], -0.02, _LIMITS[_SPREAD])
    opening = curves[:, _GAP] + curves[:, _DROP]
    wanted = _OPENING_GAIN * np.maximum(rows[:, network.REAL_OPENING], 0.0)
    ratio = wanted / np.maximum(opening, 0.02)
    curves[:, _DROP] = np.minimum(curves[:, _DROP] * np.clip(ratio, 0.5, 1.5), 0.6 * wanted)
    curves[:, _GAP] = wanted - curves[:, _DROP]
    curves[:, _RAISE] *= np.clip(ratio, 0.3, 1.5)
    chin = np.maximum(rows[:, network.REAL_CHIN], 0.0)
    curves[:, _JAW] = (1 - _REAL_CHIN_SHARE) * curves[:, _JAW] + _REAL_CHIN_SHARE * chin
    return curves


def _runs(mask: np.ndarray) -> list[tuple[float, float]]:
    """First and last time (s) of each stretch of true rows."""
    return [(first / RATE, last / RATE) for first, last in constraints.runs(mask)]
