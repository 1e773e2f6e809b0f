"""When a voice speaks, pauses and stresses, as the movement of its mouth tells.

Every moment is found from the values up to a fraction of a second after it (`STRESS_AHEAD`,
`PAUSE`), so that all moments which can matter at a time are known `FORESIGHT` after it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

import numpy as np

FORESIGHT = 0.3
"""Seconds: nothing later than this after a moment decides what is done in it."""
PAUSE = 0.25  # s of quiet that end a phrase
QUIET = 0.08  # mouth widths of jaw and lips together
SMOOTHING = 0.10  # s
STRESS_BEHIND, STRESS_AHEAD = 0.40, 0.12  # s within which nothing exceeds a stress
LEAD = 0.12
"""Seconds before a stress at which it is surely known: with `STRESS_AHEAD` and the smoothing less
than `FORESIGHT`."""
USUAL_PEAK = 0.30  # mouth widths; of articulated speech 0.28 to 0.34
PEAKS_HEARD = 32
HEARING_TIME = 20.0  # s within which a voice's peaks are its measure
USUAL_WEIGHT = 4  # how many peaks the usual one counts for
STRENGTHS = (0.75, 1.45)
"""Shares of the voice's own peaks from which a stress counts for anything, and for all."""


@dataclass(frozen=True)
class VoiceMoments:
    """Stresses and phrases of a voice: times in s, in order; strengths in [0, 1]."""

    stress_times: list[float] = field(default_factory=list)
    stress_strengths: list[float] = field(default_factory=list)
    phrase_starts: list[float] = field(default_factory=list)
    phrase_ends: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, activity: np.ndarray, rate: float, first: int = 0) -> VoiceMoments:
        """Find the moments in the mouth's activity, float32 (n,) in mouth widths at `rate` Hz.

        Values that are not finite count as silence. first: the number of the first value.
        """
        activity = np.nan_to_num(np.asarray(activity, np.float64), posinf=0, neginf=0).clip(0)
        if len(activity) < 3:
            return cls()
        peaks, strengths = _find_stresses(_smoothed(activity, rate), rate)
        starts, ends = _find_phrases(activity, rate)
        peaks, starts, ends = ((found + first) / rate for found in (peaks, starts, ends))
        return cls(peaks.tolist(), strengths.tolist(), starts.tolist(), ends.tolist())

    def stresses_between(self, begin: float, end: float) -> list[tuple[float, float]]:
        """Return (time, strength) of the stresses from `begin` to before `end`, s."""
        times = self.stress_times
        found = slice(bisect_left(times, begin), bisect_left(times, end))
        return list(zip(times[found], self.stress_strengths[found], strict=True))

    def starts_between(self, begin: float, end: float) -> list[float]:
        """Return the phrase starts from `begin` to before `end`, s."""
        return _between(self.phrase_starts, begin, end)

    def ends_between(self, begin: float, end: float) -> list[float]:
        """Return the phrase ends from `begin` to before `end`, s."""
        return _between(self.phrase_ends, begin, end)

    def is_speaking(self, time: float) -> bool:
        """Return whether `time` lies within a phrase."""
        started = bisect_right(self.phrase_starts, time)
        ended = bisect_right(self.phrase_ends, time)
        if not ended:
            return started > 0
        return started > 0 and self.phrase_starts[started - 1] >= self.phrase_ends[ended - 1]


def _between(times: list[float], begin: float, end: float) -> list[float]:
    return times[bisect_left(times, begin) : bisect_left(times, end)]


def _smoothed(activity: np.ndarray, rate: float) -> np.ndarray:
    """Return the activity smoothed over `SMOOTHING`; each value is the same in any excerpt."""
    reach = max(1, round(SMOOTHING * rate / 2))
    kernel = np.hanning(2 * reach + 3)[1:-1]
    padded = np.pad(activity, reach)
    smooth = np.zeros(len(activity))
    for shift, weight in enumerate(kernel / kernel.sum()):
        smooth += weight * padded[shift : shift + len(activity)]
    return smooth


def _find_stresses(smooth: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Return places (n,) and strengths (n,) in [0, 1] of the peaks that count."""
    middle = smooth[1:-1]
    rising, falling = middle > smooth[:-2], middle >= smooth[2:]
    peaks = 1 + np.flatnonzero(rising & falling & (middle > QUIET))
    heights = smooth[peaks]
    shares = heights / _usual_heights(peaks, heights, rate)
    strengths = (shares - STRENGTHS[0]) / (STRENGTHS[1] - STRENGTHS[0])
    strengths = strengths.clip(0, 1)
    behind, ahead = round(STRESS_BEHIND * rate), round(STRESS_AHEAD * rate)
    kept = [
        number
        for number, peak in enumerate(peaks)
        if strengths[number] > 0
        and heights[number] >= smooth[max(0, peak - behind) : peak + ahead + 1].max()
    ]
    return peaks[kept], strengths[kept]


def _usual_heights(peaks: np.ndarray, heights: np.ndarray, rate: float) -> np.ndarray:
    """Return (n,): how high the peaks up to each one were on average, mouth widths."""
    numbers = np.arange(len(peaks))[:, None] - np.arange(PEAKS_HEARD)
    heard = numbers >= 0
    numbers = np.maximum(numbers, 0)
    heard &= peaks[:, None] - peaks[numbers] <= HEARING_TIME * rate
    total = np.where(heard, heights[numbers], 0.0).sum(axis=1) + USUAL_WEIGHT * USUAL_PEAK
    usual: np.ndarray = total / (heard.sum(axis=1) + USUAL_WEIGHT)
    return usual


def _find_phrases(activity: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Return where phrases start and end; quiet of less than `PAUSE` does not end one."""
    quiet = np.concatenate([[True], activity < QUIET, [True]])
    changes = np.diff(quiet.astype(np.int8))
    begins, ends = np.flatnonzero(changes == -1), np.flatnonzero(changes == 1)
    is_pause = begins[1:] - ends[:-1] >= PAUSE * rate
    return begins[np.append(True, is_pause)[: len(begins)]], ends[
        np.append(is_pause, True)[: len(ends)]
    ]
