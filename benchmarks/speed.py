"""How fast `lipwright sync` is and how much memory it takes, beside encoding the same frames alone.

    python benchmarks/speed.py [--long] [--repeat N] [--output FILE]

Every run is a process of its own, as a user would start it, its start-up included; a number is the
median of the repeats. The baseline writes the very frames of that run with the same encoder
settings and the same sound, and does nothing else: no faster lip-sync is possible with it.
Needs the `demo` extra (its portrait and its voice). Prints Markdown; writes a file only if told to.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

SECONDS = 40
LONG_SECONDS = 600
FPS = 25
SIZES = {"1080p": (1920, 1080), "512x512": (512, 512)}
TARGETS = {"1080p": 1.6, "512x512": 5.0}
FACE_PART = 0.5
"""Height of the face in that of the picture."""
KEPT_FRAMES = 100
"""Frames of the baseline held in memory; they are played forwards and backwards."""

RUN = """
import sys
from lipwright.media.image import read as image
image.HEIGHTS["high"] = int(sys.argv[1])  # 512 is no size that --quality offers
from lipwright.cli import run_sync
status = run_sync(sys.argv[2:])
try:  # of this process alone; getrusage would count what its parent held when it was forked
    lines = open("/proc/self/status").read().splitlines()
    peak = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
except OSError:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(peak)
sys.exit(status)
"""
FIRST_FRAME = """
import sys, time
from lipwright.media.image import read as image
image.HEIGHTS["high"] = int(sys.argv[1])
import lipwright
next(lipwright.render_frames(sys.argv[2], sys.argv[3]))
print(time.time() - float(sys.argv[4]))
"""


@dataclass(frozen=True)
class Run:
    """One whole run of the command."""

    seconds: float
    """Wall-clock time of the process."""
    megabytes: float
    """Peak resident memory."""


def main() -> None:
    options = parse_options()
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name:
        table = "\n".join(measure(Path(name), options.repeat, options.long))
    print(table)
    if options.output:
        options.output.write_text(table + "\n", encoding="utf-8")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help="also a 10-minute run (memory)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each kind")
    parser.add_argument("--output", type=Path, help="also write the table to this file")
    return parser.parse_args()


def measure(folder: Path, repeat: int, long: bool) -> Iterator[str]:
    """The lines of the report."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    voice = make_voice(folder / "voice.wav", SECONDS)
    yield f"Machine: {describe_machine()}; load before the first run {load:.1f}."
    yield ""
    yield (
        f"| {SECONDS} s at {FPS} frames/s | times real time | wanted | encoding alone "
        "| first frame (s) | peak memory (MB) |"
    )
    yield "|---|---|---|---|---|---|"
    peaks = {}
    for label, (width, height) in SIZES.items():
        picture = make_picture(folder / f"{label}.png", width, height)
        video = folder / f"{label}.mp4"
        runs = [run_sync(picture, voice, video, height) for _ in range(repeat)]
        alone = statistics.median(repeated(repeat, time_encoding, video, voice))
        first = statistics.median(repeated(repeat, time_first_frame, picture, voice, height))
        speed = SECONDS / statistics.median(run.seconds for run in runs)
        peaks[label] = statistics.median(run.megabytes for run in runs)
        yield (
            f"| {label} | {speed:.2f} | {TARGETS[label]:.1f} | {SECONDS / alone:.2f} "
            f"| {first:.2f} | {peaks[label]:.0f} |"
        )
    if long:
        voice = make_voice(folder / "long.wav", LONG_SECONDS, folder / "voice.wav")
        label = "1080p"
        run = run_sync(folder / f"{label}.png", voice, folder / "long.mp4", SIZES[label][1])
        growth = 100 * (run.megabytes / peaks[label] - 1)
        yield ""
        yield (
            f"{LONG_SECONDS // 60} minutes at {label}: {LONG_SECONDS / run.seconds:.2f} times real "
            f"time, peak memory {run.megabytes:.0f} MB ({growth:+.1f} % of the {SECONDS} s run)."
        )


