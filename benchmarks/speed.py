"""How fast `lipwright sync` is and how much memory it takes, beside encoding the same frames alone.

    python benchmarks/speed.py [--long] [--repeat N] [--workers N] [--against SRC] [--output FILE]

Every run is a process of its own, as a user would start it, its start-up included; the kinds of run
take turns, and a number is the median of the repeats. The baseline of a run writes its very frames
with the same encoder settings and the same sound, and does nothing else: no faster lip-sync is
possible with it. The first frame has the imports of numpy, cv2, onnxruntime and av as its own.
`--against` names the src folder of another checkout, whose runs take turns too. Processor seconds
hold better than times where other work runs on the machine.
Needs the `demo` extra (its portrait and its voice). Prints Markdown; writes a file only if told to.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from processes import Run, run_program
from speed_inputs import make_picture, make_voice

SECONDS = 40
LONG_SECONDS = 600
FPS = 25
SIZES = {"1080p": (1920, 1080), "512x512": (512, 512)}
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
import sys
from lipwright.media.image import read as image
image.HEIGHTS["high"] = int(sys.argv[1])
import lipwright
next(lipwright.render_frames(sys.argv[2], sys.argv[3]))
"""
IMPORTS = "import numpy, cv2, onnxruntime, av"
ENCODING = """
import sys
sys.path.insert(0, sys.argv[1])
import speed
speed.encode_again(*map(speed.Path, sys.argv[2:]))
"""


@dataclass(frozen=True)
class Round:
    """One run of each kind, one after the other."""

    sync: Run
    alone: Run
    """Encoding alone."""
    first: Run
    """To the first frame."""
    imports: Run
    other: Run | None
    """`sync` of the other checkout."""


def main() -> None:
    options = parse_options()
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name:
        table = "\n".join(measure(Path(name), options))
    print(table)
    if options.output:
        options.output.write_text(table + "\n", encoding="utf-8")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help="also a 10-minute run (memory)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each kind")
    parser.add_argument("--workers", type=int, help="frames drawn at once")
    parser.add_argument("--against", type=Path, help="the src folder of another checkout")
    parser.add_argument("--output", type=Path, help="also write the table to this file")
    return parser.parse_args()


def measure(folder: Path, options: argparse.Namespace) -> Iterator[str]:
    """The lines of the report."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    voice = make_voice(folder / "voice.wav", SECONDS)
    yield f"Machine: {describe_machine()}; load before the first run {load:.1f}."
    yield ""
    yield (
        f"| {SECONDS} s at {FPS} frames/s | times real time | encoding alone | share of it "
        "| processor s | encoding alone | first frame, s | imports, s | peak memory, MB |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    peaks, others = {}, []
    for label, (width, height) in SIZES.items():
        picture = make_picture(folder / f"{label}.png", width, height)
        video = folder / f"{label}.mp4"
        rounds = [make_round(picture, voice, video, height, options) for _ in range(options.repeat)]
        peaks[label] = statistics.median(peak_of(each.sync) for each in rounds)
        yield row_of(label, rounds, peaks[label])
        if options.against:
            others.append(comparison(label, rounds))
    if others:
        yield ""
        yield from others
    if options.long:
        voice = make_voice(folder / "long.wav", LONG_SECONDS, folder / "voice.wav")
        label = "1080p"
        run = run_sync(folder / f"{label}.png", voice, folder / "long.mp4", SIZES[label][1], None)
        growth = 100 * (peak_of(run) / peaks[label] - 1)
        yield ""
        yield (
            f"{LONG_SECONDS // 60} minutes at {label}: {LONG_SECONDS / run.seconds:.2f} times real "
            f"time, peak memory {peak_of(run):.0f} MB ({growth:+.1f} % of the {SECONDS} s run)."
        )


def make_round(
    picture: Path, voice: Path, video: Path, height: int, options: argparse.Namespace
) -> Round:
    other = None
    if options.against:
        elsewhere = video.with_name("other.mp4")
        other = run_sync(picture, voice, elsewhere, height, None, options.against)
    sync = run_sync(picture, voice, video, height, options.workers)
    return Round(
        sync,
        run_python(ENCODING, Path(__file__).parent, video, voice),
        run_python(FIRST_FRAME, height, picture, voice),
        run_python(IMPORTS),
        other,
    )


def row_of(label: str, rounds: list[Round], peak: float) -> str:
    def middle(value: Callable[[Round], float]) -> float:
        return statistics.median(value(each) for each in rounds)

    return (
        f"| {label} | {SECONDS / middle(lambda r: r.sync.seconds):.2f} "
        f"| {SECONDS / middle(lambda r: encoding_seconds(r.alone)):.2f} "
        f"| {middle(lambda r: encoding_seconds(r.alone) / r.sync.seconds):.2f} "
        f"| {middle(lambda r: r.sync.processor):.1f} "
        f"| {middle(lambda r: json.loads(r.alone.printed)['processor']):.1f} "
        f"| {middle(lambda r: r.first.seconds):.2f} | {middle(lambda r: r.imports.seconds):.2f} "
        f"| {peak:.0f} |"
    )


def comparison(label: str, rounds: list[Round]) -> str:
    """What the other checkout takes, as a multiple."""
    pairs = [(each.sync, each.other) for each in rounds if each.other is not None]
    times = statistics.median(other.seconds / ours.seconds for ours, other in pairs)
    processor = statistics.median(other.processor / ours.processor for ours, other in pairs)
    return (
        f"{label}: the other checkout takes {times:.2f} times as long and {processor:.2f} times "
        f"the processor seconds, medians of {len(pairs)} pairs."
    )


def run_sync(
    picture: Path,
    voice: Path,
    video: Path,
    height: int,
    workers: int | None,
    source: Path | None = None,
) -> Run:
    """A whole run of the command. source: the src folder that it is run from; None: installed."""
    arguments = ["--image", picture, "--audio", voice, "--output", video, "--fps", FPS]
    chosen = [] if workers is None else ["--workers", workers]
    run = run_python(RUN, height, *arguments, *chosen, "--quiet", "--json", source=source)
    facts = json.loads(run.printed.splitlines()[0])
    if facts["height"] != height:
        raise SystemExit(f"error: the video is {facts['width']}x{facts['height']}")
    return run


def run_python(code: str, *arguments: object, source: Path | None = None) -> Run:
    """Run Python code in a process of its own."""
    return run_program("-c", code, *arguments, source=source)


def peak_of(run: Run) -> float:
    """Peak resident memory of a run of `sync`, MB."""
    return int(run.printed.splitlines()[1]) / 1e6


def encoding_seconds(run: Run) -> float:
    return float(json.loads(run.printed)["seconds"])


def encode_again(video: Path, voice: Path) -> None:
    """Write the frames of a video again, sound included, with nothing else to do.

    Prints the seconds that it takes and the processor seconds, start-up apart.
    """
    from lipwright.media.video.output_spec import OutputSpec
    from lipwright.media.video.writer import VideoWriter
    from lipwright.speech.speech import Speech

    kept, count = read_frames(video)
    size = kept[0].shape[1], kept[0].shape[0]
    there_and_back = kept + kept[-2:0:-1]
    started, before = time.perf_counter(), time.process_time()
    spec, speech = OutputSpec(size, Fraction(FPS)), Speech.from_file(voice)
    with VideoWriter(video.with_name("alone.mp4"), spec, speech) as out:
        for index in range(count):
            out.write(there_and_back[index % len(there_and_back)])
    seconds, processor = time.perf_counter() - started, time.process_time() - before
    print(json.dumps({"seconds": seconds, "processor": processor}))


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
