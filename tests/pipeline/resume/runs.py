"""Runs of the command and of the library that break off, and what they leave."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from tests.videos import moved_portrait

import lipwright
from lipwright.pipeline.checkpoint import CheckpointStore
from lipwright.pipeline.options import SyncResult

PART = 0.4
"""Seconds of a part; ten frames."""

KILLED = """
import sys
from lipwright.media.video import chunks
chunks.SECONDS = float(sys.argv[1])
from lipwright.cli import run
sys.exit(run(sys.argv[2:]))
"""


def small(frame: int) -> np.ndarray:
    return cv2.resize(moved_portrait(frame), (320, 320), interpolation=cv2.INTER_AREA)


def packets(path: Path) -> list[tuple[Fraction, bytes]]:
    """When each picture is shown (s), and its bytes in the file."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [(p.pts * p.time_base, bytes(p)) for p in container.demux(stream) if p.size]


def frames_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def same_frames(path: Path, other: Path) -> bool:
    pairs = zip(frames_of(path), frames_of(other), strict=True)
    return all(np.array_equal(one, two) for one, two in pairs)


class Stop:
    """A progress that breaks the run off when so many frames are done."""

    def __init__(self, frames: int, error: type[BaseException] = KeyboardInterrupt) -> None:
        self.frames, self.error = frames, error

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == "frames" and done == self.frames:
            raise self.error


def sync(source, speech, output: Path, **options) -> SyncResult:
    return lipwright.sync(source, speech, output, **{"quality": "low", **options})


def break_off(source, speech, output: Path, frames: int, **options) -> None:
    with pytest.raises(KeyboardInterrupt):
        sync(source, speech, output, progress=Stop(frames), **options)


def kill_at(moment: float, command: list[str], output: Path) -> bool:
    """Runs the command and kills it after so many seconds; whether it was still running."""
    resumed = ["--resume"] if (CheckpointStore(output).folder / "plan.json").exists() else []
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(PART), *command, "--output", str(output), *resumed],
        stderr=subprocess.PIPE,
    )
    try:
        _, said = process.communicate(timeout=moment)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate(timeout=20)
        return True
    assert process.returncode == 0, said.decode()
    return False
