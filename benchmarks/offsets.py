"""A video's own offset: what is found on recordings whose offset is known, and the confidence.

    python benchmarks/offsets.py

Real talkers come from GRID (LIPWRIGHT_GRID names its folder, of which the clips in `others` are
taken; they are in step) and from the folder of free speech of wild_clips.py (LIPWRIGHT_WILD).
Prints what is found, how often it is believed of clips with the sound of another clip, or with
their own a second and more away, and the logistic model of the confidence, fitted anew: its three
constants stand in lipwright/pipeline/av_offset.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from wild_clips import find_wild, read_wild

from lipwright.evaluation.audio import read_sound
from lipwright.evaluation.landmark_track import track_video
from lipwright.face import FaceFinder
from lipwright.pipeline.av_offset import (
    LEAST_SPEECH,
    RATE,
    TRUSTED,
    Agreement,
    HeardLips,
    Stretch,
    agreement,
    estimate_offset,
    measure_lips,
)

RIGHT = 0.06  # s: found so near to the truth an offset is right
FAR = (1.0, 1.7)  # s by which a sound is moved too far to be found
WINDOWS = (2.5, 4.0, 8.0)  # s: parts of long clips that are looked at as well
MARGIN = 0.5  # s of sound around a part
RIDGE = 0.02


class Clip(NamedTuple):
    """A clip whose offset is known."""

    name: str
    times: np.ndarray
    lips: np.ndarray
    sound: np.ndarray
    fps: float
    offset: float
    """Seconds by which the lips are late."""


class Case(NamedTuple):
    """What was found on one clip, or one that was made of two."""

    found: Agreement
    is_right: bool
    is_own: bool


def main() -> None:
    clips = [*wild_clips(), *grid_clips()]
    if len(clips) < 2:
        print("There are no clips (LIPWRIGHT_GRID, LIPWRIGHT_WILD): nothing was measured.")
        return
    print("| clip | true (frames) | found | confidence |\n|---|---|---|---|")
    for clip in clips:
        found = estimate_offset([stretch(clip.times, clip.lips, clip.sound)], clip.fps)
        true = clip.offset * clip.fps
        print(f"| {clip.name} | {true:+.0f} | {found.frames:+.2f} | {found.confidence:.3f} |")
    print_confidence([case for number in range(len(clips)) for case in cases(clips, number)])


def wild_clips() -> Iterator[Clip]:
    for clip in read_wild(find_wild()):
        late = clip.offset / clip.fps
        yield Clip(clip.name, clip.times, clip.lips, clip.sound, clip.fps, late)


def grid_clips() -> Iterator[Clip]:
    folder = Path(os.environ.get("LIPWRIGHT_GRID", "../shared/data/grid"), "others")
    finder = FaceFinder()
    for path in sorted(folder.glob("*.mp4")):
        track = track_video(path, finder)
        times = np.arange(len(track)) / float(track.fps)
        sound = read_sound(path, track.duration)
        lips = measure_lips(track.landmarks)
        yield Clip(path.stem, times, lips, sound, float(track.fps), 0.0)


def stretch(times: np.ndarray, lips: np.ndarray, sound: np.ndarray) -> Stretch:
    return Stretch(times, lips, HeardLips(sound))


def cases(clips: list[Clip], number: int) -> Iterator[Case]:
    """A clip and parts of it, and as many with a sound that is not theirs."""
    clip = clips[number]
    times, lips, sound = clip.times, clip.lips, clip.sound
    length = len(sound) / RATE
    parts = [
        (start, start + seconds)
        for seconds in WINDOWS
        for start in np.arange(0, length - seconds, seconds)
    ]
    yield own(clip, stretch(times, lips, sound))
    for first, last in parts:
        inside, heard = (times >= first) & (times < last), max(0.0, first - MARGIN)
        around = sound[int(heard * RATE) : int((last + MARGIN) * RATE)]
        yield own(clip, stretch(times[inside] - heard, lips[inside], around))
    generator = np.random.default_rng(number)
    strangers = [other for other in clips if other is not clip]
    for place in generator.choice(len(strangers), len(parts) + 3):
        other = strangers[place]
        last = min(length, other.times[-1])
        inside = other.times < last
        foreign = stretch(other.times[inside], other.lips[inside], sound[: int(last * RATE)])
        yield Case(agreement([foreign]), False, False)
    for away in FAR:
        inside = times >= away
        far = stretch(times[inside] - away, lips[inside], sound[: int((length - away) * RATE)])
        yield Case(agreement([far]), False, False)


def own(clip: Clip, seen: Stretch) -> Case:
    found = agreement([seen])
    return Case(found, abs(found.lag - clip.offset) <= RIGHT, True)


def print_confidence(found: list[Case]) -> None:
    own_sound = [case for case in found if case.is_own]
    foreign = [case for case in found if not case.is_own]
    believed = [case for case in found if case.found.confidence >= TRUSTED]
    print(f"\n| confidence of {TRUSTED:g} and more | |\n|---|---|")
    for name, group in (("own sound", own_sound), ("another sound", foreign)):
        trusted = sum(case in believed for case in group)
        print(f"| {name} | {trusted} of {len(group)} |")
    wrong = sum(not case.is_right for case in believed)
    print(f"| wrong of all that are believed | {wrong} of {len(believed)} |")
    peak, rise, needed = fit([c for c in found if c.found.is_inside])
    print(f"\nfitted: PEAK_WEIGHT {peak:.1f}, RISE_WEIGHT {rise:.1f}, NEEDED {needed:.1f}")


def fit(found: list[Case]) -> tuple[float, float, float]:
    """Logistic regression of `is_right`, both answers weighing the same, by Newton's method."""
    usable = [case for case in found if case.found.speech >= LEAST_SPEECH]
    right = np.array([case.is_right for case in usable], float)
    roots = np.sqrt([case.found.speech for case in usable])
    inputs = np.stack(
        [
            roots * [case.found.peak for case in usable],
            roots * [case.found.rise for case in usable],
            -np.ones(len(usable)),
        ],
        axis=1,
    )
    weights = np.where(right > 0, 0.5 / right.mean(), 0.5 / (1 - right.mean()))
    model, ridge = np.zeros(3), RIDGE * np.diag([1.0, 1.0, 0.0])
    for _ in range(60):
        answers = 1 / (1 + np.exp(-inputs @ model))
        slope = inputs.T @ (weights * (right - answers)) - ridge @ model
        bend = (inputs * (weights * answers * (1 - answers))[:, None]).T @ inputs + ridge
        model += np.linalg.solve(bend, slope)
    return float(model[0]), float(model[1]), float(model[2])


if __name__ == "__main__":
    main()
