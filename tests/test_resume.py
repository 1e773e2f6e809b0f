"""Long recordings in parts: a run that breaks off leaves what it has finished, and can go on."""

from __future__ import annotations

import json
import logging
import random
import shutil
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

import lipwright
from lipwright import stretches
from lipwright.cli import run
from lipwright.errors import FaceError, MediaError, UsageError
from lipwright.media.muxing import Muxer
from lipwright.media.segments import Parts
from lipwright.speech.live import LiveSpeech
from lipwright.speech.synthesis import SpeechChunk
from tests import fakes
from tests.films import moved_portrait, write_film
from tests.helpers import hopper_path, speech_like, speech_wav

PART = 0.4
"""Seconds of a part; ten frames."""


@pytest.fixture(autouse=True)
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "SECONDS", PART)


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return write_film(path, [moved_portrait(i) for i in range(20)])


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """1.3 s of something like speech: 33 frames, the fourth part is short."""
    return speech_wav(tmp_path / "talk.wav", 1.3)


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


def break_off(source, speech, output: Path, frames: int, **options) -> None:
    with pytest.raises(KeyboardInterrupt):
        lipwright.sync(source, speech, output, progress=Stop(frames), **options)


KILLED = """
import sys
from lipwright import stretches
stretches.SECONDS = float(sys.argv[1])
from lipwright.cli import run
sys.exit(run(sys.argv[2:]))
"""


def kill_at(moment: float, command: list[str], output: Path) -> bool:
    """Runs the command and kills it after so many seconds; whether it was still running."""
    resumed = ["--resume"] if (Parts(output).folder / "plan.json").exists() else []
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(PART), *command, "--output", str(output), *resumed],
        stderr=subprocess.PIPE,
    )
    try:
        _, said = process.communicate(timeout=moment)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True
    assert process.returncode == 0, said.decode()
    return False


@pytest.mark.parametrize("kind", ["image", "video"])
def test_killed_at_any_moment_a_run_comes_to_the_same_video(kind, film, tmp_path):
    source = {"image": hopper_path(), "video": film}[kind]
    talk = speech_wav(tmp_path / "talk.wav", 3)
    command = [
        "sync",
        f"--{kind}",
        str(source),
        "--audio",
        str(talk),
        "--quality",
        "low",
        "--quiet",
    ]
    alone, output = tmp_path / "alone.mp4", tmp_path / "killed.mp4"
    started = time.monotonic()
    assert not kill_at(100, command, alone)
    whole = time.monotonic() - started
    chance, kills = random.Random(kind), 0
    while kills < 3:
        if kill_at(chance.uniform(0.3, 1) * whole, command, output):
            kills += 1
        output.unlink(missing_ok=True)
    kill_at(100, command, output)
    assert packets(output) == packets(alone)
    assert same_frames(output, alone)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "alone.mp4", "killed.mp4", "talk.wav"]  # fmt: skip


@pytest.mark.parametrize("kind", ["mp4", "mov", "mkv", "webm"])
def test_parts_are_joined_frame_by_frame(kind, talk, tmp_path, monkeypatch):
    output = tmp_path / f"out.{kind}"
    result = lipwright.sync(hopper_path(), talk, output, quality="low", fps="30000/1001")
    monkeypatch.setattr(stretches, "SECONDS", 20)
    straight = tmp_path / f"straight.{kind}"
    lipwright.sync(hopper_path(), talk, straight, quality="low", fps="30000/1001")
    assert result.frames == 39 and result.resumed == 0
    times = [float(shown) for shown, _ in packets(output)]
    exact = np.arange(39) * 1001 / 30000
    assert times == pytest.approx(exact, abs=1e-9 if kind in ("mp4", "mov") else 0.00051)
    for frame, other in zip(frames_of(output), frames_of(straight), strict=True):
        assert np.abs(frame.astype(int) - other).mean() < 5
    with av.open(str(output)) as joined, av.open(str(straight)) as whole:
        for name in ("comment", "description"):
            found = {key.lower(): value for key, value in joined.metadata.items()}
            assert found[name] == {k.lower(): v for k, v in whole.metadata.items()}[name]
        assert bytes(sound(joined)) == bytes(sound(whole))
        mine, other = joined.streams.video[0], whole.streams.video[0]
        for field in ("width", "height", "pix_fmt", "colorspace", "color_range", "codec_tag"):
            assert getattr(mine.codec_context, field) == getattr(other.codec_context, field)
        assert mine.average_rate == other.average_rate
    assert b"compositeWithTrainedAlgorithmicMedia" in output.read_bytes()


