"""What goes wrong while a long recording is made, and what is kept then."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.helpers import speech_wav, unmeasured
from tests.pipeline.resume.runs import break_off, packets, small, sync
from tests.videos import overwrite_frames, write_film

from lipwright.cli import run
from lipwright.core.errors import MediaError, UsageError
from lipwright.pipeline.checkpoint import CheckpointStore

FULL_DISK = """
import resource, sys
from lipwright.media.video import chunks
chunks.SECONDS = 0.4
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from lipwright.cli import run
sys.exit(run(sys.argv[2:]))
"""


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
    assert CheckpointStore(output).folder.exists()


def test_with_nothing_to_resume_it_begins(picture, talk, tmp_path, capsys):
    command = ["sync", "--image", str(picture), "--audio", str(talk), "--output",
               str(tmp_path / "out.mp4"), "--quality", "low", "--resume"]  # fmt: skip
    assert run(command) == 0
    told = capsys.readouterr()
    assert "notice: There is nothing to resume: no unfinished run" in told.err
    assert "earlier run" not in told.out and "times real time" in told.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.mp4", "talk.wav"]


@pytest.mark.parametrize("harm", ["empty", "cut", "gone", "no note"])
def test_a_part_that_is_not_whole_is_made_again(harm, picture, alone, talk, tmp_path):
    output = tmp_path / "out.mp4"
    break_off(picture, talk, output, 25)
    part = CheckpointStore(output).folder / "part-00001.mkv"
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


@pytest.mark.skipif(sys.platform == "win32", reason="limits on file size are a POSIX matter")
def test_a_full_disk_keeps_what_is_finished(picture, alone, talk, tmp_path):
    """A limit that each part fits in, but not the whole, fails as a disk does that fills up."""
    output = tmp_path / "out.mp4"
    command = ["sync", "--image", str(picture), "--audio", str(talk),
               "--output", str(output), "--quality", "low"]  # fmt: skip
    limit = str(alone.stat().st_size // 2)
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, limit, *command],
        capture_output=True,
        text=True,
        timeout=100,
        env=unmeasured(),
    )
    assert done.returncode == 1 and done.stdout == ""
    assert "error: " in done.stderr and "the disk is full: make room" in done.stderr
    assert "1 s of" in done.stderr and "resumed, goes on there (--resume)." in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == [".out.mp4.parts", "talk.wav"]
    assert run([*command, "--resume"]) == 0
    assert packets(output) == packets(alone)


@pytest.mark.usefixtures("fake_engines")
class TestFilms:
    """What happens to films and folders meanwhile."""

    def test_a_film_that_is_changed_meanwhile(self, film, tmp_path):
        talk = speech_wav(tmp_path / "talk.wav", 3.0)  # longer than what is read ahead
        copy = Path(shutil.copy(film, tmp_path / "film.mp4"))
        output = tmp_path / "out.mp4"

        def cut(stage: str, done: int, total: int) -> None:
            if stage == "frames" and done == 12:
                copy.write_bytes(copy.read_bytes()[:-2000])

        with pytest.raises(MediaError, match="film.mp4 was changed or taken away while it was"):
            sync(copy, talk, output, engine="film", length="loop", progress=cut)
        assert CheckpointStore(output).folder.exists() and not output.exists()
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

    def test_mouths_of_another_kind_are_not_mixed_in(self, film, talk, tmp_path):
        output = tmp_path / "out.mp4"
        break_off(film, talk, output, 15, engine="film")
        with pytest.raises(UsageError, match="differs in mouth: ask for the same again"):
            sync(film, talk, output, engine="film", mouth="drawn", resume=True)

    def test_mouths_are_counted_in_all_runs(self, film, talk, tmp_path):
        alone = sync(film, talk, tmp_path / "alone.mp4")
        output = tmp_path / "out.mp4"
        break_off(film, talk, output, 25)
        result = sync(film, talk, output, resume=True)
        assert result.resumed == 20 and result.drawn_mouths > 0
        assert (result.own_mouths, result.drawn_mouths) == (alone.own_mouths, alone.drawn_mouths)
        assert result.own_mouths + result.drawn_mouths == result.frames

    def test_counts_are_those_of_all_runs(self, picture, tmp_path, talk, caplog):
        grey = np.full((320, 320, 3), 128, np.uint8)
        film = write_film(
            tmp_path / "film.mkv",
            [*(small(i) for i in range(8)), *[grey] * 9,
             *(small(8 + i) for i in range(16))],
        )  # fmt: skip
        overwrite_frames(film, range(4, 7))
        output, alone = tmp_path / "out.mp4", tmp_path / "alone.mp4"
        break_off(film, talk, output, 25, engine="film")
        with caplog.at_level(logging.INFO, "lipwright"):
            result = sync(film, talk, output, engine="film", resume=True)
        assert (result.frames, result.resumed, result.left_alone["no_face"], result.unreadable) == (
            33,
            20,
            9,
            3,
        )
        assert "No face is seen in 9 frames" in caplog.text
        assert "could not be read everywhere: 3 frames show the picture before" in caplog.text
        sync(film, talk, alone, engine="film")
        assert packets(output) == packets(alone)


def test_nothing_but_parts_is_ever_deleted(picture, talk, tmp_path):
    output = tmp_path / "out.mp4"
    folder = CheckpointStore(output).folder
    folder.mkdir()
    (folder / "letters.txt").write_text("mine")
    assert sync(picture, talk, output).frames == 33
    assert [path.name for path in folder.iterdir()] == ["letters.txt"]


def test_interrupted_before_a_part_is_finished_nothing_stays(picture, talk, tmp_path):
    break_off(picture, talk, tmp_path / "out.mp4", 5)
    assert [path.name for path in tmp_path.iterdir()] == ["talk.wav"]
