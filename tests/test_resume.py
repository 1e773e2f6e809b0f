"""Long recordings in parts: a run that breaks off leaves what it has finished, and can go on."""

from __future__ import annotations

import logging
import random
import shutil
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

import lipwright
from lipwright import stretches
from lipwright.captions import Captions
from lipwright.cli import run
from lipwright.errors import MediaError, UsageError
from lipwright.media.image import read_image
from lipwright.media.segments import Parts
from lipwright.rendering import SyncResult
from lipwright.speech.base import Speech, Word
from lipwright.speech.live import LiveSpeech
from lipwright.speech.synthesis import SpeechChunk
from tests.films import moved_portrait, write_film
from tests.helpers import hopper_path, speech_like, speech_wav

PART = 0.4
"""Seconds of a part; ten frames."""


@pytest.fixture(autouse=True)
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "SECONDS", PART)


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", [small(i) for i in range(20)])


def small(frame: int) -> np.ndarray:
    return cv2.resize(moved_portrait(frame), (320, 320), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def picture(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("picture") / "portrait.png"
    cv2.imwrite(str(path), cv2.resize(read_image(hopper_path()), (240, 280)))
    return path


@pytest.fixture(scope="module")
def alone(picture, tmp_path_factory) -> Path:
    """The picture saying the talk, made in one run."""
    folder = tmp_path_factory.mktemp("alone")
    before, stretches.SECONDS = stretches.SECONDS, PART
    sync(picture, speech_wav(folder / "talk.wav", 1.3), folder / "alone.mp4")
    stretches.SECONDS = before
    return folder / "alone.mp4"


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


def sync(source, speech, output: Path, **options) -> SyncResult:
    return lipwright.sync(source, speech, output, **{"quality": "low", **options})


def break_off(source, speech, output: Path, frames: int, **options) -> None:
    with pytest.raises(KeyboardInterrupt):
        sync(source, speech, output, progress=Stop(frames), **options)


KILLED = """
import sys
from lipwright import stretches
stretches.SECONDS = float(sys.argv[1])
from lipwright.captions import Captions
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
def test_killed_at_any_moment_a_run_comes_to_the_same_video(kind, picture, film, tmp_path):
    source = {"image": picture, "video": film}[kind]
    talk = speech_wav(tmp_path / "talk.wav", 2)
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
        if kill_at(chance.uniform(0.3, 0.7) * whole, command, output):
            kills += 1
        output.unlink(missing_ok=True)
    kill_at(100, command, output)
    assert packets(output) == packets(alone)
    assert same_frames(output, alone)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "alone.mp4", "killed.mp4", "talk.wav"]  # fmt: skip


@pytest.mark.parametrize("kind", ["mp4", "mkv", "webm"])
def test_parts_are_joined_frame_by_frame(kind, picture, talk, tmp_path, monkeypatch):
    output = tmp_path / f"out.{kind}"
    result = sync(picture, talk, output, fps="30000/1001")
    monkeypatch.setattr(stretches, "SECONDS", 20)
    straight = tmp_path / f"straight.{kind}"
    sync(picture, talk, straight, fps="30000/1001")
    assert result.frames == 39 and result.resumed == 0
    times = [float(shown) for shown, _ in packets(output)]
    exact = np.arange(39) * 1001 / 30000
    assert times == pytest.approx(exact, abs=1e-9 if kind == "mp4" else 0.00051)
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


def test_a_run_goes_on_where_it_broke_off(picture, alone, talk, tmp_path, caplog):
    output = tmp_path / "out.mp4"
    with caplog.at_level(logging.INFO, "lipwright"):
        break_off(picture, talk, output, 25)
    assert "1 s of" in caplog.text and "--resume goes on there" in caplog.text
    assert not output.exists() and len(list(Parts(output).folder.glob("part-*.mkv"))) == 2
    seen = []
    result = sync(
        picture, talk, output, resume=True,
        progress=lambda stage, done, total: seen.append((stage, done, total)),
    )  # fmt: skip
    assert (result.frames, result.resumed) == (33, 20)
    assert [done for stage, done, _ in seen if stage == "frames"] == list(range(21, 34))
    assert result.speed == pytest.approx(13 / 25 / result.seconds)
    assert not Parts(output).folder.exists()
    assert packets(output) == packets(alone)


@pytest.mark.parametrize("seconds", [0.8, 1.0])
def test_only_the_joining_was_missing(seconds, picture, tmp_path):
    talk, away = speech_wav(tmp_path / "talk.wav", seconds), tmp_path / "away.wav"
    output = tmp_path / "out.mp4"

    def take_away(stage: str, done: int, total: int) -> None:
        if stage == "frames" and done == total:
            talk.rename(away)

    with pytest.raises(MediaError, match=r"talk\.wav"):
        sync(picture, talk, output, progress=take_away)
    away.rename(talk)
    result = sync(picture, talk, output, resume=True)
    assert result.resumed == result.frames == 25 * seconds == len(packets(output))


def test_what_was_finished_of_something_else_is_not_mixed_in(picture, talk, film, tmp_path):
    output = tmp_path / "out.mp4"
    break_off(picture, talk, output, 15)
    with pytest.raises(UsageError, match="differs in motion and seed: ask for the same again"):
        sync(picture, talk, output, motion="lively", seed=3, resume=True)
    with pytest.raises(UsageError, match="differs in .*film"):
        sync(film, talk, output, resume=True)
    shutil.copy(speech_wav(tmp_path / "other.wav", 1.3, seed=1), talk)
    with pytest.raises(UsageError, match="differs in speech:"):
        sync(picture, talk, output, resume=True)
    assert Parts(output).folder.exists()


def test_nothing_to_resume(picture, talk, tmp_path, capsys):
    command = ["sync", "--image", str(picture), "--audio", str(talk), "--output",
               str(tmp_path / "out.mp4"), "--resume"]  # fmt: skip
    assert run(command) == 2
    assert "error: There is nothing to resume: no unfinished run" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["talk.wav"]


def test_without_resume_one_begins_anew_and_that_is_said(picture, talk, tmp_path, caplog):
    output = tmp_path / "out.mp4"
    break_off(picture, talk, output, 15)
    with caplog.at_level(logging.INFO, "lipwright"):
        result = sync(picture, talk, output)
    assert result.resumed == 0 and "is replaced: --resume would have kept it" in caplog.text


def test_interrupted_before_a_part_is_finished_nothing_stays(picture, talk, tmp_path):
    break_off(picture, talk, tmp_path / "out.mp4", 5)
    assert [path.name for path in tmp_path.iterdir()] == ["talk.wav"]


@pytest.mark.parametrize("harm", ["empty", "cut", "gone", "no note"])
def test_a_part_that_is_not_whole_is_made_again(harm, picture, alone, talk, tmp_path):
    output = tmp_path / "out.mp4"
    break_off(picture, talk, output, 25)
    part = Parts(output).folder / "part-00001.mkv"
    if harm == "no note":
        part.with_suffix(".json").unlink()
    elif harm == "gone":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[: 0 if harm == "empty" else -3000])
    (part.parent / ".part-00002.abcd.part.mkv").write_bytes(b"what a killed run leaves")
    result = sync(picture, talk, output, resume=True)
    assert result.resumed == 10
    assert packets(output) == packets(alone)


def spoken_live(seconds: float, seed: int) -> LiveSpeech:
    """Spoken anew at each run, half a second at a time."""
    sound = speech_like(seconds, 16000, seed)
    pieces = np.array_split(sound, round(2 * seconds))
    starts = np.cumsum([0, *map(len, pieces)]) / 16000
    chunks = (
        SpeechChunk(piece, 16000, start, (), (number + 1) / len(pieces))
        for number, (piece, start) in enumerate(zip(pieces, starts, strict=False))
    )
    return LiveSpeech(chunks, 16000, lambda speech: speech)


def test_a_text_is_spoken_again_the_same(picture, tmp_path):
    output, alone = tmp_path / "out.mp4", tmp_path / "alone.mp4"
    break_off(picture, spoken_live(2, seed=1), output, 25)
    with pytest.raises(UsageError, match="not spoken as it was: leave --resume out"):
        sync(picture, spoken_live(2, seed=2), output, resume=True)
    again = spoken_live(2, seed=1)
    result = sync(picture, again, output, resume=True)
    assert (result.frames, result.resumed) == (50, 20)
    sync(picture, spoken_live(2, seed=1), alone)
    assert packets(output) == packets(alone)


def test_short_recordings_and_gifs_are_made_in_one_go(picture, talk, tmp_path, monkeypatch):
    gif = tmp_path / "out.gif"
    with pytest.raises(KeyboardInterrupt):
        sync(picture, talk, gif, progress=Stop(25))
    with pytest.raises(UsageError, match="is a GIF, made in one go: leave --resume out"):
        sync(picture, talk, gif, resume=True)
    monkeypatch.setattr(stretches, "SECONDS", 1.4)
    break_off(picture, talk, tmp_path / "out.mp4", 30)
    assert [path.name for path in tmp_path.iterdir()] == ["talk.wav"]


FULL_DISK = """
import resource, sys
from lipwright import stretches
stretches.SECONDS = 0.4
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from lipwright.captions import Captions
from lipwright.cli import run
sys.exit(run(sys.argv[2:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits on file size are a POSIX matter")
def test_a_full_disk_keeps_what_is_finished(picture, alone, talk, tmp_path):
    """A limit that each part fits in, but not the whole, fails as a disk does that fills up."""
    output = tmp_path / "out.mp4"
    command = ["sync", "--image", str(picture), "--audio", str(talk),
               "--output", str(output), "--quality", "low"]  # fmt: skip
    limit = str(alone.stat().st_size // 2)
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, limit, *command], capture_output=True, text=True
    )
    assert done.returncode == 1 and done.stdout == ""
    assert "error: " in done.stderr and "the disk is full: make room" in done.stderr
    assert "1 s of" in done.stderr and "--resume goes on there" in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == [".out.mp4.parts", "talk.wav"]
    assert run([*command, "--resume"]) == 0
    assert packets(output) == packets(alone)


@pytest.mark.usefixtures("fake_engines")
class TestFilms:
    """What happens to films and folders meanwhile."""

    def test_a_film_that_is_changed_meanwhile(self, film, talk, tmp_path, monkeypatch):
        copy = Path(shutil.copy(film, tmp_path / "film.mp4"))
        output = tmp_path / "out.mp4"

        def cut(stage: str, done: int, total: int) -> None:
            if stage == "frames" and done == 12:
                copy.write_bytes(copy.read_bytes()[:-2000])

        with pytest.raises(MediaError, match="film.mp4 was changed or taken away while it was"):
            sync(copy, talk, output, engine="film", length="loop", progress=cut)
        assert Parts(output).folder.exists() and not output.exists()
        with pytest.raises(UsageError, match="differs in film:"):
            sync(copy, talk, output, engine="film", length="loop", resume=True)

    def test_a_folder_that_is_gone(self, film, talk, tmp_path):
        folder = tmp_path / "videos"
        folder.mkdir()

        def take_away(stage: str, done: int, total: int) -> None:
            if stage == "frames" and done == 12:
                shutil.rmtree(folder)

        with pytest.raises(MediaError, match="cannot be written"):
            sync(film, talk, folder / "out.mp4", engine="film", progress=take_away)

    def test_counts_are_those_of_all_runs(self, picture, tmp_path, talk, caplog):
        grey = np.full((320, 320, 3), 128, np.uint8)
        film = write_film(
            tmp_path / "film.mkv",
            [*(small(i) for i in range(8)), *[grey] * 9,
             *(small(8 + i) for i in range(16))],
        )  # fmt: skip
        harm(film, range(4, 7))
        output, alone = tmp_path / "out.mp4", tmp_path / "alone.mp4"
        break_off(film, talk, output, 25, engine="film")
        with caplog.at_level(logging.INFO, "lipwright"):
            result = sync(film, talk, output, engine="film", resume=True)
        assert (result.frames, result.resumed, result.faceless, result.unreadable) == (33, 20, 9, 3)
        assert "Nobody who speaks is seen in 9 frames" in caplog.text
        assert "could not be read everywhere: 3 frames show the picture before" in caplog.text
        sync(film, talk, alone, engine="film")
        assert packets(output) == packets(alone)


def harm(path: Path, frames: range) -> None:
    """Writes zeros over frames of a film."""
    with av.open(str(path)) as container:
        found = [(p.pos, bytes(p)) for p in container.demux(video=0) if p.size]
    content = path.read_bytes()
    for number in frames:
        old = found[number][1]
        assert content.count(old) == 1
        content = content.replace(old, bytes(len(old)))
    path.write_bytes(content)


def test_nothing_but_parts_is_ever_deleted(picture, talk, tmp_path):
    output = tmp_path / "out.mp4"
    folder = Parts(output).folder
    folder.mkdir()
    (folder / "letters.txt").write_text("mine")
    assert sync(picture, talk, output).frames == 33
    assert [path.name for path in folder.iterdir()] == ["letters.txt"]


@pytest.mark.usefixtures("fake_engines")
def test_captions_go_on_at_their_times(picture, tmp_path):
    words = [Word(0.1 + 0.3 * i, 0.35 + 0.3 * i, f"word{i}.") for i in range(6)]
    speech = Speech.from_samples(speech_like(2), 16000, transcript="so many words", words=words)
    output, alone = tmp_path / "out.mp4", tmp_path / "alone.mp4"
    given = {"engine": "fake", "captions": Captions(tmp_path / "said.srt", True, True)}
    break_off(picture, speech, output, 25, **given)
    assert sync(picture, speech, output, resume=True, **given).resumed == 20
    assert (tmp_path / "said.srt").exists()
    sync(picture, speech, alone, **given)
    assert packets(output) == packets(alone)
    for path in (output, alone):
        with av.open(str(path)) as container:
            assert len([p for p in container.demux(subtitles=0) if p.size > 2]) >= 1
    with pytest.raises(UsageError, match="nothing to resume"):
        sync(picture, speech, output, resume=True, **given)
