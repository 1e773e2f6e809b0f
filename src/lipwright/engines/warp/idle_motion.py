"""Idle motion of a head: blinks, sway, nods with the voice, and gaze.

Everything is a function of the time and the seed, computed on demand: a plan for an hour of speech
holds no more than the times of its stresses and pauses. Nothing but the speech within `FORESIGHT`
of a moment determines the head's motion at that moment, so a speech can be animated before its end
is known.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from math import floor, log, radians, sin, tanh

import numpy as np

from lipwright.core.validation import MOTIONS
from lipwright.engines.warp.motion.state import MotionState

# how far "subtle" goes: degrees of yaw, pitch and roll
LIMITS = (1.6, 1.0, 0.6)
GAINS = {"still": 0.0, "subtle": 1.0, "lively": 2.0}
EASE_IN = 0.5  # s

# lid closure after the start of a blink, a value every 40 ms: down fast, up slowly
BLINK_SHAPE = (0.0, 0.45, 1.0, 1.0, 0.68, 0.34, 0.10, 0.0)
BLINK_STEP = 0.04
FIRST_BLINK = 0.6
MEAN_BLINK_INTERVAL = 3.5
BLINK_SPREAD = 0.5  # standard deviation of the intervals' logarithm
CLOSEST_BLINKS = 0.9
LONGEST_INTERVAL = 9.0
BLINK_AT_PHRASE_END = 0.6  # probability

BLOCK = 30.0  # s planned at once
# sway: (cycles per second, share) of the layers of noise
SWAY_LAYERS = ((0.13, 0.55), (0.31, 0.32), (0.74, 0.13))
NOD_DEGREES = 0.55
BROW_NOISE = 0.12
SACCADE = 0.03  # s from one fixation to the next
GAZE_REACH = (0.024, 0.008)  # eye widths
# the eyes hold the camera while the head turns: eye widths per sine of the turn
EYEBALL = 0.40
STRESS_DISTANCE = 0.45  # s
LOUD = 0.36  # mouth widths of jaw and lips together; the 95th percentile of speech is 0.3 to 0.42
STRENGTHS = (0.5, 1.4)
"""Peaks, in LOUD, from which a stress counts for anything, and for as much as any."""
FORESIGHT = 2.0
"""Seconds: longer than a stress, a pause or a blink reaches."""
HINDSIGHT = 2 * BLOCK + 2 * FORESIGHT
"""Seconds: nothing before them decides what the head does."""


class IdlePlan:
    """The idle motion over a whole speech; make it with `plan_idle`."""

    def __init__(self, voice: VoiceMoments, seed: int, motion: str) -> None:
        self._voice = voice
        self._seed = seed
        self._gain = GAINS[motion]
        # only the block in use and its neighbours are kept
        self._blinks = lru_cache(maxsize=4)(self._plan_blinks)
        self._fixations = lru_cache(maxsize=4)(self._plan_fixations)

    def at(self, time: float) -> MotionState:
        """Return the state at `time` seconds; neutral at 0 and before."""
        if self._gain == 0 or time <= 0:
            return MotionState()
        ease = _ease(time / EASE_IN)
        gain = self._gain * ease
        nod = self._voice.bump(time, rise=0.18, fall=0.42)
        yaw = _limited(gain * 1.15 * LIMITS[0] * self._sway("yaw", time), self._gain * LIMITS[0])
        pitch = gain * (0.8 * LIMITS[1] * self._sway("pitch", time) + NOD_DEGREES * nod)
        pitch = _limited(pitch, self._gain * LIMITS[1])
        roll = _limited(gain * 1.1 * LIMITS[2] * self._sway("roll", time), self._gain * LIMITS[2])
        gaze_x, gaze_y = self._gaze(time)
        brow = 0.75 * self._voice.bump(time, rise=0.22, fall=0.6, strongest=0.4)
        brow += BROW_NOISE * (1 + self._sway("brow", time))
        return MotionState(
            yaw=yaw,
            pitch=pitch,
            roll=roll,
            blink=self._blink(time),
            gaze_x=ease * gaze_x - EYEBALL * sin(radians(yaw)),
            gaze_y=ease * gaze_y - 0.5 * EYEBALL * sin(radians(pitch)),
            brow=min(1.0, ease * min(1.0, 0.6 + 0.4 * self._gain) * max(0.0, brow)),
        )

    def _sway(self, name: str, time: float) -> float:
        """Return smooth noise, seldom beyond [-1, 1]."""
        return 1.9 * sum(
            share * _value_noise(self._seed, f"{name}{layer}", time * rate)
            for layer, (rate, share) in enumerate(SWAY_LAYERS)
        )

    def _blink(self, time: float) -> float:
        block = int(time // BLOCK)
        closure = 0.0
        for starts in (self._blinks(block - 1), self._blinks(block)):
            for start in starts:
                if 0 <= time - start < BLINK_STEP * len(BLINK_SHAPE):
                    steps = np.arange(len(BLINK_SHAPE)) * BLINK_STEP
                    closure = max(closure, float(np.interp(time - start, steps, BLINK_SHAPE)))
        return closure

    def _plan_blinks(self, block: int) -> tuple[float, ...]:
        """Return the times at which the blinks of one block start; block -1 has none."""
        if block < 0:
            return ()
        generator = _generator(self._seed, "blink", block)
        begin, end = block * BLOCK, (block + 1) * BLOCK
        starts = []
        # half an interval at either end of a block, so that blocks join without a pattern
        time = begin + 0.5 * _blink_interval(generator)
        while time < end - CLOSEST_BLINKS:
            starts.append(time)
            time += _blink_interval(generator)
        for phrase_end in self._voice.phrase_ends_between(begin, end - CLOSEST_BLINKS):
            if generator.random() < BLINK_AT_PHRASE_END:
                moment = phrase_end + generator.uniform(0.0, 0.15)
                starts = [start for start in starts if abs(start - moment) > 1.2]
                starts.append(moment)
        kept: list[float] = []
        for start in sorted(starts):
            if start >= FIRST_BLINK and (not kept or start - kept[-1] >= CLOSEST_BLINKS):
                kept.append(start)
        return tuple(kept)

    def _gaze(self, time: float) -> tuple[float, float]:
        block = int(time // BLOCK)
        starts, places = self._fixations(block)
        index = int(np.searchsorted(starts, time, "right")) - 1
        now = places[index]
        if index > 0:
            before = places[index - 1]
        else:
            before = self._fixations(block - 1)[1][-1] if block > 0 else np.zeros(2)
        share = _ease((time - starts[index]) / SACCADE)
        place = before + (now - before) * share
        return float(place[0]), float(place[1])

    def _plan_fixations(self, block: int) -> tuple[np.ndarray, np.ndarray]:
        """Return start times (n,) and gaze places (n, 2) in one block; every other one is ahead."""
        generator = _generator(self._seed, "gaze", block)
        lengths = np.maximum(generator.lognormal(log(1.1), 0.5, 80), 0.25)
        starts = block * BLOCK + np.concatenate([[0.0], np.cumsum(lengths)])
        starts = starts[starts < (block + 1) * BLOCK]
        places = np.clip(generator.normal(0, 0.5, (len(starts), 2)), -1, 1) * GAZE_REACH
        places[::2] *= 0.25
        return starts, places


def plan_idle(
    activity: np.ndarray | None,
    rate: float,
    duration: float,
    seed: int,
    motion: str = "subtle",
    first: int = 0,
) -> IdlePlan:
    """Plan the motion of the head while it speaks.

    activity: of the mouth, jaw and lips together, float32 (n,) in mouth widths at `rate` Hz, or
    None where unknown. duration: of the speech in seconds. motion: one of MOTIONS; ValueError
    otherwise. first: the number of the first of the values, where those before are not known any
    more; the plan then holds from `HINDSIGHT` seconds after it on.
    """
    if motion not in MOTIONS:
        raise ValueError(f"motion {motion!r} is none of {', '.join(MOTIONS)}.")
    if activity is None or motion == "still" or len(activity) < 3:
        return IdlePlan(VoiceMoments.none(), seed, motion)
    return IdlePlan(VoiceMoments.of(activity, rate, duration, first), seed, motion)


@dataclass(frozen=True, eq=False)
class VoiceMoments:
    """The stresses of a voice and the ends of its phrases.

    All float64 (n,): times in s, strengths in [0, 1].
    """

    stress_times: np.ndarray
    stress_strengths: np.ndarray
    phrase_ends: np.ndarray

    @classmethod
    def none(cls) -> VoiceMoments:
        """Return the moments of silence."""
        return cls(np.zeros(0), np.zeros(0), np.zeros(0))

    @classmethod
    def of(cls, activity: np.ndarray, rate: float, duration: float, first: int = 0) -> VoiceMoments:
        """Find the moments in the mouth's activity, float32 (n,) in mouth widths at `rate` Hz.

        Values that are not finite count as silence. first: the number of the first value.
        """
        activity = np.nan_to_num(np.asarray(activity, np.float32), posinf=0, neginf=0).clip(0)
        width = max(1, round(0.10 * rate))
        kernel = np.hanning(width + 2)[1:-1]
        smooth = np.convolve(activity, kernel / kernel.sum(), "same") / LOUD
        peaks, strengths = _find_peaks(smooth, rate)
        phrase_ends = (_find_phrase_ends(smooth, rate) + first) / rate
        return cls((peaks + first) / rate, strengths, phrase_ends[phrase_ends <= duration])

    def bump(self, time: float, rise: float, fall: float, strongest: float = 1.0) -> float:
        """Return [0, 1]: rises over `rise` s to a stress and falls over `fall` s after it.

        strongest: the share of the stresses that count, the strongest ones.
        """
        first, last = np.searchsorted(self.stress_times, (time - fall, time + rise))
        floor_ = 1 - strongest
        value = 0.0
        for stress in range(first, last):
            strength = float(self.stress_strengths[stress])
            if strength < floor_:
                continue
            since = time - float(self.stress_times[stress])
            share = 1 + since / rise if since < 0 else 1 - since / fall
            value = max(value, (strength - floor_) / strongest * _ease(share))
        return value

    def phrase_ends_between(self, begin: float, end: float) -> np.ndarray:
        """Return the phrase ends from `begin` to before `end`, s."""
        first, last = np.searchsorted(self.phrase_ends, (begin, end))
        return self.phrase_ends[first:last]


def _find_peaks(activity: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Return places and strengths [0, 1] of the peaks that nothing near them exceeds."""
    middle, least = activity[1:-1], STRENGTHS[0]
    rising, falling = middle > activity[:-2], middle >= activity[2:]
    peaks = 1 + np.flatnonzero(rising & falling & (middle > least))
    reach = round(STRESS_DISTANCE * rate)
    kept = [p for p in peaks if activity[p] >= activity[max(0, p - reach) : p + reach + 1].max()]
    strengths = (activity[kept] - least) / (STRENGTHS[1] - least)
    return np.array(kept), strengths.clip(0, 1)


