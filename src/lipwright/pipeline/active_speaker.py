"""Who speaks in a film: the person whose lips move with its sound.

Some seconds are listened to in which people are seen and something is heard. What the lips should
do there, if they made that sound, is compared with what everybody's lips do. Of any two of 17
clips of GRID (3 s each, both talk, one of them is heard) it was always the right one.
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
"""Seconds of a film's beginning from which the listened-to ones are chosen."""
STRETCH, STRETCHES = 4.0, 4
"""Seconds listened to at once, and how often."""
MARGIN = 0.5  # s of sound around a stretch, from which lips are told as well
LATEST, LAG_STEP = 0.3, 0.02
"""Seconds by which picture and sound of a film may be apart; how finely that is looked for."""
FRAMES_A_SECOND = 25
SLOW = 10.0
"""Frames: what lips do more slowly than this is left out, because sentences begin and end alike."""
LEAST = 0.4
"""Correlation of lips and sound below which nobody is said to speak."""
MAX_PEOPLE = 4
INNER_LIPS, OUTER_EYES = (13, 14), (33, 263)

log = logging.getLogger("lipwright")


class Stretch(NamedTuple):
    """Part of a film that is looked at and listened to."""

    times: np.ndarray
    """Seconds of its frames."""
    lips: np.ndarray
    """(people, frames): gaps between lips in eye distances; NaN where somebody is not seen."""
    heard: np.ndarray
    """(lags, frames): gaps that the sound asks for, for picture and sound so far apart."""


def detect_active_speaker(
    footage: VideoSource, people: Sequence[Person], finder: FaceFinder
) -> Person | None:
    """The one of these people who speaks in a film, None where that cannot be told; says why.

    people: the most important first, at least one. Passers-by are not listened to.
    """
    people = [people[0], *other_main_people(people[0], people)][:MAX_PEOPLE]
    if len(people) == 1:
        return None
    try:
        sound = _read_sound(footage)
    except MediaError:
        log.info("%s has no sound that could tell who speaks.", footage.path)
        return None
    stretches = [
        Stretch(times, _follow_lips(footage, people, finder, times), hear_lips(sound, times))
        for times in choose_stretches(footage, people, sound)
    ]
    scores = [score_lips(stretches, person) for person in range(len(people))]
    best = int(np.argmax(scores))
    if scores[best] < LEAST:
        log.info(
            "%s: nobody's lips move with the sound (correlation %.2f).", footage.path, scores[best]
        )
        return None
    log.info(
        "%s: number %d speaks, whose lips move with the sound (correlation %.2f, of others at "
        "most %.2f).",
        footage.path,
        people[best].number,
        scores[best],
        max(score for place, score in enumerate(scores) if place != best),
    )
    return people[best]


def choose_stretches(
    footage: VideoSource, people: Sequence[Person], sound: np.ndarray
) -> Iterator[np.ndarray]:
    """Times (s) of the frames to be looked at: where many people are seen and much is heard."""
    last = min(WITHIN, footage.duration, len(sound) / RATE)
    if last <= STRETCH * STRETCHES:
        starts = list(np.arange(0, last, STRETCH))
    else:
        starts = _best_starts(footage, people, sound, last)
    step = max(1, round(float(footage.fps) / FRAMES_A_SECOND))
    for start in starts:
        first, end = (int(t * footage.fps) for t in (start, min(start + STRETCH, last)))
        yield np.arange(first, min(end, footage.count), step) / float(footage.fps)


def score_lips(stretches: Sequence[Stretch], person: int) -> float:
    """Correlation of a person's lips with the sound, -1 to 1, at the lag at which it is best.

    Less where the person is seen for a part of the time only.
    """
    products: np.ndarray = np.zeros(len(_lags()))
    asked, moved, seen = np.zeros_like(products), 0.0, 0
    for stretch in stretches:
        known = ~np.isnan(stretch.lips[person])
        if known.sum() < 2:
            continue
        lips = _quick(np.where(known, stretch.lips[person], np.nanmean(stretch.lips[person])))
        lips, heard = lips[:, known], _quick(stretch.heard)[:, known]
        products += heard @ lips[0]
        asked += (heard**2).sum(axis=1)
        moved += float((lips**2).sum())
        seen += int(known.sum())
    share = seen / max(1, sum(len(stretch.times) for stretch in stretches))
    alike = products / np.sqrt(np.maximum(asked * moved, 1e-12))
    return float(alike.max() * np.sqrt(share))


