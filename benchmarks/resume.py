"""Long recordings: killed again and again they come to the same video, and memory stays flat.

    python benchmarks/resume.py [--kills N] [--minutes N]

Runs of the command are ended at random moments as a power cut would end them (SIGKILL) and taken up
with --resume; the video has to have the same packets and pictures as one made in a single run.
Parts are a second long here rather than 20. Then a film of some minutes at 1080p is dubbed, and the
memory of that process is looked at on the way. Needs the `demo` extra. Prints Markdown.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from lipwright.cli.demo import find_sample_portrait
from lipwright.media.audio.wav_writer import write_wav
from lipwright.media.image.read import read_image
from lipwright.media.video.concat import join_parts
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from lipwright.pipeline.checkpoint import CheckpointStore

FPS = Fraction(25)
SECONDS = 12
PART_SECONDS = 1
SMALL, LARGE = (640, 480), (1920, 1080)
LOOP_SECONDS = 10  # of the film that is repeated to make a long one
RUN = """
import sys
from lipwright.media.video import chunks
chunks.SECONDS = float(sys.argv[1])
from lipwright.cli import run
sys.exit(run(sys.argv[2:]))
"""
MEMORY = """
import sys
import lipwright

def look(stage, done, total):
    if stage == "frames" and done in (total // 10, total // 2, total):
        lines = open("/proc/self/status").read().splitlines()
        print(next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS")))

result = lipwright.sync(*sys.argv[1:4], progress=look)
print(result.speed)
"""


@dataclass
class Kills:
    """What became of one video that was not left alone."""

    count: int
    resumed: int
    """Runs that began with something finished."""
    frames: int
    same_packets: bool
    same_pictures: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20, help="of each kind of source")
    parser.add_argument("--minutes", type=float, default=10, help="of the film at 1080p")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name:
        print_kills(Path(name), options.kills)
        print_memory(Path(name), options.minutes)


def print_kills(folder: Path, kills: int) -> None:
    speech = write_speech(folder / "speech.wav", SECONDS)
    film = write_film(folder / "film.mkv", SMALL, 4)
    columns = "kills", "runs that went on with parts", "frames", "same packets", "same pictures"
    print(f"| {SECONDS} s in parts of {PART_SECONDS} s | {' | '.join(columns)} |")
    print("|---|---|---|---|---|---|")
    for name, source in (("--image", find_sample_portrait()), ("--video", film)):
        command = ["sync", name, str(source), "--audio", str(speech), "--quality", "low", "--quiet"]
        found = kill_often(command, folder, kills)
        print(
            f"| {name} | {found.count} | {found.resumed} | {found.frames} | "
            f"{_yes(found.same_packets)} | {_yes(found.same_pictures)} |"
        )
    print()


def kill_often(command: list[str], folder: Path, kills: int) -> Kills:
    alone, output = folder / "alone.mp4", folder / "killed.mp4"
    started = time.perf_counter()
    run(command, alone, None)
    whole = time.perf_counter() - started
    chance, done, resumed = random.Random(0), 0, 0
    while done < kills:
        resumed += bool(list(CheckpointStore(output).folder.glob("part-*.mkv")))
        done += not run(command, output, chance.uniform(0.3, 0.9) * whole)
        output.unlink(missing_ok=True)
    resumed += bool(list(CheckpointStore(output).folder.glob("part-*.mkv")))
    run(command, output, None)
    mine, other = packets(output), packets(alone)
    pairs = zip(pictures(output), pictures(alone), strict=True)
    same = all(np.array_equal(one, two) for one, two in pairs)
    return Kills(done, resumed, len(mine), mine == other, same)


def run(command: list[str], output: Path, seconds: float | None) -> bool:
    """Runs the command, at most so long; whether it came to its end."""
    begun = (CheckpointStore(output).folder / "plan.json").exists()
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(PART_SECONDS), *command, "--output", str(output)]
        + ["--resume"] * begun
    )
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    if status:
        raise SystemExit(f"the command failed with status {status}")
    return True


def packets(path: Path) -> list[tuple[int | None, bytes]]:
    with av.open(str(path)) as container:
        return [(p.pts, bytes(p)) for p in container.demux(video=0) if p.size]


def pictures(path: Path):
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="yuv420p")


def print_memory(folder: Path, minutes: float) -> None:
    if not Path("/proc/self/status").exists():
        print("Memory is counted on Linux only: left out.")
        return
    loop = write_film(folder / "loop.mkv", LARGE, LOOP_SECONDS)
    film, seconds = folder / "long.mp4", round(60 * minutes)
    join_parts([loop] * max(1, seconds // LOOP_SECONDS), film, FPS)
    speech = write_speech(folder / "long.wav", seconds)
    command = [sys.executable, "-c", MEMORY, str(film), str(speech), str(folder / "out.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    early, middle, late, speed = done.stdout.split()
    print(f"| {minutes:g} min of film at {LARGE[0]}x{LARGE[1]} dubbed | resident memory (MB) |")
    print("|---|---|")
    for name, value in (("after a tenth", early), ("after half", middle), ("at the end", late)):
        print(f"| {name} | {value} |")
    print(f"| times real time | {float(speed):.2f} |")


def write_speech(path: Path, seconds: int) -> Path:
    """Noise that comes and goes as syllables do."""
    times = np.arange(16000 * seconds) / 16000
    loudness = 0.1 * np.clip(np.sin(2 * np.pi * 2 * times), 0, None)
    write_wav(path, np.random.default_rng(0).normal(0, loudness).astype(np.float32), 16000)
    return path


def write_film(path: Path, size: tuple[int, int], seconds: int) -> Path:
    """The sample portrait swaying; it ends as it begins."""
    portrait = read_image(find_sample_portrait())
    scale = 0.9 * size[1] / portrait.shape[0]
    with VideoWriter(path, OutputSpec(size, FPS)) as video:
        for phase in np.linspace(0, 2 * np.pi, round(FPS * seconds), endpoint=False):
            across = size[0] / 2 - scale * portrait.shape[1] / 2 + 0.05 * size[1] * np.sin(phase)
            down = 0.05 * size[1] * (1 + np.sin(2 * phase)) / 2
            place = np.array([[scale, 0, across], [0, scale, down]])
            video.write(cv2.warpAffine(portrait, place, size, borderMode=cv2.BORDER_REPLICATE))
    return path


def _yes(so: bool) -> str:
    return "yes" if so else "NO"


if __name__ == "__main__":
    main()
