"""Heads and brows of rendered portraits beside those of people who speak freely.

    python benchmarks/motion.py [--portraits 12] [--seconds 20] [--quality low] [--json]

Portraits are the pictures of LIPWRIGHT_PORTRAITS (or ../shared/field/portraits) and the demo's;
people and the sounds that are spoken those of wild_clips.py (LIPWRIGHT_WILD). Every portrait is
rendered at every level of `motion`, and the encoded video tracked as the people were. Prints
Markdown, or with --json everything, portrait by portrait.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from motion_measures import (
    MEASURES,
    background,
    difference,
    measure_track,
    medians,
    percentiles,
)
from motion_tracks import MotionTrack, columns_of, eye_opening, lip_gap, read_people
from wild_clips import RATE, find_wild

import lipwright
from lipwright.cli.demo import find_sample_portrait
from lipwright.core.errors import LipwrightError
from lipwright.core.validation import MOTIONS
from lipwright.evaluation.audio import energy
from lipwright.evaluation.landmark_track import track_video
from lipwright.evaluation.metrics import correlation
from lipwright.face import Face, FaceFinder
from lipwright.face.embedding import embed_face
from lipwright.face.landmark_indices import FACE_OVAL
from lipwright.media.audio.decode import decode_blocks
from lipwright.media.image.read import fit_size, read_image, resize
from lipwright.speech.speech import Speech

FPS = 25
STILL = "still"
SILENCE = 1.0  # s of a video in which nothing happens: what the codec alone does
OPEN_EYES = 0.8  # of the usual opening: frames with less are blinks, in which nobody looks the same
PICTURES = (".jpg", ".jpeg", ".png", ".webp")
# percentiles of people whom a level is compared with, and what is asked of it: the standard
# deviation within a clip of the calmest tenth, quarter and half of a larger group of people
ASKED_OF = {"subtle": 0, "natural": 1, "lively": 2}
ASKED = {
    "sd yaw": (1.3, 2.0, 4.5),
    "sd pitch": (1.7, 2.0, 3.3),
    "sd roll": (1.1, 1.8, 3.3),
    "sd x": (0.028, 0.039, 0.060),
    "sd y": (0.014, 0.020, 0.026),
    "sd brow": (0.010, 0.015, 0.021),
    "speed yaw": (5.0, 7.0, 11.0),
    "speed pitch": (8.0, 8.0, 10.0),
    "speed roll": (3.0, 5.0, 7.0),
}
LEAST_IDENTITY, LEAST_LIPS = 0.97, 0.98


class Rendered(NamedTuple):
    """One portrait at one level."""

    measures: dict[str, float]
    gap: np.ndarray
    """The lips', (T,)."""
    background: np.ndarray
    """Mean and 99th percentile of each frame's difference from the picture, (T, 2)."""
    identity: np.ndarray
    """Cosine of each frame's face with the picture's, (T,); NaN in blinks and without a face."""


class Look(NamedTuple):
    """The picture a portrait's videos are compared with."""

    image: np.ndarray
    embedding: np.ndarray
    background: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--portraits", type=int, default=12, help="beside the demo's")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--quality", default="low", help="low, medium or high")
    parser.add_argument("--levels", nargs="+", default=list(MOTIONS), choices=MOTIONS)
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    options = parser.parse_args()
    folder = find_wild()
    people = read_people(folder)
    if not people:
        print("Nobody speaks freely here (set LIPWRIGHT_WILD): nothing was measured.")
        return
    sounds = [read_sound(folder / f"{one.name}.flac", options.seconds) for one in people]
    levels = [STILL, *(level for level in options.levels if level != STILL)]
    finder = FaceFinder()
    portraits: dict[str, dict[str, Any]] = {}
    for number, path in enumerate(find_portraits(options.portraits)):
        try:
            found = measure_portrait(
                path, sounds[number % len(sounds)], levels, options.quality, finder
            )
        except LipwrightError as error:
            print(f"{path.name} left out: {error}", file=sys.stderr)
            continue
        portraits[path.stem] = found
        print(f"{path.stem} is measured", file=sys.stderr, flush=True)
    results = {"people": {one.name: measure_track(one) for one in people}, "portraits": portraits}
    if options.json:
        print(json.dumps(results, indent=1))
    else:
        print("\n".join(markdown(results, levels)))


def find_portraits(count: int) -> list[Path]:
    """So many pictures of the folder, as far as there are, and the demo's."""
    folder = Path(os.environ.get("LIPWRIGHT_PORTRAITS", "../shared/field/portraits"))
    paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in PICTURES)
    if not paths:
        print("There are no portraits (set LIPWRIGHT_PORTRAITS): the demo's alone is measured.")
    return [*paths[:count], find_sample_portrait()]


def read_sound(path: Path, seconds: float) -> np.ndarray:
    """The sound over and over again until it is so long: mono float32 (n,) at 16 kHz."""
    return np.resize(np.concatenate(list(decode_blocks(path, RATE))), round(seconds * RATE))


def measure_portrait(
    path: Path, sound: np.ndarray, levels: Sequence[str], quality: str, finder: FaceFinder
) -> dict[str, Any]:
    """Of each level its measures, and those that compare it with the still one."""
    look = look_at(read_image(path), quality, finder)
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder, "video.mp4")
        quiet = np.zeros(round(SILENCE * RATE), np.float32)
        alike = float(np.nanmedian(render(look, quiet, STILL, quality, video, finder).identity))
        made = {level: render(look, sound, level, quality, video, finder) for level in levels}
    still = made[STILL]
    return {
        "background_share": float(look.background.mean()),
        "recompressed_identity": alike,
        "levels": {level: compare(one, still, alike) for level, one in made.items()},
    }


