"""By how much the lips of a video are late against its own sound.

The lips that `articulate` hears in the sound are laid over those that a tracker saw, at lags of a
quarter of a frame: opening, width and chin, each without its slow changes, while somebody speaks.
The lag at which they agree best is the offset.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, sqrt

import numpy as np

from lipwright.articulation import Articulation, articulate
from lipwright.articulation.mouth_width import mouth_width
from lipwright.speech.speech import Speech

RATE = 16_000  # Hz
LONGEST, STEP = 0.42, 0.01
"""Seconds either way within which the offset is looked for, and the step of the search: offsets of
10 frames at 25 a second are inside, with a lag beyond them to see that the peak ends."""
SLOW = 0.4
"""Seconds (standard deviation): slower movement is left out, because sentences begin and end
alike."""
WEIGHTS = np.array([1.0, 0.5, 0.3])
"""What the correlations of opening, width and chin count: how well each is heard."""
AWAY = 0.12
"""Seconds from the peak at which it ends and a rival begins."""
SPEECH_LEVEL, SPEECH_MARGIN = 0.35, 0.12
"""Speech is what lies above this share of the way, in dB, from the quiet tenth to the loud end, and
so many seconds around it, in which lips open and close for it."""
MODULATION = 6.0
"""Decibels by which the loud end must be above the quiet tenth: a steady noise is no speech."""
LEAST_SPEECH = 1.0
"""Seconds of speech with lips in view below which nothing is said about an offset."""
PEAK_WEIGHT, RISE_WEIGHT, NEEDED = 11.4, 3.5, 10.2
"""The logistic model of the confidence; `benchmarks/offsets.py` fits it again."""
TRUSTED = 0.9
"""The confidence from which an offset is believed."""

_MOUTH = {"gap": (13, 14), "width": (61, 291), "chin": (6, 152)}
_EYES = (33, 263)


@dataclass(frozen=True)
class AvOffset:
    """The offset between the lips and the sound of a video.

    `confidence` is the probability that the offset is right to within 60 ms, by a logistic model of
    how high the peak of the correlation is and how far it rises above the best rival, both times
    the root of the seconds of speech (chance correlations shrink so), for material of which half
    has its own sound and half another's. It is 0 where there is too little speech or no peak.
    """

    seconds: float
    """Positive: the lips are late; lips at time t + seconds belong to the sound at time t."""
    frames: float
    """The same in frames of the video."""
    confidence: float
    """From 0 to 1."""

    @property
    def is_trusted(self) -> bool:
        """Whether the confidence is high enough for the offset to be believed."""
        return self.confidence >= TRUSTED

    @property
    def used(self) -> float:
        """Seconds to reckon with: 0 where the offset is unknown."""
        return self.seconds if self.is_trusted else 0.0

    def as_dict(self) -> dict[str, float | bool]:
        """Return all of it, ready for JSON."""
        return {
            "seconds": round(self.seconds, 3),
            "frames": round(self.frames, 2),
            "confidence": round(self.confidence, 3),
            "trusted": self.is_trusted,
        }


class HeardLips:
    """The lips that a sound lets expect, and when somebody speaks in it."""

    def __init__(self, sound: np.ndarray) -> None:
        """Sound: mono float32 (n,) at 16 kHz."""
        curves = articulate(Speech.from_samples(sound, RATE))
        self._times = np.arange(len(curves.curves)) / curves.rate
        self._lips = _without_slow(_expected(curves), SLOW * curves.rate)
        self._speaks = _speaking(sound, self._times, curves.rate)

    def at(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return gap, width, chin, float64 (n, 3), and whether somebody speaks, bool (n,)."""
        lips = np.stack([np.interp(times, self._times, row) for row in self._lips.T], axis=1)
        inside = (times >= 0) & (times <= self._times[-1])
        speaks = np.interp(times, self._times, self._speaks.astype(np.float64)) > 0.5
        return lips, inside & speaks


@dataclass(frozen=True, eq=False)
class Stretch:
    """Lips in view without a break, and those that are heard meanwhile."""

    times: np.ndarray
    """float64 (frames,): when each frame is shown, s from the first sample that was heard."""
    lips: np.ndarray
    """float64 (frames, 3) of `measure_lips`."""
    heard: HeardLips


@dataclass(frozen=True)
class Agreement:
    """What the cross-correlation of lips and sound shows; see `AvOffset`."""

    lag: float
    """Seconds at the peak."""
    peak: float
    """The correlation there."""
    rise: float
    """How far the peak is above all that is `AWAY` from it."""
    speech: float
    """Seconds of speech that were compared."""
    is_inside: bool
    """Whether the correlation falls on both sides of the peak."""

    @property
    def confidence(self) -> float:
        """See `AvOffset`."""
        if not self.is_inside or self.speech < LEAST_SPEECH:
            return 0.0
        evidence = (PEAK_WEIGHT * self.peak + RISE_WEIGHT * self.rise) * sqrt(self.speech)
        return 1 / (1 + exp(NEEDED - evidence))


