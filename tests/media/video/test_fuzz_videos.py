"""Broken and hostile media: a result or one sentence, never a crash, a hang, or full memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lipwright
from lipwright.core.errors import MediaError
from lipwright.media import safe_open
from lipwright.media.audio import decode
from lipwright.media.image.read import read_image
from lipwright.media.video import source as video
from lipwright.media.video.source import open_video_source
from tests.helpers import tone_wav
from tests.media.broken import FRAMES, PLAYLISTS, SIDE, call, film_of, write_corpus

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="limits of memory need POSIX"),
    pytest.mark.slow,
]
SEED = 20
WAYS = ("watch", "keep", "listen", "speak", "look")
REFUSED = (
    *PLAYLISTS, "empty.mp4", "nothing.mp4", "many-streams.avi", "more-streams.avi",
    "enormous.avi", "enormous.webm",
    "times-huge.mkv", "times-far.mkv", "times-gap.mp4", "rate-zero.wav", "channels-none.wav",
    "channels-many.wav", "codec.wav", "enormous.png", "wide.png", "enormous.gif",
)  # fmt: skip
READ = (
    "growing.ts", "call.webm", "times-slow.mkv", "times-fast.mkv", "times-negative.mkv",
    "times-same.avi", "turned-zero.mov", "turned-skewed.mov", "turned-largest.mov",
    "turned-smallest.mov",
)  # fmt: skip


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict[str, dict]:
    """What came of each file of the corpus, by its name."""
    folder = tmp_path_factory.mktemp("corpus") / "new"
    files = write_corpus(folder, SEED)
    command = [sys.executable, "-m", "tests.media.surviving", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    last = done.stderr.strip().splitlines()[-12:]
    assert done.returncode == 0, f"it ended with {done.returncode} at: {last}"
    rows = {row["file"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert {path.name for path in files} <= set(rows)
    return rows


def test_each_file_is_read_or_refused_in_a_sentence(answers):
    bad = {
        (name, way): row[way]
        for name, row in answers.items()
        for way in WAYS
        if row[way] not in ("read", "refused")
    }
    assert not bad


@pytest.mark.parametrize(("what", "most"), [("seconds", 3.0), ("memory", 160.0)])
def test_no_file_takes_much(answers, what, most):
    assert not {name: row[what] for name, row in answers.items() if row[what] > most}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_only_do_harm_is_refused(answers, name):
    assert {answers[name][way] for way in WAYS} == {"refused"}


@pytest.mark.parametrize("name", READ)
def test_films_that_are_only_odd_are_read(answers, name):
    assert answers[name]["watch"] == "read"


def test_whole_files_are_read(answers):
    films = [f"whole.{kind}" for kind in ("mp4", "mov", "mkv", "webm", "ts", "avi")]
    films += ["whole-hlg.mp4", "whole-pq.mkv"]
    assert {answers[name]["watch"] for name in films} == {"read"}
    sounds = [name for name in answers if name.startswith("whole-sound.")]
    assert {answers[name]["speak"] for name in ("whole.mp4", "whole.wav", *sounds)} == {"read"}


def test_too_many_frames_or_hours_are_refused(tmp_path, monkeypatch):
    film = film_of(tmp_path / "film.avi", "mpeg4")
    monkeypatch.setattr(video, "MAX_FRAMES", 10)
    with pytest.raises(MediaError, match=r"film\.avi has more than 10 frames"):
        open_video_source(film)
    sound = tone_wav(tmp_path / "sound.wav", 2.0)
    monkeypatch.setattr(decode, "LONGEST", 1.0)
    with pytest.raises(MediaError, match=r"sound\.wav lasts longer than 0 hours"):
        decode.probe_audio(sound)


def test_pictures_that_become_too_large_midway_are_not_decoded(tmp_path, monkeypatch):
    film = tmp_path / "call.webm"
    film.write_bytes(call(film))
    monkeypatch.setattr(safe_open, "MAX_PIXELS", 2 * SIDE * SIDE)
    seen = open_video_source(film)
    frames = list(seen.frames(range(seen.count)))
    assert [frame.stale for frame in frames] == [number >= FRAMES // 2 for number in range(FRAMES)]


@pytest.mark.parametrize("way", [open_video_source, video.is_video, decode.probe_audio, read_image])
def test_nobody_waits_for_a_pipe(tmp_path, way):
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    with pytest.raises(MediaError, match=r"pipe\.mp4 is a pipe, which"):
        way(pipe)


def test_no_other_program_is_ever_started():
    """But for Python itself, with a module of ours."""
    package = Path(lipwright.__file__).parent
    ours = re.compile(r"create_subprocess_exec\(\s*sys\.executable,\s*\"-P\",\s*\"-m\",\s*")
    started = ("subprocess", "os.system", "os.popen", "os.exec", "os.spawn", "shell=True")
    for path in package.rglob("*.py"):
        text = ours.sub("", path.read_text(encoding="utf-8"))
        text = text.replace("asyncio.subprocess", "")
        assert not any(word in text for word in started), path.name
