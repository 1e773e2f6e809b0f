"""Films: how well a face is followed, what a dubbed mouth does, and how fast films are dubbed.

The moving head is matplotlib's sample portrait under a known motion, so the truth is exact. Real
talkers come from GRID (LIPWRIGHT_GRID names its folder); without it their table is left out.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from lipwright import Film, Speech
from lipwright.articulation import articulate
from lipwright.cli.demo import find_sample_portrait
from lipwright.engines.portrait.geometry import FaceFrame
from lipwright.face import FaceFinder
from lipwright.face.track import FaceTracker
from lipwright.media.footage import read_footage
from lipwright.media.image import read_image
from lipwright.media.video import VideoWriter

FPS = Fraction(25)
FRAMES = 150
SMALL_SCALE = 1.5
GRAIN = 4.0  # grey levels
OUTER_EYES = (33, 263)
EDGE = 4  # frames left out at both ends where lag is looked for
CLIPS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="of the speed measurement")
    options = parser.parse_args()
    finder = FaceFinder()
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder, "small.mp4"), Path(folder, "large.mp4")
        motion = write_film(small, (960, 960), SMALL_SCALE, FRAMES)
        write_film(large, (1920, 1080), 2.1, 250)
        print_tracking(small, motion, finder)
        print_lips(finder)
        print_speed(large, Path(folder, "dubbed.mp4"), options.runs)


def write_film(path: Path, size: tuple[int, int], scale: float, frames: int) -> list[np.ndarray]:
    """Writes the sample portrait swaying; gives back where its px are in each frame: (2, 3)."""
    portrait = sample_portrait(scale)
    middle = np.array([portrait.shape[1] / 2, portrait.shape[0] * 0.45])
    grain = np.random.default_rng(0)
    places = []
    with VideoWriter(path, size, FPS) as video:
        for time_ in np.arange(frames) / 25:
            turn = (1 + 0.06 * np.sin(1.4 * time_)) * rotation(np.radians(6 * np.sin(2.5 * time_)))
            sway = np.array([40 * np.sin(2 * time_), 25 * np.sin(1.7 * time_)])
            place = np.array(size) * [0.5, 0.45] + sway
            places.append(np.c_[turn, place - turn @ middle])
            frame = cv2.warpAffine(portrait, places[-1], size, borderMode=cv2.BORDER_REPLICATE)
            noisy = frame + grain.normal(0, GRAIN, frame.shape)
            video.write(noisy.clip(0, 255).astype(np.uint8))
    return places


def sample_portrait(scale: float) -> np.ndarray:
    return cv2.resize(read_image(find_sample_portrait()), None, fx=scale, fy=scale)


def rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def print_tracking(path: Path, places: list[np.ndarray], finder: FaceFinder) -> None:
    pictures = list(read_footage(path).pictures(range(len(places))))
    faces = {
        "tracked": [frame.face for frame in FaceTracker(finder).track(iter(pictures))],
        "detected frame by frame": [finder.find(picture)[0] for picture in pictures],
    }
    still = finder.find(sample_portrait(SMALL_SCALE))[0].landmarks[:, :2]
    truth = np.array([still @ place[:, :2].T + place[:, 2] for place in places])
    eyes = np.linalg.norm(truth[:, OUTER_EYES[0]] - truth[:, OUTER_EYES[1]], axis=-1).mean()
    print("| a moving head | error (% of eye distance) | tremble (%) | lag (frames) |")
    print("|---|---|---|---|")
    for name, found in faces.items():
        landmarks = np.array([face.landmarks[:, :2] for face in found if face is not None])
        off = landmarks - truth
        error = 100 * np.linalg.norm(off, axis=-1).mean() / eyes
        tremble = 100 * np.linalg.norm(np.diff(off, 2, axis=0), axis=-1).mean() / eyes
        print(f"| {name} | {error:.2f} | {tremble:.2f} | {lag(landmarks, truth):+.2f} |")
    print()


def lag(landmarks: np.ndarray, truth: np.ndarray) -> float:
    """Frames by which the face's middle comes late."""
    seen, true = landmarks.mean(axis=1)[:, 0], truth.mean(axis=1)[:, 0]
    inner, frames = np.arange(EDGE, len(seen) - EDGE), np.arange(len(seen))
    lags = np.arange(-2, 2.01, 0.05)
    misses = [np.ptp(np.interp(inner + late, frames, seen) - true[inner]) for late in lags]
    return float(lags[int(np.argmin(misses))])


def print_lips(finder: FaceFinder) -> None:
    """Real talkers who shall be silent, or say what another says."""
    folder = Path(os.environ.get("LIPWRIGHT_GRID", "../shared/data/grid"), "others")
    clips = sorted(folder.glob("*.mp4"))[:CLIPS]
    if len(clips) < 2:
        print("GRID is not here (LIPWRIGHT_GRID): real talkers are left out.\n")
        return
    others = [*clips[1:], clips[0]]
    rows = [dub_clip(clip, other, finder) for clip, other in zip(clips, others, strict=True)]
    wide, shut, asked, own = np.array(rows).T
    print(f"| {len(clips)} real talkers dubbed | median | worst |")
    print("|---|---|---|")
    print(f"| widest lip gap in the film itself (mouth widths) | {np.median(wide):.3f} | |")
    print(f"| the same, dubbed with silence | {np.median(shut):.3f} | {shut.max():.3f} |")
    print(f"| gap: correlation with what was asked | {np.median(asked):.2f} | {asked.min():.2f} |")
    print(f"| gap: correlation with the film's own | {np.median(own):.2f} | |\n")


def dub_clip(clip: Path, other: Path, finder: FaceFinder) -> tuple[float, float, float, float]:
    footage = read_footage(clip)
    source = gaps(finder, footage.pictures(range(footage.count)))
    rest = np.zeros(int(footage.duration * 16000), np.float32)
    shut = gaps(finder, Film(clip).frames(Speech.from_samples(rest, 16000, [])))
    speech = Speech.from_file(other)
    seen = gaps(finder, Film(clip).frames(speech))
    lips = articulate(speech).at(np.arange(len(seen)) / float(footage.fps))
    count = min(len(source), len(seen))
    return (
        source.max(),
        shut.max(),
        float(np.corrcoef(seen, lips[:, 1] + lips[:, 5])[0, 1]),
        float(np.corrcoef(seen[:count], source[:count])[0, 1]),
    )


def gaps(finder: FaceFinder, pictures) -> np.ndarray:
    return np.array([FaceFrame.of(finder.find(picture)[0].landmarks).gap for picture in pictures])


def print_speed(path: Path, output: Path, runs: int) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 20 * 16000).astype(np.float32)
    speech = Speech.from_samples(samples, 16000)
    dubbed = [timed(lambda: Film(path).save(speech, output)) for _ in range(runs)]
    alone = [timed(lambda: copy_film(path, output, 20)) for _ in range(runs)]
    print("| 20 s at 1920x1080 | times real time |")
    print("|---|---|")
    print(f"| dubbed | {20 / statistics.median(dubbed):.2f} |")
    print(f"| decoded and encoded alone | {20 / statistics.median(alone):.2f} |")


def copy_film(path: Path, output: Path, seconds: int) -> None:
    footage = read_footage(path)
    with VideoWriter(output, footage.size, FPS) as video:
        for picture in footage.pictures(i % footage.count for i in range(25 * seconds)):
            video.write(picture)


def timed(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
