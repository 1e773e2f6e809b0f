"""From phones with exact times to articulator curves.

Cohen and Massaro, "Modeling coarticulation in synthetic visual speech" (1993): every phone pulls
each articulator towards its own target with a dominance that falls off exponentially on both
sides of the phone; the curve is the mean of the targets, weighted by dominance. Anticipation,
and undershoot in fast speech, follow from the overlap. On top of it closures are made certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lipwright.articulation import constraints
from lipwright.articulation.curves import CHANNELS, Articulation
from lipwright.articulation.phone_segments import Segment, build_segments
from lipwright.articulation.viseme_targets import BILABIALS, LABIODENTALS, SILENCE, TARGETS, VOWELS

if TYPE_CHECKING:
    from lipwright.speech.speech import Phone

RATE = 100.0
"""Rows per second."""
LEAD = 0.03
"""Seconds by which the mouth runs ahead of the sound."""

# Channels whose dominance falls off alike: (columns, seconds before, seconds after).
_TIME_CONSTANTS: tuple[tuple[list[int], float, float], ...] = (
    ([CHANNELS.index(name) for name in ("jaw", "gap", "raise", "drop")], 0.060, 0.060),
    ([CHANNELS.index(name) for name in ("spread", "round")], 0.095, 0.075),
    ([CHANNELS.index(name) for name in ("press", "tuck", "tip")], 0.040, 0.040),
)
_SILENCE_TIME_CONSTANT = 0.05
_PLATEAU_SHARE = 0.55
_SILENCE_PLATEAU_SHARE = 0.85
_REACH = 0.6
"""Seconds beyond a phone's plateau where its dominance is no longer evaluated."""
_SMOOTHING = 0.016
_BATCH = 2000
_GAIN_COLUMNS = [CHANNELS.index(name) for name in ("jaw", "gap", "drop", "raise")]


def articulate_phones(
    phones: Sequence[Phone], duration: float, stressed: bool | None = None
) -> Articulation:
    """Return curves at 100 Hz for `duration` seconds of speech with the given phones.

    Symbols are Kokoro's (IPA, capitals for diphthongs); unknown ones count as a neutral vowel.
    stressed: as for `build_segments`. Memory grows with the length of the speech only.
    """
    segments = build_segments(phones, duration, stressed)
    count = int(np.ceil(max(0.0, duration) * RATE - 1e-6)) + 1
    curves = _blend_targets(segments, count)
    curves = constraints.gaussian_smooth(curves, RATE, _SMOOTHING)
    constraints.tuck_lip(curves, constraints.window_weights(count, RATE, tuck_windows(segments)))
    constraints.rest(curves, constraints.window_weights(count, RATE, silence_windows(segments)))
    constraints.close_lips(
        curves, constraints.window_weights(count, RATE, closure_windows(segments))
    )
    constraints.limit_lips(curves, RATE)
    return Articulation(RATE, curves.astype(np.float32))


def _blend_targets(segments: Sequence[Segment], count: int) -> np.ndarray:
    """The dominance-weighted mean of the targets, float64 (count, 9)."""
    weighted = np.zeros((len(CHANNELS), count))
    total = np.full((len(CHANNELS), count), 1e-6)
    for begin in range(0, len(segments), _BATCH):
        _add_batch(segments[begin : begin + _BATCH], count, weighted, total)
    result: np.ndarray = (weighted / total).T
    return result


def _add_batch(
    segments: Sequence[Segment], count: int, weighted: np.ndarray, total: np.ndarray
) -> None:
    """Add the dominance of some segments, each only in its own neighbourhood, in place."""
    rows = np.array([TARGETS.index[segment.symbol] for segment in segments])
    starts = np.array([segment.start for segment in segments])
    ends = np.array([segment.end for segment in segments])
    gains = np.array([segment.gain if segment.symbol in VOWELS else 1.0 for segment in segments])
    silent = rows == TARGETS.index[SILENCE]
    centres = (starts + ends) / 2 - LEAD
    plateaus = (ends - starts) / 2 * np.where(silent, _SILENCE_PLATEAU_SHARE, _PLATEAU_SHARE)

    first = np.clip(np.floor((centres - plateaus - _REACH) * RATE), 0, count).astype(np.int64)
    last = np.clip(np.ceil((centres + plateaus + _REACH) * RATE) + 1, 0, count).astype(np.int64)
    lengths = np.maximum(last - first, 0)
    if not lengths.sum():
        return
    owner = np.repeat(np.arange(len(segments)), lengths)
    offsets = np.repeat(first - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    frames = np.arange(len(owner)) + offsets
    low = int(frames.min())
    span = int(frames.max()) + 1 - low
    distance = frames / RATE - centres[owner]
    beyond = np.maximum(np.abs(distance) - plateaus[owner], 0.0)
    before = distance < 0

    for columns, seconds_before, seconds_after in _TIME_CONSTANTS:
        constants = np.where(before, seconds_before, seconds_after)
        constants[silent[owner]] = _SILENCE_TIME_CONSTANT
        falloff = np.exp(-beyond / constants)
        for column in columns:
            dominance = falloff * TARGETS.dominance[rows, column][owner]
            goal = TARGETS.positions[rows, column]
            if column in _GAIN_COLUMNS:
                goal = goal * gains
            total[column, low : low + span] += np.bincount(frames - low, dominance, span)
            weighted[column, low : low + span] += np.bincount(
                frames - low, dominance * goal[owner], span
            )


def closure_windows(segments: Sequence[Segment]) -> list[tuple[float, float, float, float, float]]:
    """Find when the lips must be shut for m, b, p: at least 50 ms, so that 25 fps show it.

    The lips meet before the sound stops and part shortly before the next sound begins; the ramps
    eat at most half of a neighbour.
    """
    windows = []
    index = 0
    while index < len(segments):
        if segments[index].symbol not in BILABIALS:
            index += 1
            continue
        run_end = index
        while run_end + 1 < len(segments) and segments[run_end + 1].symbol in BILABIALS:
            run_end += 1
        first, last = segments[index], segments[run_end]
        before = segments[index - 1]
        after = segments[min(run_end + 1, len(segments) - 1)]
        start = first.start - 0.015
        end = max((last.start + last.end) / 2 + 0.012, last.end - 0.025)
        start = min(start, end - 0.052)
        rise = float(np.clip(0.5 * (before.end - before.start), 0.030, 0.060))
        fall = float(np.clip(0.5 * (after.end - after.start), 0.035, 0.075))
        windows.append((start, end, rise, fall, 1.0))
        index = run_end + 1
    return windows


def tuck_windows(segments: Sequence[Segment]) -> list[tuple[float, float, float, float, float]]:
    """Return when the lower lip touches the upper teeth."""
    windows = []
    column = CHANNELS.index("tuck")
    for segment in segments:
        if segment.symbol not in LABIODENTALS:
            continue
        target = TARGETS.positions[TARGETS.index[segment.symbol]]
        half = max(segment.end - segment.start, 0.050) / 2
        centre = (segment.start + segment.end) / 2 - 0.5 * LEAD
        height = 0.75 if segment.symbol == "ʋ" else float(target[column])
        windows.append((centre - half, centre + half, 0.050, 0.050, height))
    return windows


def silence_windows(segments: Sequence[Segment]) -> list[tuple[float, float, float, float, float]]:
    """Find when the whole mouth rests: after the last sound has died, to just before the next."""
    windows = []
    for segment in segments:
        if segment.symbol != SILENCE:
            continue
        start, end = segment.start + 0.10, segment.end - 0.08
        if end > start:
            windows.append((start, end, 0.15, 0.10, 1.0))
    return windows
