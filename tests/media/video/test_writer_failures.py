"""A video that cannot be finished leaves nothing behind, and says why."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lipwright.core.errors import MediaError
from lipwright.media.video.muxer import Muxer
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from tests.helpers import unmeasured

SIZE = (96, 64)
FRAME = np.zeros((64, 96, 3), np.uint8)


@pytest.mark.parametrize("extension", ["mp4", "webm", "gif"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_interrupted_run_leaves_the_old_file(
    tmp_path: Path, extension: str, error: type[BaseException]
) -> None:
    path = tmp_path / f"v.{extension}"
    path.write_text("the video of yesterday")
    before = threading.active_count()
    with pytest.raises(error), VideoWriter(path, OutputSpec(SIZE, Fraction(25))) as video:
        for _ in range(20):
            video.write(FRAME)
        raise error
    assert path.read_text() == "the video of yesterday"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert threading.active_count() == before


def test_nothing_shows_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    with VideoWriter(path, OutputSpec(SIZE, Fraction(25))) as video:
        video.write(FRAME)
        assert not path.exists()
        assert all(entry.name.startswith(".") for entry in tmp_path.iterdir())
    assert [entry.name for entry in tmp_path.iterdir()] == ["v.mp4"]
    if os.name == "posix":
        other = tmp_path / "other"
        other.touch()
        assert path.stat().st_mode == other.stat().st_mode


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(MediaError, match="is a folder"):
        VideoWriter(tmp_path / "folder.mp4", OutputSpec(SIZE, Fraction(25))).__enter__()
    with pytest.raises(MediaError, match="no folder"):
        VideoWriter(tmp_path / "new" / "v.mp4", OutputSpec(SIZE, Fraction(25))).__enter__()
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    if not os.access(locked, os.W_OK):  # the superuser may write anywhere
        with pytest.raises(MediaError, match="not writable"):
            VideoWriter(locked / "v.mp4", OutputSpec(SIZE, Fraction(25))).__enter__()


def test_failure_in_the_background_reaches_the_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Muxer, "add", fail)
    with (
        pytest.raises(MediaError, match="disk is full"),
        VideoWriter(tmp_path / "v.mp4", OutputSpec(SIZE, Fraction(25))) as video,
    ):
        for _ in range(1000):
            video.write(FRAME)
    assert not list(tmp_path.iterdir())


FULL_DISK = """
import resource, sys
from fractions import Fraction
import numpy as np
from lipwright.core.errors import MediaError
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
generator = np.random.default_rng(0)
try:
    with VideoWriter(sys.argv[1], OutputSpec((320, 240), Fraction(25))) as video:
        for _ in range(int(sys.argv[3])):
            video.write(generator.integers(0, 256, (240, 320, 3), np.uint8))
except MediaError as error:
    print(error)
    sys.exit(7)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits on file size are a POSIX matter")
@pytest.mark.parametrize("extension", ["mp4", "mkv", "webm", "gif"])
@pytest.mark.parametrize(("limit", "frames"), [(2000, 12), (60_000, 40), (200_000, 40)])
def test_full_disk(tmp_path: Path, extension: str, limit: int, frames: int) -> None:
    """A limit on the size of files fails as a full disk does: at the start, midway, at the end."""
    path = tmp_path / f"v.{extension}"
    arguments = [sys.executable, "-c", FULL_DISK, str(path), str(limit), str(frames)]
    done = subprocess.run(
        arguments, capture_output=True, text=True, timeout=60, env=unmeasured(), check=False
    )
    assert done.returncode == 7, done.stderr
    assert "disk is full" in done.stdout and path.name in done.stdout
    assert not list(tmp_path.iterdir())


FLAT = """
import sys
from fractions import Fraction
import numpy as np
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
seconds = int(sys.argv[2])
with VideoWriter(sys.argv[1], OutputSpec((96, 64), Fraction(25)), sys.argv[3]) as video:
    frame = np.zeros((64, 96, 3), np.uint8)
    for number in range(25 * seconds):
        frame[20:40, 20:40] = number % 256
        video.write(frame, changed=(20, 20, 40, 40))
with open("/proc/self/status") as status:  # getrusage's peak would include the parent's
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted as Linux does")
def test_memory_is_flat(tmp_path: Path) -> None:
    from lipwright.media.audio.wav_writer import write_wav

    peaks = []
    for seconds in (20, 200):
        sound = tmp_path / f"{seconds}.wav"
        write_wav(sound, np.random.default_rng(0).normal(0, 0.1, 48000 * seconds), 48000)
        command = [sys.executable, "-c", FLAT, str(tmp_path / "v.mp4"), str(seconds), str(sound)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] < 1.1 * peaks[0], peaks  # kB