def sound(container) -> bytes:
    return b"".join(bytes(packet) for packet in container.demux(audio=0))


def test_a_run_goes_on_where_it_broke_off(talk, tmp_path, caplog):
    output, alone = tmp_path / "out.mp4", tmp_path / "alone.mp4"
    with caplog.at_level(logging.INFO, "lipwright"):
        break_off(hopper_path(), talk, output, 25, quality="low")
    assert "1 s of" in caplog.text and "--resume goes on there" in caplog.text
    assert not output.exists() and len(list(Parts(output).folder.glob("part-*.mkv"))) == 2
    seen = []
    result = lipwright.sync(
        hopper_path(), talk, output, quality="low", resume=True,
        progress=lambda stage, done, total: seen.append((stage, done, total)),
    )  # fmt: skip
    assert (result.frames, result.resumed) == (33, 20)
    assert [done for stage, done, _ in seen if stage == "frames"] == list(range(21, 34))
    assert result.speed == pytest.approx(13 / 25 / result.seconds)
    assert not Parts(output).folder.exists()
    lipwright.sync(hopper_path(), talk, alone, quality="low")
    assert packets(output) == packets(alone)


def test_what_was_finished_of_something_else_is_not_mixed_in(talk, film, tmp_path):
    output = tmp_path / "out.mp4"
    break_off(hopper_path(), talk, output, 15, quality="low")
    with pytest.raises(UsageError, match="another motion and seed: ask for the same again"):
        lipwright.sync(
            hopper_path(), talk, output, quality="low", motion="lively", seed=3, resume=True
        )
    with pytest.raises(UsageError, match="another .*film"):
        lipwright.sync(film, talk, output, quality="low", resume=True)
    shutil.copy(speech_wav(tmp_path / "other.wav", 1.3, seed=1), talk)
    with pytest.raises(UsageError, match="another speech:"):
        lipwright.sync(hopper_path(), talk, output, quality="low", resume=True)
    assert Parts(output).folder.exists()


def test_nothing_to_resume(talk, tmp_path, capsys):
    command = ["sync", "--image", str(hopper_path()), "--audio", str(talk), "--output",
               str(tmp_path / "out.mp4"), "--quality", "low", "--resume"]  # fmt: skip
    assert run(command) == 2
    assert "error: There is nothing to resume: no unfinished run" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["talk.wav"]


def test_without_resume_one_begins_anew_and_that_is_said(talk, tmp_path, caplog):
    output = tmp_path / "out.mp4"
    break_off(hopper_path(), talk, output, 15, quality="low")
    with caplog.at_level(logging.INFO, "lipwright"):
        result = lipwright.sync(hopper_path(), talk, output, quality="low")
    assert result.resumed == 0 and "is replaced: --resume would have kept it" in caplog.text


def test_interrupted_before_a_part_is_finished_nothing_stays(talk, tmp_path):
    break_off(hopper_path(), talk, tmp_path / "out.mp4", 5, quality="low")
    assert [path.name for path in tmp_path.iterdir()] == ["talk.wav"]


@pytest.mark.parametrize("harm", ["empty", "cut", "gone", "no note"])
def test_a_part_that_is_not_whole_is_made_again(harm, talk, tmp_path):
    output, alone = tmp_path / "out.mp4", tmp_path / "alone.mp4"
    break_off(hopper_path(), talk, output, 25, quality="low")
    part = Parts(output).folder / "part-00001.mkv"
    if harm == "no note":
        part.with_suffix(".json").unlink()
    elif harm == "gone":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[: 0 if harm == "empty" else -3000])
    (part.parent / ".part-00002.abcd.part.mkv").write_bytes(b"what a killed run leaves")
    result = lipwright.sync(hopper_path(), talk, output, quality="low", resume=True)
    assert result.resumed == 10
    lipwright.sync(hopper_path(), talk, alone, quality="low")
    assert packets(output) == packets(alone)
