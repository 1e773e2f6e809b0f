"""From the networks' rows to curves: decisions shut the mouth, and no lip outruns its speed.

How far the lips open is what real ones would do; the finer channels are the phones'. Closures, a
tucked lip and silence are decisions, and close the mouth for certain, with the same code that
serves phones.
"""

from __future__ import annotations

import numpy as np

from lipwright.articulation import columns, constraints
from lipwright.articulation.columns import RATE
from lipwright.articulation.curves import CHANNELS
from lipwright.articulation.mouth_width import ROUND_WIDTH, SPREAD_WIDTH, mouth_width

_OPENING_GAIN = 1.65
"""A network that errs little on average moves too little; this gives the movement back its size."""
_HARDLY_OPEN = 0.055
"""And never says that lips are shut: openings up to this are none."""
_REAL_CHIN_SHARE = 0.6
"""How much of the jaw follows the network's idea of real chins, the rest that of phones."""
_WIDTH_GAIN = 1.5
_NARROWEST, _WIDEST = -0.25, 0.1
_CLOSED_ABOVE = 0.3
_TUCKED_ABOVE = 0.5
_SPEAKING_ABOVE = 0.75
_SPEAKING_WINDOW = 9
"""Rows over which somebody has to speak on average: a click or a breath is no speech."""
_SHORTEST_SPEECH = 0.14
_SHORTEST_SILENCE = 0.10
_REST_LATER, _REST_FLANK = 0.16, 0.12
_SHORTEST_CLOSURE, _CLOSURE_FLANK = 0.042, 0.02
_SMOOTHING = 0.012

_JAW, _GAP, _SPREAD, _ROUND, _RAISE, _DROP, _PRESS, _TUCK, _TIP = range(len(CHANNELS))
_LIMITS = np.array([0.4, 0.45, 0.08, 0.22, 0.12, 0.12, 1.0, 1.0, 1.5])


def shape_rows(rows: np.ndarray, first: int = 0) -> np.ndarray:
    """Turn the network's rows (T, columns.COLUMNS) at 50 Hz into curves float64 (T, 9).

    first: the number of the first row, where those before are not known any more.
    """
    curves = _blend(rows.astype(np.float64))
    curves = constraints.gaussian_smooth(curves, RATE, _SMOOTHING)
    count = len(curves)
    closing = np.maximum(rows[:, columns.CLOSED], rows[:, columns.CONTACT])
    tucking = rows[:, columns.TUCKED]
    tucked = _runs((tucking > _TUCKED_ABOVE) & (tucking >= closing))
    constraints.tuck_lip(
        curves,
        constraints.window_weights(
            count, RATE, [(start, end, 0.05, 0.05, 0.95) for start, end in tucked]
        ),
    )
    silent = constraints.runs(~_speaks(rows[:, columns.SPEAKING]))
    resting = constraints.window_weights(count, RATE, _rest_windows(silent, count, first))
    constraints.rest(curves, resting)
    closed = _runs((closing > _CLOSED_ABOVE) & (closing > tucking))
    constraints.close_lips(
        curves, constraints.window_weights(count, RATE, _closure_windows(closed))
    )
    constraints.limit_lips(curves, RATE)
    _set_width(curves, rows[:, columns.REAL_WIDTH], resting)
    return curves


def _set_width(curves: np.ndarray, real: np.ndarray, resting: np.ndarray) -> None:
    """Pull the corners until the mouth is as wide as a real one would be.

    In place, first by rounding less. `real`: the network's idea of a real mouth's width, (T,).
    """
    wanted = np.clip((1 - resting) * _WIDTH_GAIN * real, _NARROWEST, _WIDEST)
    change = wanted - mouth_width(curves)
    wider, narrower = np.maximum(change, 0.0), np.maximum(-change, 0.0)
    unrounded = np.minimum(wider / ROUND_WIDTH, curves[:, _ROUND])
    curves[:, _SPREAD] += (wider - ROUND_WIDTH * unrounded) / SPREAD_WIDTH
    curves[:, _ROUND] += narrower / ROUND_WIDTH - unrounded


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
    wanted = _OPENING_GAIN * np.maximum(rows[:, columns.REAL_OPENING] - _HARDLY_OPEN, 0.0)
    ratio = wanted / np.maximum(opening, 0.02)
    curves[:, _DROP] = np.minimum(curves[:, _DROP] * np.clip(ratio, 0.5, 1.5), 0.6 * wanted)
    curves[:, _GAP] = wanted - curves[:, _DROP]
    curves[:, _RAISE] *= np.clip(ratio, 0.3, 1.5)
    chin = np.maximum(rows[:, columns.REAL_CHIN], 0.0)
    curves[:, _JAW] = (1 - _REAL_CHIN_SHARE) * curves[:, _JAW] + _REAL_CHIN_SHARE * chin
    return curves


def _runs(mask: np.ndarray) -> list[tuple[float, float]]:
    """First and last time (s) of each stretch of true rows."""
    return [(first / RATE, last / RATE) for first, last in constraints.runs(mask)]
