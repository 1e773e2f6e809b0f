"""An engine of another package, installed beside lipwright: nothing in lipwright knows of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.engines.toy import toy_engine
from tests.engines.toy.toy_engine import ToyEngine, ToyOptions
from tests.helpers import speech_like, write_wav
from tests.pairs import both
from tests.pipeline.resume.runs import KILLED, frames_of
from tests.videos import head_motion, write_film

import lipwright
from lipwright.engines import create_engine
from lipwright.media.video import chunks
from lipwright.pipeline.checkpoint import CheckpointStore

FPS = Fraction(30000, 1001)
COUNT = 50
CHUNK = 1.0
"""Seconds."""
PATIENCE = 300.0
"""Seconds after which a run that should be killed or done is taken for hanging."""


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    """Two people who sway, at 29.97 frames per second."""
    picture = cv2.resize(both(), (640, 320))
    frames = [
        cv2.warpAffine(picture, head_motion(i) * 0.5 + np.eye(2, 3) * 0.5, (640, 320))
        for i in range(COUNT)
    ]
    return write_film(tmp_path_factory.mktemp("two") / "two.mp4", frames, FPS)


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("said")
    return {
        number: write_wav(folder / f"{number}.wav", speech_like(float(COUNT / FPS), seed=number))
        for number in (0, 1)
    }


@pytest.fixture
def drawn(monkeypatch) -> list:
    monkeypatch.setattr(ToyEngine, "windows", [])
    return ToyEngine.windows


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder of packages in which the engine is installed, with its entry point."""
    folder = tmp_path_factory.mktemp("site")
    source = Path(toy_engine.__file__).read_text(encoding="utf-8")
    (folder / "toy_engine.py").write_text(source, encoding="utf-8")
    about = folder / "toy_engine-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-engine\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[lipwright.engines]\ntoy = toy_engine:ToyEngine\n")
    return folder


def command(source: Path, said: dict[int, Path], output: Path, *more: str) -> list[str]:
    speeches = [part for number, path in said.items() for part in ("--speech", f"{number}={path}")]
    given = ["sync", "--video", str(source), "--output", str(output), "--engine", "toy"]
    return [*given, *speeches, "--quality", "low", *more]


def start(installed: Path, arguments: list[str]) -> subprocess.Popen:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), *sys.path])}
    program = [sys.executable, "-c", KILLED, str(CHUNK), *arguments]
    return subprocess.Popen(program, env=env, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_video_of_two_people_is_the_same_after_a_kill(video, said, installed, tmp_path):
    """Two people at 29.97 frames per second by 16 frames at 25: killed, resumed, compared."""
    whole, broken = tmp_path / "whole.mp4", tmp_path / "broken.mp4"
    run = start(installed, command(video, said, whole))
    assert "error" not in run.communicate(timeout=PATIENCE)[1] and run.returncode == 0
    run = start(installed, command(video, said, broken))
    first = CheckpointStore(broken).folder / "part-00000.json"
    until = time.monotonic() + PATIENCE
    while not first.exists():
        assert run.poll() is None, run.communicate()[1]
        assert time.monotonic() < until, "no part was finished"
        time.sleep(0.02)
    run.kill()
    run.communicate(timeout=PATIENCE)
    assert not broken.exists()
    run = start(installed, command(video, said, broken, "--resume"))
    assert run.communicate(timeout=PATIENCE) and run.returncode == 0
    one, other = frames_of(whole), frames_of(broken)
    assert len(one) == len(other) == COUNT
    np.testing.assert_array_equal(one, other)


def test_windows_are_cut_by_absolute_numbers_for_both_people(video, said, drawn, monkeypatch):
    monkeypatch.setattr(chunks, "SECONDS", CHUNK)
    engine: Any = ToyEngine()
    frames = list(lipwright.Video(video, engine=engine).frames(said))
    assert len(frames) == COUNT
    chunk_starts = {round(first * 25 / FPS) for first in range(0, COUNT, 30)}
    numbers = []
    for together in drawn:
        assert len(together) == 2
        first, second = ([f.number for f in window.frames] for window in together)
        assert first == second
        new = sorted(set(first))
        assert new == list(range(new[0], new[-1] + 1))
        numbers.append((new[0], new[-1]))
        for window in together:
            assert window.fps == 25
            assert all(f.crop.pixels.shape == (512, 512, 3) for f in window.frames)
    assert chunk_starts <= {first for first, _ in numbers}
    for (_, last), (first, _) in pairwise(numbers):
        assert first == last + 1 if first in chunk_starts else first == last - 3
    seeds = {f.seed for together in drawn for w in together for f in w.frames}
    distinct = {(p, f.number) for t in drawn for p, w in enumerate(t) for f in w.frames}
    assert len(seeds) == len(distinct)


def test_later_frames_of_a_picture_are_those_of_the_whole(drawn):
    engine: Any = ToyEngine()
    portrait = lipwright.Portrait(both(), quality="low", engine=engine, seed=5)
    speech = lipwright.Speech.from_samples(speech_like(1.5), 16_000)
    said = {0: speech, 1: speech}
    whole = [frame.copy() for frame in portrait.frames(said, FPS)]
    late = [frame.copy() for frame in portrait.frames(said, FPS, first=20)]
    np.testing.assert_array_equal(whole[20:], late)
    other = lipwright.Portrait(both(), quality="low", engine=engine, seed=6)
    assert (next(other.frames(said, FPS)) != whole[0]).any()


def test_only_the_lower_face_is_another(drawn):
    engine: Any = ToyEngine(ToyOptions(strength=3.0))
    portrait = lipwright.Portrait(both(), quality="low", engine=engine)
    still = portrait._image.astype(int)
    speech = lipwright.Speech.from_samples(speech_like(0.5), 16_000)
    frame = next(portrait.frames({0: speech}, 25))
    changed = (np.abs(frame - still) > 0).any(axis=2)
    face = portrait.people[0].face.scaled(*portrait._scale)
    x0, y0, x1, y1 = (int(edge) for edge in face.box)
    eyes = face.landmarks[[33, 263], 1].max()
    rows, columns = np.nonzero(changed)
    assert changed.any() and rows.min() > eyes
    room = 0.05 * (x1 - x0)
    assert x0 - room <= columns.min() and columns.max() <= x1 + room
    assert rows.max() <= y1 + 0.15 * (y1 - y0)


def test_its_options_and_its_name_are_known_where_it_is_installed(installed, tmp_path):
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), *sys.path])}
    listed = subprocess.run(
        [sys.executable, "-m", "lipwright", "engines"], env=env, capture_output=True, text=True
    )
    assert "toy" in listed.stdout and "images and videos" in listed.stdout, listed.stderr


def test_an_object_needs_no_registration():
    engine = ToyEngine()
    assert create_engine(engine) is engine
