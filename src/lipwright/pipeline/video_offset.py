"""The offset between a video's own lips and its own sound, and what is done about it.

A long video is looked at in a few stretches only, where somebody is seen and the sound is lively.
Its sound is decoded as a stream; no more than one stretch of it is held.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lipwright.face.face import Face
from lipwright.face.finder import FaceFinder
from lipwright.face.identities import Person
from lipwright.face.speaker_selection import FollowPerson
from lipwright.face.tracker import FaceTracker
from lipwright.media.audio.decode import decode_blocks
from lipwright.pipeline.av_offset import (
    RATE,
    AvOffset,
    HeardLips,
    Stretch,
    estimate_offset,
    measure_lips,
)

if TYPE_CHECKING:
    from lipwright.media.audio.mixer import Track
    from lipwright.media.video.source import VideoSource

SECONDS, MOST = 20.0, 3
"""Length of a stretch, and the largest number of them."""
MARGIN = 0.6
"""Seconds of sound around a stretch that lips are heard from as well."""
CERTAIN = 0.995
"""The confidence from which no further stretch is looked at."""
SHORTEST = 1.0
"""Seconds for which a face must be followed without a break."""
FRAMES_A_SECOND = 25
IN_STEP = 0.02
"""Seconds: a smaller offset cannot be told from none, and is left as it is."""
BLOCK, LEVEL_RANGE = 0.05, 40.0
"""Seconds over which a level is taken, and the decibels below the loudest that count."""

log = logging.getLogger("lipwright")


def find_own_offset(
    video: VideoSource, person: Person, people: Sequence[Person], finder: FaceFinder
) -> AvOffset:
    """Return the offset of a video's own lips against its own sound.

    person: whose lips are looked at, one of `people`. Raises MediaError where there is no sound.
    """
    stretches: list[Stretch] = []
    found = estimate_offset(stretches, float(video.fps))
    starts = choose_starts(video, person)
    for start, (begins, sound) in zip(starts, _sounds(video, starts), strict=True):
        if not len(sound):
            break
        heard, tracker = HeardLips(sound), FaceTracker(finder, FollowPerson(person, people))
        for times, faces in _followed(video, start, tracker):
            lips = measure_lips(np.array([face.landmarks for face in faces]))
            stretches.append(Stretch(times - begins, lips, heard))
        found = estimate_offset(stretches, float(video.fps))
        if found.confidence >= CERTAIN:
            break
    return found


def fix_sync(kept: Track, offset: AvOffset, path: Path) -> Track:
    """Return a video's own sound moved to fit its picture where the offset is known; say so.

    path: of the video, for the log.
    """
    apart = f"{1000 * abs(offset.seconds):.0f} ms"
    if not offset.is_trusted:
        log.info(
            "By how much the sound of %s is early or late cannot be told (confidence %.2f): it "
            "was not moved.",
            path,
            offset.confidence,
        )
    elif abs(offset.seconds) < IN_STEP:
        log.info("The sound of %s fits its picture: it was not moved.", path)
    else:
        kind = "early" if offset.seconds > 0 else "late"
        log.info("The sound of %s came %s %s: it was moved.", path, apart, kind)
        return replace(kept, start=kept.start + offset.seconds)
    return kept


def choose_starts(video: VideoSource, person: Person) -> list[float]:
    """Return the starts (s) of the stretches to look at, in order.

    They are those with the liveliest sound in which the person is seen: speech rises and falls more
    than music does. A short video is looked at from its beginning to its end.
    """
    whole = np.arange(0.0, max(video.duration - SHORTEST, 0.1), SECONDS)
    if len(whole) <= MOST:
        return [float(start) for start in whole]
    levels = _levels(video)
    sampled = np.array(video.sample_frames()) / float(video.fps)
    seen = np.array([number for number, _ in person.sightings]) / float(video.fps)
    starts = np.arange(0.0, video.duration - SECONDS, SECONDS / 2)

    def worth(start: float) -> float:
        looked, there = (((t >= start) & (t < start + SECONDS)).sum() for t in (sampled, seen))
        first, last = (round(t / BLOCK) for t in (start, start + SECONDS))
        heard = levels[first:last]
        return float(np.std(heard) * there / max(looked, there)) if there and len(heard) else 0.0

    worths = np.array([worth(start) for start in starts])
    chosen: list[float] = []
    for place in np.argsort(-worths, kind="stable")[: np.count_nonzero(worths)]:
        if all(abs(starts[place] - other) >= SECONDS for other in chosen):
            chosen.append(float(starts[place]))
    return sorted(chosen[:MOST])


def _levels(video: VideoSource) -> np.ndarray:
    """Levels of the whole sound in dB, one each `BLOCK`, none lower than `LEVEL_RANGE` allows."""
    blocks = decode_blocks(video.path, RATE, BLOCK, video.sound_track)
    powers = np.array([np.mean(block**2) for block in blocks])
    levels = 10 * np.log10(powers + 1e-9)
    held: np.ndarray = np.maximum(levels, levels.max() - LEVEL_RANGE)
    return held


def _sounds(video: VideoSource, starts: Sequence[float]) -> Iterator[tuple[float, np.ndarray]]:
    """Yield the sound around each stretch, and the time (s) of its first sample in the video."""
    blocks = decode_blocks(video.path, RATE, 1.0, video.sound_track)
    held: list[np.ndarray] = []
    begins = ends = 0  # of what is held, samples from the first picture on
    for start in starts:
        first = max(0, round((start - MARGIN) * RATE))
        last = max(first, round((start + SECONDS + MARGIN) * RATE))
        while ends < last and (block := next(blocks, None)) is not None:
            held.append(block)
            ends += len(block)
            while held and begins + len(held[0]) <= first:
                begins += len(held.pop(0))
        sound = np.concatenate([*held, np.zeros(0, np.float32)])
        yield first / RATE, sound[first - begins : last - begins]


def _followed(
    video: VideoSource, start: float, tracker: FaceTracker
) -> Iterator[tuple[np.ndarray, list[Face]]]:
    """Yield when (s of the video) and how a face is seen without a break, shot by shot."""
    fps = float(video.fps)
    step = max(1, round(fps / FRAMES_A_SECOND))
    numbers = range(round(start * fps), min(round((start + SECONDS) * fps), video.count), step)
    tracked = zip(numbers, tracker.track(video.frames(numbers)), strict=True)
    seen = ((number, frame.face, frame.shot) for number, frame in tracked)
    for (_, is_seen), run in groupby(seen, key=lambda one: (one[2], one[1] is not None)):
        frames = list(run)
        if is_seen and len(frames) * step >= SHORTEST * fps:
            times = np.array([number for number, _, _ in frames]) / fps
            yield times, [face for _, face, _ in frames if face is not None]