def look_at(image: np.ndarray, quality: str, finder: FaceFinder) -> Look:
    """The picture as it is rendered, and its face."""
    image = resize(image, fit_size(image.shape[1], image.shape[0], quality))
    face = next(iter(finder.find(image)), None)
    if face is None:
        raise LipwrightError("no face is found in it at the size of the video.")
    oval = face.landmarks[list(FACE_OVAL), :2]
    return Look(image, embed_face(image, face), background(image, oval))


def render(
    look: Look, sound: np.ndarray, level: str, quality: str, video: Path, finder: FaceFinder
) -> Rendered:
    """Make a video, and track it."""
    speech = Speech.from_samples(sound, RATE)
    lipwright.sync(look.image, speech, video, quality=quality, motion=level, fps=FPS)
    differences: list[tuple[float, float]] = []
    identity: list[float] = []

    def visit(number: int, image: np.ndarray, face: Face | None) -> None:
        differences.append(difference(image, look.image, look.background))
        alike = np.nan if face is None else float(embed_face(image, face) @ look.embedding)
        identity.append(alike)

    track = track_video(video, finder, visit)
    level_db = energy(sound, len(track), FPS)
    moved = MotionTrack(level, FPS, columns_of(track.landmarks, track.poses), level_db)
    opening = eye_opening(track.landmarks)
    blinks = opening < OPEN_EYES * np.median(opening)
    return Rendered(
        measure_track(moved),
        lip_gap(track.landmarks),
        np.array(differences),
        np.where(blinks, np.nan, identity),
    )


def compare(one: Rendered, still: Rendered, alike: float) -> dict[str, float]:
    count = min(len(one.gap), len(still.gap))
    mean, tail = one.background.max(axis=0)
    still_mean, still_tail = still.background.max(axis=0)
    return {
        **one.measures,
        "background mean": float(mean),
        "background p99": float(tail),
        "background mean over still": float(mean - still_mean),
        "background p99 over still": float(tail - still_tail),
        "identity least": float(np.nanmin(one.identity)) / alike,
        "identity mean": float(np.nanmean(one.identity)) / alike,
        "lips": float(correlation(one.gap[:count], still.gap[:count])),
    }


def markdown(results: dict[str, Any], levels: Sequence[str]) -> Iterator[str]:
    portraits = results["portraits"]
    if not portraits:
        yield "There was no portrait with a face: nothing was measured."
        return
    found = {level: [one["levels"][level] for one in portraits.values()] for level in levels}
    yield f"{len(portraits)} portraits, {len(results['people'])} people"
    yield ""
    yield from show_motion(percentiles(list(results["people"].values())), found)
    yield ""
    yield from show_costs(found)
    yield ""
    yield from show_portraits(portraits, [level for level in levels if level != STILL])


def show_motion(
    people: dict[str, tuple[float, ...]], found: dict[str, list[dict[str, float]]]
) -> Iterator[str]:
    """Medians over portraits; in brackets times what is asked of the level."""
    yield "| | people, 10/25/50 % | asked | " + " | ".join(found) + " |"
    yield "|---" * (len(found) + 3) + "|"
    middle = {level: medians(each) for level, each in found.items()}
    for name in MEASURES:
        asked = ASKED.get(name)
        cells = [name, slashed(people[name]), slashed(asked) if asked else ""]
        for level, values in middle.items():
            cell = f"{values[name]:.3g}"
            if asked and level in ASKED_OF:
                cell += f" ({beside(values[name], asked, ASKED_OF[level])})"
            cells.append(cell)
        yield "| " + " | ".join(cells) + " |"


def beside(value: float, asked: tuple[float, ...], place: int) -> str:
    """Times what is asked, and where it lies if neighbours on both sides are known and passed."""
    text = f"x{value / asked[place]:.2f}"
    if 0 < place < len(asked) - 1 and not asked[place - 1] <= value <= asked[place + 1]:
        text += ", too little" if value < asked[place] else ", too much"
    return text


def show_costs(found: dict[str, list[dict[str, float]]]) -> Iterator[str]:
    """The worst portrait of each level, and the median one."""
    yield "| worst portrait (median) | " + " | ".join(found) + " |"
    yield "|---" * (len(found) + 1) + "|"
    rows = (
        ("background, mean difference over still's", "background mean over still", max),
        ("background, 99th percentile over still's", "background p99 over still", max),
        (f"identity, least of a frame (asked {LEAST_IDENTITY})", "identity least", min),
        (f"identity, mean (asked {LEAST_IDENTITY})", "identity mean", min),
        (f"lips, correlation with still's (asked {LEAST_LIPS})", "lips", min),
    )
    for title, name, worst in rows:
        cells = [title]
        for each in found.values():
            values = [one[name] for one in each]
            cells.append(f"{worst(values):.3f} ({np.median(values):.3f})")
        yield "| " + " | ".join(cells) + " |"


def show_portraits(portraits: dict[str, dict[str, Any]], levels: Sequence[str]) -> Iterator[str]:
    names = ("sd yaw", "sd pitch", "background mean over still", "identity least", "lips")
    yield f"| {' / '.join(levels)} | background | " + " | ".join(names) + " |"
    yield "|---" * (len(names) + 2) + "|"
    for portrait, one in portraits.items():
        cells = [portrait, f"{100 * one['background_share']:.0f} %"]
        cells += [slashed([one["levels"][level][name] for level in levels]) for name in names]
        yield "| " + " | ".join(cells) + " |"


def slashed(values: Sequence[float]) -> str:
    return " / ".join(f"{value:.3g}" for value in values)


if __name__ == "__main__":
    main()
