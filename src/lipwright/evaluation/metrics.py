"""The measures: pure functions of curves, defined in words in docs/measures.md.

Curves are sampled once a frame. Gaps are in widths of the resting mouth. A measure that is
undefined for want of data is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lipwright.articulation.constraints import runs
from lipwright.evaluation.mouth_metrics import (
    CLOSED_GAP,
    LEFT_EYE,
    RIGHT_EYE,
    align_rigidly,
    rest_shape,
)
from lipwright.face.landmark_indices import LIPS
from lipwright.speech.speech import Phone

NAN = float("nan")
LONGEST_LAG = 10
"""Frames either way within which the offset is looked for."""
MIN_MOVEMENT = 0.01
"""A curve whose range (5th to 95th percentile) is below this does not move; what is left of it is
the tracker's own noise."""
MOVED = 0.01
"""Change of the gap in 40 ms, in mouth widths, from which on a mouth moves."""
SLACK = 1
"""Frames by which a closure may be early or late."""
JITTER_HERTZ = 8.0
LIP_POINTS = list(LIPS[:40])
"""The outer and the inner line of the lips."""
BILABIALS = frozenset("mbp")
OPEN_VOWELS = frozenset("aɑɒɐæʌAIW")
"""Vowels during which every speaker's lips are apart."""
Span = tuple[int, int]


def correlation(real: np.ndarray, ours: np.ndarray) -> float:
    """Return Pearson's correlation of two curves, float32 (T,); 0 where one of them is constant."""
    if not (moves(real) and moves(ours)):
        return 0.0
    real, ours = real - real.mean(), ours - ours.mean()
    return float((real * ours).sum() / np.sqrt((real**2).sum() * (ours**2).sum()))


def moves(curve: np.ndarray) -> bool:
    """Return whether the range of a curve, float32 (T,), is more than noise."""
    return bool(len(curve)) and opening_range(curve) >= MIN_MOVEMENT


def opening_range(curve: np.ndarray) -> float:
    """Return the range from the 5th to the 95th percentile of a curve, float32 (T,)."""
    low, high = np.percentile(curve, [5, 95])
    return float(high - low)


def find_offset(
    real: np.ndarray, ours: np.ndarray, span: Span, longest: int = LONGEST_LAG
) -> float:
    """Return the frames by which `ours` is late, at the peak of the cross-correlation.

    real, ours: float32 (T,). At every lag within +-`longest` the real curve inside `span` is
    compared with as much of ours, so that no lag is favoured; of equal peaks the one nearest to
    zero counts. NaN where ours does not move.
    """
    frames = np.arange(span[0], span[1] + 1)
    best, found = -np.inf, NAN
    for lag in sorted(range(-longest, longest + 1), key=abs):
        shifted = frames + lag
        valid = (shifted >= 0) & (shifted < len(ours))
        if valid.sum() < max(3, 0.6 * len(frames)):
            continue
        score = correlation(real[frames[valid]], ours[shifted[valid]])
        if score != 0.0 and score > best + 1e-9:
            best, found = score, float(lag)
    return found


def landmark_distance(real: np.ndarray, ours: np.ndarray, span: Span) -> float:
    """Return LMD: the mean distance of the 40 lip landmarks inside `span`, in outer-eye distances.

    real, ours: landmarks, float32 (T, 478, 3) in px. Every frame of both is first aligned to the
    resting eyes and nose of the real video, so head motion, place and size are removed; the shape
    of the mouth is not. After Chen et al. (2018), "Lip movements generation at a glance".
    """
    template = rest_shape(real)
    a, b = (align_rigidly(video, template)[span[0] : span[1] + 1] for video in (real, ours))
    eyes = np.linalg.norm(a[:, LEFT_EYE, :2] - a[:, RIGHT_EYE, :2], axis=1).mean()
    way = np.linalg.norm(a[:, LIP_POINTS, :2] - b[:, LIP_POINTS, :2], axis=2)
    return float(way.mean() / eyes)


class Closures(NamedTuple):
    """Counts of lip closures and of those that agree; they can be summed over clips."""

    real: int
    """Closures of the real mouth."""
    hit: int
    """Those of them that ours makes too."""
    ours: int
    """Closures of our mouth."""
    right: int
    """Those of them that the real mouth makes too."""


def match_closures(real: np.ndarray, ours: np.ndarray, span: Span) -> Closures:
    """Match the closures (gap under 3 % of the mouth's width) of two gaps inside `span`.

    real, ours: float32 (T,). A closure of ours matches one of the real mouth if at least half of it
    lies within the real one widened by a frame on each side; each is matched once. So lips that
    stay closed match nothing. What reaches over an end of the span is rest, not a closure, and is
    not counted, but may be matched.
    """
    real_runs, our_runs = (runs(gap[span[0] : span[1] + 1] < CLOSED_GAP) for gap in (real, ours))
    last = span[1] - span[0]
    partner: dict[int, int] = {}
    for index, (first, end) in enumerate(our_runs):
        overlaps = [
            min(end, stop + SLACK) - max(first, start - SLACK) + 1 for start, stop in real_runs
        ]
        order = sorted(range(len(real_runs)), key=lambda k: -overlaps[k])  # noqa: B023
        for candidate in order:
            enough = overlaps[candidate] > 0 and 2 * overlaps[candidate] >= end - first + 1
            if enough and candidate not in partner.values():
                partner[index] = candidate
                break

    def inner(events: list[Span]) -> list[int]:
        return [k for k, (first, end) in enumerate(events) if first > 0 and end < last]

    counted, claimed = inner(real_runs), inner(our_runs)
    return Closures(
        real=len(counted),
        hit=sum(k in partner.values() for k in counted),
        ours=len(claimed),
        right=sum(k in partner for k in claimed),
    )