def _find_phrase_ends(activity: np.ndarray, rate: float) -> np.ndarray:
    """Return where near silence of 0.25 s or more follows speech, and where the speech ends."""
    quiet = np.concatenate([[True], activity < 0.08, [True]])
    changes = np.diff(quiet.astype(np.int8))
    ends, begins = np.flatnonzero(changes == 1), np.flatnonzero(changes == -1)
    pauses = np.append(begins[1:], np.inf) - ends
    return ends[pauses >= 0.25 * rate]


def _blink_interval(generator: np.random.Generator) -> float:
    mean = log(MEAN_BLINK_INTERVAL) - BLINK_SPREAD**2 / 2
    interval = float(generator.lognormal(mean, BLINK_SPREAD))
    return min(max(interval, CLOSEST_BLINKS), LONGEST_INTERVAL)


def _generator(seed: int, name: str, block: int) -> np.random.Generator:
    return np.random.default_rng([abs(seed), int(seed < 0), block, *name.encode()])


def _value_noise(seed: int, name: str, position: float) -> float:
    """Return smooth noise in [-1, 1] with independent values at whole positions."""
    index = floor(position)
    low, high = _lattice_value(seed, name, index), _lattice_value(seed, name, index + 1)
    return low + (high - low) * _ease(position - index)


@lru_cache(maxsize=256)
def _lattice_value(seed: int, name: str, index: int) -> float:
    digest = hashlib.blake2b(f"{seed} {name} {index}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "little") / 2**31 - 1


def _ease(share: float) -> float:
    """Return 0 up to 0, 1 from 1 on, with no jump in velocity or acceleration between."""
    share = min(max(share, 0.0), 1.0)
    return share**3 * (share * (share * 6 - 15) + 10)


def _limited(value: float, limit: float) -> float:
    """Bend `value` so that it stays within the limit."""
    return limit * tanh(value / limit) if limit else 0.0
