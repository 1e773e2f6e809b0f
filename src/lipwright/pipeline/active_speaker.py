"""Active speaker detection: the person whose lips move with the sound of a video.

Samples of a few seconds are taken where people are seen and something is heard. The lip motion
predicted from the sound is correlated with everybody's lip motion. Of any two of 17 clips of GRID
(3 s each, both talk, one of them is heard) it always chose the right one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lipwright.core.errors import MediaError
from lipwright.face.finder import FaceFinder
from lipwright.face.identities import Person, other_main_people
from lipwright.face.speaker_selection import FollowPerson
from lipwright.face.tracker import FaceTracker

if TYPE_CHECKING:
    from lipwright.articulation import Articulation
    from lipwright.face.face import Face
    from lipwright.media.video.source import VideoSource
    from lipwright.media.video.yuv_frame import YuvFrame

RATE = 16_000  # Hz
WITHIN = 300.0
"""Seconds of a video's beginning from which samples are taken."""
SAMPLE, MAX_SAMPLES = 4.0, 4
"""Seconds of a sample, and the largest number of samples."""
MARGIN = 0.5  # s of sound around a sample that lips are predicted from as well
LATEST, LAG_STEP = 0.3, 0.02
"""Largest lag of picture against sound, and the step of the search, s."""
FRAMES_A_SECOND = 25
SLOW = 10.0
"""Frames: slower lip motion is left out, because sentences begin and end alike."""
LEAST = 0.4
"""Correlation of lips and sound below which no speaker is detected."""
UNSURE = 0.004
"""Eye distances: what a tracker sees in lips that are still. Talking lips move ten times as far."""
MAX_PEOPLE = 4
INNER_LIPS, OUTER_EYES = (13, 14), (33, 263)

log = logging.getLogger("lipwright")


class SpeechSample(NamedTuple):
    """A few seconds of a video, with measured and predicted lip motion."""

    times: np.ndarray
    """Seconds of its frames."""
    lips: np.ndarray
    """(people, frames): lip gaps in eye distances; NaN where somebody is not seen."""
    heard: np.ndarray
    """(lags, frames): lip gaps predicted from the sound, for each lag."""


def detect_active_speaker(
    video: VideoSource, people: Sequence[Person], finder: FaceFinder
) -> Person | None:
    """Return the person who speaks in a video, None where that cannot be told; the log says why.

    people: the most important first, at least one. Passers-by are not considered.
    """
    people = [people[0], *other_main_people(people[0], people)][:MAX_PEOPLE]
    if len(people) == 1:
        return None
    try:
        sound = _read_sound(video)
    except MediaError:
        log.info("%s has no sound that could tell who speaks.", video.path)
        return None
    samples = [
        SpeechSample(times, _follow_lips(video, people, finder, times), hear_lips(sound, times))
        for times in choose_samples(video, people, sound)
    ]
    scores = [score_lips(samples, person) for person in range(len(people))]
    best = int(np.argmax(scores))
    if scores[best] < LEAST:
        log.info(
            "%s: nobody's lips move with the sound (correlation %.2f).", video.path, scores[best]
        )
        return None
    log.info(
        "%s: number %d speaks, whose lips move with the sound (correlation %.2f, of others at "
        "most %.2f).",
        video.path,
        people[best].number,
        scores[best],
        max(score for place, score in enumerate(scores) if place != best),
    )
    return people[best]


def choose_samples(
    video: VideoSource, people: Sequence[Person], sound: np.ndarray
) -> Iterator[np.ndarray]:
    """Yield the times (s) of the frames of each sample, float64 (n,).

    Samples lie where many people are seen and much is heard. sound: mono float32 (n,) at 16 kHz.
    """
    last = min(WITHIN, video.duration, len(sound) / RATE)
    if last <= SAMPLE * MAX_SAMPLES:
        starts = list(np.arange(0, last, SAMPLE))
    else:
        starts = _best_starts(video, people, sound, last)
    step = max(1, round(float(video.fps) / FRAMES_A_SECOND))
    for start in starts:
        first, end = (int(t * video.fps) for t in (start, min(start + SAMPLE, last)))
        yield np.arange(first, min(end, video.count), step) / float(video.fps)


def score_lips(samples: Sequence[SpeechSample], person: int) -> float:
    """Return the correlation of a person's lips with the sound, -1 to 1, at the best lag.

    It is reduced in proportion where the person is seen for part of the time only, and where the
    lips hardly move.
    """
    products: np.ndarray = np.zeros(len(_lags()))
    asked, moved, seen = np.zeros_like(products), 0.0, 0
    for sample in samples:
        known = ~np.isnan(sample.lips[person])
        if known.sum() < 2:
            continue
        lips = _quick(np.where(known, sample.lips[person], np.nanmean(sample.lips[person])))
        lips, heard = lips[:, known], _quick(sample.heard)[:, known]
        products += heard @ lips[0]
        asked += (heard**2).sum(axis=1)
        moved += float((lips**2 + UNSURE**2).sum())
        seen += int(known.sum())
    share = seen / max(1, sum(len(sample.times) for sample in samples))
    alike = products / np.sqrt(np.maximum(asked * moved, 1e-12))
    return float(alike.max() * np.sqrt(share))