def _quick(gaps: np.ndarray) -> np.ndarray:
    """(n, frames): rows less their slow changes, which all speakers have in common."""
    import cv2

    rows = np.atleast_2d(gaps).astype(np.float64)
    reach = 2 * round(3 * SLOW) + 1
    slow = cv2.GaussianBlur(rows, (reach, 1), SLOW, borderType=cv2.BORDER_REPLICATE)
    return rows - slow.reshape(rows.shape)


def _best_starts(
    footage: VideoSource, people: Sequence[Person], sound: np.ndarray, last: float
) -> list[float]:
    """Where to listen: the best places, at least a stretch apart, in order."""
    starts = np.arange(0, last - STRETCH, STRETCH / 2)
    loud = [
        float(np.sqrt(np.mean(sound[int(t * RATE) : int((t + STRETCH) * RATE)] ** 2)))
        for t in starts
    ]
    seen = [np.array([n for n, _ in p.sightings]) / float(footage.fps) for p in people]
    there = [
        sum(bool(np.any(np.abs(times - start - STRETCH / 2) < STRETCH)) for times in seen)
        for start in starts
    ]
    worth = np.array(loud) * np.array(there)
    chosen: list[float] = []
    for place in np.argsort(-worth, kind="stable")[: np.count_nonzero(worth)]:
        if all(abs(starts[place] - other) >= STRETCH for other in chosen):
            chosen.append(float(starts[place]))
    return sorted(chosen[:STRETCHES])


def _read_sound(footage: VideoSource) -> np.ndarray:
    """The sound of the film's beginning, mono at 16 kHz, from its first picture on."""
    from lipwright.media.audio import decode

    with decode.open_sound(footage.path) as (container, stream):
        first = decode.first_frame(container, stream, footage.path)
        late = float(first.time or 0.0) - float(footage.times[0])
    wanted, held, blocks = int(WITHIN * RATE), 0, []
    for block in decode.decode_blocks(footage.path, RATE):
        blocks.append(block)
        held += len(block)
        if held >= wanted:
            break
    sound = np.concatenate(blocks)[:wanted]
    offset = round(late * RATE)
    return np.pad(sound, (max(0, offset), 0))[max(0, -offset) :]


def _follow_lips(
    footage: VideoSource, people: Sequence[Person], finder: FaceFinder, times: np.ndarray
) -> np.ndarray:
    """(people, frames): gaps between lips in eye distances; NaN where somebody is not seen."""
    numbers = np.rint(times * float(footage.fps)).astype(int).tolist()
    gaps: list[list[float]] = [[] for _ in people]
    frames: Iterable[YuvFrame] = footage.frames(numbers)
    for person, kept in zip(people, gaps, strict=True):
        frames = _watch(frames, FaceTracker(finder, FollowPerson(person, people)), kept)
    for _ in frames:
        pass
    return np.array(gaps, np.float64)


def _watch(
    frames: Iterable[YuvFrame], tracker: FaceTracker, kept: list[float]
) -> Iterator[YuvFrame]:
    """Follows one person, keeps the gap between the lips, and hands the frames on."""
    for tracked in tracker.track(frames):
        kept.append(lip_gap(tracked.face) if tracked.face is not None else np.nan)
        yield tracked.whole


def lip_gap(face: Face) -> float:
    lips, eyes = (face.landmarks[list(pair)] for pair in (INNER_LIPS, OUTER_EYES))
    return float(np.linalg.norm(lips[0, :2] - lips[1, :2]) / np.linalg.norm(eyes[0] - eyes[1]))


def hear_lips(sound: np.ndarray, times: np.ndarray) -> np.ndarray:
    """(lags, frames): gaps that the sound asks for."""
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
