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
from collections import deque
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from lipwright import Speech, Video
from lipwright.articulation import articulate
from lipwright.cli.demo import find_sample_portrait
from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.face import Face, FaceFinder
from lipwright.face.tracker import FaceTracker, TrackedFrame, largest
from lipwright.media.audio.loudness import measure_loudness
from lipwright.media.audio.mixer import Mix, Track
from lipwright.media.image.read import read_image
from lipwright.media.video.chunks import split_chunks
from lipwright.media.video.original_sound import original_sound
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.source import open_video_source
from lipwright.media.video.writer import VideoWriter
from lipwright.pipeline.dubbing import follow

FPS = Fraction(25)
FRAMES = 150
SMALL_SCALE = 1.5
GRAINS = 0.0, 2.0, 4.0  # grey levels
OUTER_EYES = (33, 263)
SHORT_STRETCH = 50
EDGE = 4  # frames left out at both ends where lag is looked for
CLIPS = 8
KEPT, MINUTES = -20.0, 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="of the speed measurement")
    options = parser.parse_args()
    finder = FaceFinder()
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder, "small.mp4")
        motion = write_film(small, (960, 960), SMALL_SCALE, FRAMES, max(GRAINS))
        print_tracking(small, motion, finder)
        clips = real_talkers()
        if len(clips) < 2:
            print("GRID is not here (LIPWRIGHT_GRID): real talkers are left out.\n")
        else:
            print_lips(clips, finder)
            print_sound(clips)
        print_speed(Path(folder), options.runs)


def write_film(
    path: Path, size: tuple[int, int], scale: float, frames: int, level: float
) -> list[np.ndarray]:
    """Writes the sample portrait swaying; gives back where its px are in each frame: (2, 3).

    level: of the grain, grey levels.
    """
    portrait = sample_portrait(scale)
    middle = np.array([portrait.shape[1] / 2, portrait.shape[0] * 0.45])
    grain = np.random.default_rng(0)
    places = []
    with VideoWriter(path, OutputSpec(size, FPS)) as video:
        for time_ in np.arange(frames) / 25:
            turn = (1 + 0.06 * np.sin(1.4 * time_)) * rotation(np.radians(6 * np.sin(2.5 * time_)))
            sway = np.array([40 * np.sin(2 * time_), 25 * np.sin(1.7 * time_)])
            place = np.array(size) * [0.5, 0.45] + sway
            places.append(np.c_[turn, place - turn @ middle])
            frame = cv2.warpAffine(portrait, places[-1], size, borderMode=cv2.BORDER_REPLICATE)
            noisy = frame + grain.normal(0, level, frame.shape)
            video.write(noisy.clip(0, 255).astype(np.uint8))
    return places


def sample_portrait(scale: float) -> np.ndarray:
    return cv2.resize(read_image(find_sample_portrait()), None, fx=scale, fy=scale)


def rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def print_tracking(path: Path, places: list[np.ndarray], finder: FaceFinder) -> None:
    footage, every = open_video_source(path), range(len(places))
    stretches = split_chunks(footage.frames(every), 0, len(places), SHORT_STRETCH)
    followed = follow(stretches, [largest], finder)
    faces: dict[str, list[Face | None]] = {
        "tracked": [in_frame(each) for each in FaceTracker(finder).track(footage.frames(every))],
        f"tracked anew every {SHORT_STRETCH} frames": [in_frame(each) for (each,) in followed],
        "detected frame by frame": [finder.find(image)[0] for image in footage.pictures(every)],
    }
    still = finder.find(sample_portrait(SMALL_SCALE))[0].landmarks[:, :2]
    truth = np.array([still @ place[:, :2].T + place[:, 2] for place in places])
    eyes = np.linalg.norm(truth[:, OUTER_EYES[0]] - truth[:, OUTER_EYES[1]], axis=-1).mean()
    print("| a moving head | error (% of eye distance; at most 1) | tremble (%) | lag (frames) |")
    print("|---|---|---|---|")
    for name, found in faces.items():
        landmarks = np.array([face.landmarks[:, :2] for face in found if face is not None])
        off = landmarks - truth
        error = 100 * np.linalg.norm(off, axis=-1).mean() / eyes
        tremble = 100 * np.linalg.norm(np.diff(off, 2, axis=0), axis=-1).mean() / eyes
        print(f"| {name} | {error:.2f} | {tremble:.2f} | {lag(landmarks, truth):+.2f} |")
    print()


def in_frame(frame: TrackedFrame) -> Face | None:
    """The face in px of the whole frame."""
    return frame.face and frame.face.moved(*frame.box[:2])