def closure_events(real: np.ndarray, ours: np.ndarray, span: Span, tolerance: int) -> Closures:
    """Count the closures inside `span` that the other mouth has too, within `tolerance` frames.

    real, ours: gaps, float32 (T,). A run of closed frames of one mouth is an event; it is hit where
    the other one is closed in any frame from `tolerance` before it to `tolerance` after it. Runs
    that touch an end of the span are not counted. Lips that are always shut hit everything: read
    recall and precision together, or see `match_closures`.
    """

    def count(events: np.ndarray, other: np.ndarray) -> tuple[int, int]:
        closed = other < CLOSED_GAP
        found = [
            closed[max(0, span[0] + first - tolerance) : span[0] + end + tolerance + 1].any()
            for first, end in runs(events[span[0] : span[1] + 1] < CLOSED_GAP)
            if first > 0 and end < span[1] - span[0]
        ]
        return len(found), sum(map(bool, found))

    return Closures(*count(real, ours), *count(ours, real))


def share(part: float, whole: float) -> float:
    """Return part / whole, NaN where the whole is 0."""
    return part / whole if whole else NAN


def bilabials_closed(gap: np.ndarray, fps: float, phones: Sequence[Phone]) -> tuple[int, int]:
    """Count (closed, all) bilabials: those during which, or a frame beside, the lips are closed.

    gap: float32 (T,).
    """
    closed = gap < CLOSED_GAP
    wanted = [phone for phone in phones if phone.symbol in BILABIALS]
    found = 0
    for phone in wanted:
        first = max(0, int(np.floor(phone.start * fps)) - SLACK)
        found += bool(closed[first : int(np.ceil(phone.end * fps)) + SLACK + 1].any())
    return found, len(wanted)


def vowels_open(gap: np.ndarray, fps: float, phones: Sequence[Phone]) -> tuple[int, int]:
    """Count (open, all) open vowels: those during which the lips are apart.

    gap: float32 (T,). Lips that never part close at every bilabial too; here they fail. The sum of
    both shares less one measures whether a mouth distinguishes bilabials (Youden 1950, "Index for
    rating diagnostic tests").
    """
    wanted = [phone for phone in phones if phone.symbol in OPEN_VOWELS]
    found = 0
    for phone in wanted:
        first = min(len(gap) - 1, int(np.ceil(phone.start * fps)))
        found += bool((gap[first : max(first + 1, int(phone.end * fps) + 1)] >= CLOSED_GAP).any())
    return found, len(wanted)


def moving(gap: np.ndarray, fps: float) -> np.ndarray:
    """Return bool (T,): whether the gap changed by over 1 % of the mouth's width in 40 ms.

    gap: float32 (T,). The first frame has none before it and never moves. At other rates than 25
    frames/s the threshold follows the time between frames.
    """
    moved: np.ndarray = np.r_[False, np.abs(np.diff(gap)) > MOVED * 25 / fps]
    return moved


def silence_movement(gap: np.ndarray, silent: np.ndarray, fps: float) -> float:
    """Return the share of the silent frames in which the mouth moves; NaN where fewer than 5 are.

    gap: float32 (T,); silent: bool (T,).
    """
    return float(moving(gap, fps)[silent].mean()) if silent.sum() >= 5 else NAN


def movement_agreement(real: np.ndarray, ours: np.ndarray, fps: float) -> float:
    """Return Cohen's kappa of both mouths' movement and rest over the whole clip.

    real, ours: gaps, float32 (T,). 1 when they always agree, 0 when they agree as often as by
    chance, as a mouth that always rests does. Cohen (1960), "A coefficient of agreement for nominal
    scales".
    """
    a, b = moving(real, fps), moving(ours, fps)
    chance = a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean())
    return float(((a == b).mean() - chance) / (1 - chance)) if chance < 1 else 0.0


def articulation_ratio(real: np.ndarray, ours: np.ndarray, span: Span) -> float:
    """Return the range of our opening over the real one's (5th to 95th percentile inside speech).

    real, ours: gaps, float32 (T,).
    """
    inside = slice(span[0], span[1] + 1)
    return share(opening_range(ours[inside]), opening_range(real[inside]))


def jitter(landmarks: np.ndarray, fps: float) -> float:
    """Return the RMS of the lip landmarks' motion above 8 Hz, in outer-eye distances.

    landmarks: float32 (T, 478, 3), px. Head motion is removed first. Speech moves lips below 8 Hz
    (Ohala 1975, and Chandrasekaran et al. 2009: 2-7 Hz); faster motion is tremble. NaN below 20
    frames/s.
    """
    if fps < 20 or len(landmarks) < 10:
        return NAN
    points = align_rigidly(landmarks)
    eyes = np.linalg.norm(points[:, LEFT_EYE, :2] - points[:, RIGHT_EYE, :2], axis=1).mean()
    lips = points[:, LIP_POINTS, :2].reshape(len(points), -1)
    mirrored = np.concatenate([2 * lips[0] - lips[:0:-1], lips, 2 * lips[-1] - lips[-2::-1]])
    spectrum = np.fft.rfft(mirrored - mirrored.mean(axis=0), axis=0)
    spectrum[np.fft.rfftfreq(len(mirrored), 1 / fps) < JITTER_HERTZ] = 0
    fast = np.fft.irfft(spectrum, len(mirrored), axis=0)[len(lips) - 1 : 2 * len(lips) - 1]
    return float(np.sqrt(2 * (fast**2).mean()) / eyes)