def _quick(gaps: np.ndarray) -> np.ndarray:
    """Return (n, frames): rows without their slow changes, which all speakers have in common."""
    import cv2

    rows = np.atleast_2d(gaps).astype(np.float64)
    reach = 2 * round(3 * SLOW) + 1
    slow = cv2.GaussianBlur(rows, (reach, 1), SLOW, borderType=cv2.BORDER_REPLICATE)
    return rows - slow.reshape(rows.shape)


def _best_starts(
    video: VideoSource, people: Sequence[Person], sound: np.ndarray, last: float
) -> list[float]:
    """Return the starts of the best samples, at least a sample apart, in order."""
    starts = np.arange(0, last - SAMPLE, SAMPLE / 2)
    loud = [
        float(np.sqrt(np.mean(sound[int(t * RATE) : int((t + SAMPLE) * RATE)] ** 2)))
        for t in starts
    ]
    seen = [np.array([n for n, _ in p.sightings]) / float(video.fps) for p in people]
    there = [
        sum(bool(np.any(np.abs(times - start - SAMPLE / 2) < SAMPLE)) for times in seen)
        for start in starts
    ]
    worth = np.array(loud) * np.array(there)
    chosen: list[float] = []
    for place in np.argsort(-worth, kind="stable")[: np.count_nonzero(worth)]:
        if all(abs(starts[place] - other) >= SAMPLE for other in chosen):
            chosen.append(float(starts[place]))
    return sorted(chosen[:MAX_SAMPLES])


def _read_sound(video: VideoSource) -> np.ndarray:
    """Return the sound of the video's beginning, mono at 16 kHz, from its first frame on."""
    from lipwright.media.audio.decode import decode_blocks

    wanted, held, blocks = int(WITHIN * RATE), 0, []
    for block in decode_blocks(video.path, RATE, track=video.sound_track):
        blocks.append(block)
        held += len(block)
        if held >= wanted:
            break
    return np.concatenate(blocks)[:wanted]


def _follow_lips(
    video: VideoSource, people: Sequence[Person], finder: FaceFinder, times: np.ndarray
) -> np.ndarray:
    """Return (people, frames): lip gaps in eye distances; NaN where somebody is not seen."""
    numbers = np.rint(times * float(video.fps)).astype(int).tolist()
    gaps: list[list[float]] = [[] for _ in people]
    frames: Iterable[YuvFrame] = video.frames(numbers)
    for person, kept in zip(people, gaps, strict=True):
        frames = _watch(frames, FaceTracker(finder, FollowPerson(person, people)), kept)
    for _ in frames:
        pass
    return np.array(gaps, np.float64)


def _watch(
    frames: Iterable[YuvFrame], tracker: FaceTracker, kept: list[float]
) -> Iterator[YuvFrame]:
    """Track one person, keep the lip gaps, and pass the frames on."""
    for tracked in tracker.track(frames):
        kept.append(lip_gap(tracked.face) if tracked.face is not None else np.nan)
        yield tracked.whole


def lip_gap(face: Face) -> float:
    """Return the gap between the lips in distances of the outer eye corners."""
    lips, eyes = (face.landmarks[list(pair)] for pair in (INNER_LIPS, OUTER_EYES))
    return float(np.linalg.norm(lips[0, :2] - lips[1, :2]) / np.linalg.norm(eyes[0] - eyes[1]))


def hear_lips(sound: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the lip gaps predicted from the sound, float64 (lags, frames).

    sound: mono float32 (n,) at 16 kHz; times: of the frames, float64 (frames,) in s.
    """
    from lipwright.articulation import articulate
    from lipwright.speech.speech import Speech

    start = max(0.0, float(times[0]) - LATEST - MARGIN)
    first, end = int(start * RATE), int((float(times[-1]) + LATEST + MARGIN) * RATE)
    lips = articulate(Speech.from_samples(sound[first:end], RATE))
    return np.array([_gaps_at(lips, times - first / RATE + lag) for lag in _lags()])


def _gaps_at(lips: Articulation, times: np.ndarray) -> np.ndarray:
    rows = lips.at(times)
    openings: np.ndarray = rows[:, 1] + rows[:, 5]
    return openings


def _lags() -> np.ndarray:
    return np.arange(-LATEST, LATEST + LAG_STEP / 2, LAG_STEP)