def estimate_offset(stretches: Sequence[Stretch], fps: float) -> AvOffset:
    """Return the offset that all stretches have in common. fps: of the video, frames per second."""
    found = agreement(stretches)
    if found.confidence == 0:
        return AvOffset(0.0, 0.0, 0.0)
    return AvOffset(found.lag, found.lag * fps, found.confidence)


def measure_lips(landmarks: np.ndarray) -> np.ndarray:
    """Return gap, width and chin, float64 (T, 3), in distances of the outer eye corners.

    landmarks: (T, 478, 3), px. Distances are taken in three dimensions, so turning counts little.
    """
    points = landmarks.astype(np.float64)

    def distance(pair: tuple[int, int]) -> np.ndarray:
        apart: np.ndarray = np.linalg.norm(points[:, pair[0]] - points[:, pair[1]], axis=1)
        return apart

    mouth = np.stack([distance(pair) for pair in _MOUTH.values()], axis=1)
    measured: np.ndarray = mouth / distance(_EYES)[:, None]
    return measured


def agreement(stretches: Iterable[Stretch]) -> Agreement:
    """Correlate lips with sound at all lags and look at the peak."""
    lags = np.arange(round(-LONGEST / STEP), round(LONGEST / STEP) + 1) * STEP
    sums = np.zeros((len(lags), 3, 3))  # of lips * heard, lips ** 2, heard ** 2
    seconds = np.zeros(len(lags))
    for stretch in stretches:
        frame = _frame_of(stretch.times)
        lips = _without_slow(stretch.lips.astype(np.float64), SLOW / frame)
        for place, lag in enumerate(lags):
            wanted, speaks = stretch.heard.at(stretch.times - lag)
            sums[place] += _products(lips[speaks], wanted[speaks])
            seconds[place] += frame * np.count_nonzero(speaks)
    power = np.sqrt(np.maximum(sums[:, 1] * sums[:, 2], 1e-12))
    scores: np.ndarray = (sums[:, 0] / power) @ WEIGHTS / WEIGHTS.sum()
    best = int(np.argmax(scores))
    rivals = scores[np.abs(lags - lags[best]) > AWAY]
    return Agreement(
        lag=float(lags[best]),
        peak=float(scores[best]),
        rise=float(scores[best] - rivals.max()),
        speech=float(seconds[best]),
        is_inside=0 < best < len(lags) - 1,
    )


def _expected(curves: Articulation) -> np.ndarray:
    """Gap, width and chin that the curves let expect, float64 (T, 3)."""
    gap, drop, jaw = (curves.channel(name).astype(np.float64) for name in ("gap", "drop", "jaw"))
    return np.stack([gap + drop, mouth_width(curves.curves), jaw], axis=1)


def _speaking(sound: np.ndarray, times: np.ndarray, rate: float) -> np.ndarray:
    """Whether somebody may be speaking at these times, bool (n,), by the level of 40 ms."""
    half = round(0.02 * RATE)
    power = np.cumsum(np.r_[0.0, np.pad(sound, half).astype(np.float64) ** 2])
    starts = np.clip((times * RATE).astype(int), 0, len(sound) - 1)
    level = 10 * np.log10((power[starts + 2 * half] - power[starts]) / (2 * half) + 1e-9)
    low, high = np.percentile(level, [10, 95])
    if high - low < MODULATION:
        return np.zeros(len(times), bool)
    loud = level > low + SPEECH_LEVEL * (high - low)
    reach = round(SPEECH_MARGIN * rate)
    near: np.ndarray = np.convolve(np.pad(loud, reach), np.ones(2 * reach + 1), "valid") > 0.5
    return near


def _products(lips: np.ndarray, heard: np.ndarray) -> np.ndarray:
    """Sums of products over frames, (3, channels), each curve's mean taken off."""
    if len(lips) < 2:
        return np.zeros((3, 3))
    lips, heard = lips - lips.mean(axis=0), heard - heard.mean(axis=0)
    sums: np.ndarray = np.stack([(lips * heard).sum(0), (lips**2).sum(0), (heard**2).sum(0)])
    return sums


def _without_slow(curves: np.ndarray, width: float) -> np.ndarray:
    """Return curves, float64 (T, n), less their Gaussian mean. width: standard deviation, rows."""
    reach = round(3 * width)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(curves, [(reach, reach), (0, 0)], mode="edge")
    slow = np.stack([np.convolve(row, kernel, "valid") for row in padded.T], axis=1)
    quick: np.ndarray = curves - slow
    return quick


def _frame_of(times: np.ndarray) -> float:
    """Seconds from frame to frame."""
    return float((times[-1] - times[0]) / (len(times) - 1))