def lag(landmarks: np.ndarray, truth: np.ndarray) -> float:
    """Frames by which the face's middle comes late."""
    seen, true = landmarks.mean(axis=1)[:, 0], truth.mean(axis=1)[:, 0]
    inner, frames = np.arange(EDGE, len(seen) - EDGE), np.arange(len(seen))
    lags = np.arange(-2, 2.01, 0.05)
    misses = [np.ptp(np.interp(inner + late, frames, seen) - true[inner]) for late in lags]
    return float(lags[int(np.argmin(misses))])


def real_talkers() -> list[Path]:
    folder = Path(os.environ.get("LIPWRIGHT_GRID", "../shared/data/grid"), "others")
    return sorted(folder.glob("*.mp4"))[:CLIPS]


def print_lips(clips: list[Path], finder: FaceFinder) -> None:
    """They shall be silent, or say what another says."""
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
    footage = open_video_source(clip)
    source = gaps(finder, footage.pictures(range(footage.count)))
    rest = np.zeros(int(footage.duration * 16000), np.float32)
    shut = gaps(finder, Video(clip).frames(Speech.from_samples(rest, 16000, [])))
    speech = Speech.from_file(other)
    seen = gaps(finder, Video(clip).frames(speech))
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


def print_sound(clips: list[Path]) -> None:
    """What one says, with the sound of another's film under it."""
    quieter, louder, peaks = [], [], []
    for clip, other in zip(clips, [*clips[1:], clips[0]], strict=True):
        speech = Speech.from_file(other)
        own = original_sound(open_video_source(clip), KEPT, "bounce")
        mixed, alone = heard(Track(speech), own), heard(Track(speech))
        full = heard(Track(Speech.from_file(clip)))
        count = min(mixed.size, full.size)
        under = measure_loudness((mixed - alone)[:count], speech.rate)
        quieter.append(under - measure_loudness(full[:count], speech.rate))
        louder.append(loudness_change(alone, mixed, speech.rate))
        peaks.append(np.abs(mixed).max())
    print(f"| the film's own sound kept at {KEPT:g} dB | median | worst |")
    print("|---|---|---|")
    print(f"| its loudness against what it was (LU) | {np.median(quieter):.1f} | |")
    print(f"| the speech's own change (LU) | {np.median(louder):.2f} | {max(louder):.2f} |")
    print(f"| peak (of full scale) | {np.median(peaks):.2f} | {max(peaks):.2f} |")
    minutes = Track(Speech.from_samples(np.zeros(MINUTES * 60 * 48000, np.float32), 48000))
    seconds = timed(lambda: deque(Mix((minutes, own)).opened().blocks(), maxlen=0))
    print(f"| mixed so many times faster than real time | {MINUTES * 60 / seconds:.0f} | |\n")


def heard(*tracks: Track) -> np.ndarray:
    return np.concatenate(list(Mix(tracks).opened().blocks()), axis=1).mean(axis=0)


def loudness_change(alone: np.ndarray, mixed: np.ndarray, rate: int) -> float:
    """LU by which what was there is louder or quieter in the mix: its share of it."""
    share = float(np.dot(mixed, alone) / np.dot(alone, alone))
    return abs(measure_loudness(alone * share, rate) - measure_loudness(alone, rate))


def print_speed(folder: Path, runs: int) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 20 * 16000).astype(np.float32)
    speech = Speech.from_samples(samples, 16000)
    film, output = folder / "large.mp4", folder / "dubbed.mp4"
    print(
        "| 20 s at 1920x1080, times real time (at least 1) | dubbed | decoded and encoded alone |"
    )
    print("|---|---|---|")
    for grain in GRAINS:
        write_film(film, (1920, 1080), 2.1, 250, grain)
        dubbed = [timed(lambda: Video(film).save(speech, output)) for _ in range(runs)]
        alone = [timed(lambda: copy_film(film, output, 20)) for _ in range(runs)]
        times = " | ".join(f"{20 / statistics.median(each):.2f}" for each in (dubbed, alone))
        rate = film.stat().st_size * 8 / 10 / 1e6
        print(f"| grain of {grain:.0f} grey levels: {rate:.0f} Mb/s | {times} |")


def copy_film(path: Path, output: Path, seconds: int) -> None:
    footage = open_video_source(path)
    with VideoWriter(output, OutputSpec(footage.size, FPS)) as video:
        for frame in footage.frames(i % footage.count for i in range(25 * seconds)):
            video.write(frame)


def timed(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
