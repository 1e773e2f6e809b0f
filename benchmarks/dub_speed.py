"""How long a dub takes: a real talker enlarged to 1920x1080."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from dub_clips import Film
from dub_methods import spoken

from lipwright import Video
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.source import open_video_source
from lipwright.media.video.writer import VideoWriter

SIZE = 1920, 1080
SECONDS = 12.0


def print_speed(films: Sequence[Film], folder: Path) -> None:
    """films: of one person, one after the other; their sounds are what is said, in other order."""
    path = folder / "large.mp4"
    seconds = enlarge(films, path)
    sound = np.concatenate([film.sound for film in reversed(films)])
    speech = spoken(seconds, sound)
    began = time.perf_counter()
    next(Video(path).frames(speech))
    looked = (time.perf_counter() - began) / seconds
    began = time.perf_counter()
    Video(path).save(speech, folder / "dubbed.mp4")
    whole = (time.perf_counter() - began) / seconds
    print(f"| {seconds:.0f} s at {SIZE[0]}x{SIZE[1]} | s per s of film | times real time |")
    print("|---|---|---|")
    for name, taken in (
        ("to the first frame (look-over and curves)", looked),
        ("whole file", whole),
        ("without what comes before the first frame", whole - looked),
    ):
        print(f"| {name} | {taken:.2f} | {1 / taken:.2f} |")
    print()


def enlarge(films: Sequence[Film], path: Path) -> float:
    """Write the films as one, SECONDS long at most, and give back its length in seconds."""
    fps, count = films[0].fps, 0
    with VideoWriter(path, OutputSpec(SIZE, fps)) as video:
        for film in films:
            for image in open_video_source(film.path).pictures(range(len(film.views))):
                if count < SECONDS * fps:
                    video.write(padded(image))
                    count += 1
    return float(count / fps)


def padded(image: np.ndarray) -> np.ndarray:
    """The image as high as SIZE, its sides repeated to the width, BGR uint8."""
    scale = min(SIZE[0] / image.shape[1], SIZE[1] / image.shape[0])
    large = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    across, down = SIZE[0] - large.shape[1], SIZE[1] - large.shape[0]
    sides = down // 2, down - down // 2, across // 2, across - across // 2
    return cv2.copyMakeBorder(large, *sides, cv2.BORDER_REPLICATE)
