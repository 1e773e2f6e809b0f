"""Reads every file of a folder in every way, within limits of memory and time.

    python -m tests.media.surviving FOLDER

prints a line of JSON for each file: what came of it, the seconds it took, and by how many MB memory
grew. A crash or a hang is seen by the name that was printed last, on standard error.
"""

from __future__ import annotations

import faulthandler
import json
import resource
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np

from lipwright import Speech
from lipwright.core.errors import LipwrightError
from lipwright.media.audio.decode import decode_blocks, probe_audio
from lipwright.media.audio.mixer import Mix, Track
from lipwright.media.image.read import read_image
from lipwright.media.video.original_sound import original_sound
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.source import is_video, open_video_source
from lipwright.media.video.writer import VideoWriter

MEMORY, SECONDS = 3 << 30, 60
HUSH = Speech.from_samples(np.zeros(8000, np.float32), 16000)


def watch(path: Path) -> None:
    """A film's pictures: forwards, backwards, and at its end."""
    is_video(path)
    source = open_video_source(path)
    last = source.count - 1
    order = [*range(min(6, last)), last, max(0, last - 1), last // 2, 0]
    sizes = {frame.size for frame in source.frames(order)}
    assert sizes == {source.size}, sizes
    assert all(0 <= place < source.count for place in source.sample_frames())
    assert 1 <= source.fps <= 240


def keep(path: Path) -> None:
    """A film's sound, kept under another."""
    track = original_sound(open_video_source(path), -20.0, "bounce")
    for block in Mix((Track(HUSH), track)).opened().blocks():
        assert np.isfinite(block).all() and np.abs(block).max(initial=0) <= 1


def listen(path: Path) -> None:
    """A recording."""
    probe_audio(path)
    for block in islice(decode_blocks(path, 16000), 20):
        assert np.isfinite(block).all() and np.abs(block).max() <= 1


def speak(path: Path) -> None:
    """A recording as the sound of a video."""
    output = path.parent / "made" / f"{path.stem}.mp4"
    with VideoWriter(
        output, OutputSpec((64, 64), Fraction(25), quality="low"), path, sound_seconds=2.0
    ) as video:
        video.write(np.zeros((64, 64, 3), np.uint8))
    output.unlink()


def look(path: Path) -> None:
    """A picture."""
    pixels = read_image(path)
    assert pixels.dtype == np.uint8 and pixels.ndim == 3


WAYS: tuple[Callable[[Path], None], ...] = (watch, keep, listen, speak, look)


def answer(way: Callable[[Path], None], path: Path) -> str:
    """What came of it: "read", "refused", or what is wrong."""
    try:
        way(path)
    except LipwrightError as error:
        sentence = str(error)
        fair = path.stem in sentence and "\n" not in sentence and sentence.endswith(".")
        return "refused" if fair else f"unfair: {sentence!r}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return "read"


def most_memory() -> float:
    """The most that this process has ever held, MB."""
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main(folder: Path) -> None:
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    (folder / "made").mkdir()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        print(path.name, file=sys.stderr, flush=True)
        started, held = time.process_time(), most_memory()
        answers = {way.__name__: answer(way, path) for way in WAYS}
        took = {"seconds": time.process_time() - started, "memory": most_memory() - held}
        print(json.dumps({"file": path.name, **took, **answers}), flush=True)
    assert not list((folder / "made").iterdir()), "something half-written was left behind"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