def repeated(times: int, function: Callable[..., float], *arguments: Any) -> list[float]:
    return [function(*arguments) for _ in range(times)]


def make_voice(path: Path, seconds: int, source: Path | None = None) -> Path:
    """The demo's script spoken over and over for exactly that long."""
    from lipwright.media.audio.decode import decode_blocks, write_wav

    rate = 44100
    if source is None:
        script = "lipwright/speech/assets/reminder.txt"
        text = Path(__file__).parents[1].joinpath("src", script).read_text(encoding="utf-8")
        import lipwright

        speech = lipwright.synthesize(text)
        samples, rate = speech.samples, speech.rate
    else:
        samples = np.concatenate(list(decode_blocks(source, rate)))
    write_wav(path, np.resize(samples, seconds * rate), rate)
    return path


def make_picture(path: Path, width: int, height: int) -> Path:
    """The demo's portrait on a canvas of this size, its face half as high as the canvas."""
    from lipwright.cli.demo import find_sample_portrait
    from lipwright.face import find_faces
    from lipwright.media.image.read import read_image

    image = read_image(find_sample_portrait())
    x0, y0, x1, y1 = find_faces(image)[0].box
    scale = FACE_PART * height / (y1 - y0)
    moved = np.array(
        [
            [scale, 0, width / 2 - scale * (x0 + x1) / 2],
            [0, scale, height / 2 - scale * (y0 + y1) / 2],
        ]
    )
    canvas = cv2.warpAffine(
        image, moved, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    cv2.imwrite(str(path), canvas)
    return path


def run_sync(picture: Path, voice: Path, video: Path, height: int) -> Run:
    """A whole run of the command in a process of its own."""
    arguments = ["--image", picture, "--audio", voice, "--output", video, "--fps", FPS]
    command = [sys.executable, "-c", RUN, height, *arguments, "--quiet", "--json"]
    started = time.perf_counter()
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - started
    facts, peak = map(json.loads, done.stdout.splitlines())
    if facts["height"] != height:
        raise SystemExit(f"error: the video is {facts['width']}x{facts['height']}")
    return Run(seconds, peak / 1e6)


def time_encoding(video: Path, voice: Path) -> float:
    """Seconds to write the frames of a video again, sound included, with nothing else to do."""
    from lipwright.media.video.output_spec import OutputSpec
    from lipwright.media.video.writer import VideoWriter
    from lipwright.speech.speech import Speech

    kept, count = read_frames(video)
    size = kept[0].shape[1], kept[0].shape[0]
    there_and_back = kept + kept[-2:0:-1]
    started = time.perf_counter()
    spec, speech = OutputSpec(size, Fraction(FPS)), Speech.from_file(voice)
    with VideoWriter(video.with_name("alone.mp4"), spec, speech) as out:
        for index in range(count):
            out.write(there_and_back[index % len(there_and_back)])
    return time.perf_counter() - started


def read_frames(video: Path) -> tuple[list[np.ndarray], int]:
    """The first frames of a video, BGR, and how many it has."""
    import av

    with av.open(str(video)) as container:
        count = container.streams.video[0].frames
        frames = []
        for frame in container.decode(video=0):
            frames.append(frame.to_ndarray(format="bgr24"))
            if len(frames) == KEPT_FRAMES:
                break
    return frames, count


def time_first_frame(picture: Path, voice: Path, height: int) -> float:
    """Seconds from the start of a Python process to its first frame, the speech being there."""
    command = [sys.executable, "-c", FIRST_FRAME, height, picture, voice, time.time()]
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, check=True)
    return float(done.stdout)


def describe_machine() -> str:
    """Processor, cores and Python."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{model}, {cores} cores, Python {platform.python_version()}, no GPU"


if __name__ == "__main__":
    main()
