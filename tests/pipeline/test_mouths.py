"""Where the mouths of dubbed films come from, and how frames are counted by it."""

from __future__ import annotations

import json
import logging
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from tests.drawing import speaking
from tests.helpers import speech_wav
from tests.videos import SIZE, head_motion, moved_portrait, portrait, write_film

import lipwright
from lipwright.cli import run
from lipwright.core.errors import UsageError
from lipwright.core.frame_counter import FrameCounter
from lipwright.core.validation import MOUTHS
from lipwright.engines.base import Patch
from lipwright.engines.warp import WarpEngine, WarpOptions
from lipwright.face import choose_face
from lipwright.pipeline.dubbing import _count_mouths
from lipwright.pipeline.options import SyncResult
from lipwright.speech.speech import Phone, Speech


def say(symbols: str, seconds: float) -> Speech:
    """A silent speech whose phones are known."""
    times = np.linspace(0, seconds, len(symbols) + 1)
    phones = [Phone(a, b, s) for a, b, s in zip(times, times[1:], symbols, strict=False)]
    return Speech.from_samples(np.zeros(round(seconds * 16000), np.float32), 16000, phones)


WORDS = say("mmiiuummɑɑmm", 1.0)


def frames_of(path: Path) -> np.ndarray:
    """int16 (n, h, w, 3)."""
    with av.open(str(path)) as container:
        return np.array([f.to_ndarray(format="bgr24") for f in container.decode(video=0)], np.int16)


def furthest(one: Path, other: Path) -> int:
    """The largest difference of two videos, grey levels."""
    return int(np.abs(frames_of(one) - frames_of(other)).max())


@pytest.fixture(scope="module")
def talking(tmp_path_factory) -> Path:
    """Hopper sways her head and speaks."""
    face = choose_face(portrait(), None, "hopper")
    spoken = speaking(
        WarpEngine(WarpOptions("still")),
        portrait(),
        face,
        say("mmɑɑiimmuuɛɛmm", 1.2),
        Fraction(25),
    )
    pictures = [
        cv2.warpAffine(frame, head_motion(number), SIZE, borderMode=cv2.BORDER_REPLICATE)
        for number, frame in enumerate(spoken)
    ]
    return write_film(tmp_path_factory.mktemp("film") / "talking.mkv", pictures)


@pytest.fixture(scope="module")
def short(tmp_path_factory) -> Path:
    """Six frames of hopper with a closed mouth, which are too few to lend any."""
    path = tmp_path_factory.mktemp("film") / "short.mkv"
    return write_film(path, [moved_portrait(number) for number in range(6)])


@pytest.fixture(scope="module")
def made(talking, tmp_path_factory) -> dict[str, SyncResult]:
    """The talking film saying the words, by where its mouths come from."""
    folder = tmp_path_factory.mktemp("dubbed")
    return {
        mouth: lipwright.sync(talking, WORDS, folder / f"{mouth}.mkv", mouth=mouth)
        for mouth in MOUTHS
    }


def test_each_choice_gives_other_frames(made):
    paths = {mouth: result.output for mouth, result in made.items()}
    assert furthest(paths["auto"], paths["drawn"]) > 60
    assert furthest(paths["own"], paths["drawn"]) > 60
    assert furthest(paths["auto"], paths["own"]) > 20


def test_frames_are_counted_by_where_their_mouths_come_from(made):
    for result in made.values():
        assert result.own_mouths + result.drawn_mouths == result.frames == 25
    assert made["own"].drawn_mouths == 0
    assert made["auto"].own_mouths > made["drawn"].own_mouths
    assert made["drawn"].drawn_mouths > 12


def test_a_bank_that_is_too_small_is_told_where_it_is_insisted_on(short, tmp_path, caplog):
    results = {
        mouth: lipwright.sync(short, WORDS, tmp_path / f"{mouth}.mkv", mouth=mouth)
        for mouth in ("auto", "drawn")
    }
    assert not caplog.records
    insisted = lipwright.sync(short, WORDS, tmp_path / "own.mkv", mouth="own")
    (told,) = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert "and 9 are needed to lend any: that person's mouths are drawn." in told.message
    assert told.option == "mouth"
    for result in results.values():
        assert furthest(insisted.output, result.output) == 0
        assert result.drawn_mouths == insisted.drawn_mouths > 0


@pytest.mark.parametrize(
    ("shares", "counted"),
    [
        ([0.5], (1, 0)),
        ([0.49], (0, 1)),
        ([None], (0, 0)),
        ([], (0, 0)),
        ([1.0, 0.2], (1, 0)),
        ([0.7, 0.2], (0, 1)),
        ([None, 0.2], (0, 1)),
    ],
)
def test_a_frame_counts_by_the_larger_share_of_its_mouths(shares, counted):
    pixels, counter = np.zeros((2, 2, 3), np.uint8), FrameCounter()
    patches = (None, *(Patch(pixels, own=share) for share in shares))
    _count_mouths(counter, 7, patches)
    assert (counter.total("own mouth"), counter.total("drawn mouth")) == counted


def test_an_engine_that_does_not_say_it_is_not_counted(short, tmp_path, fake_engines):
    result = lipwright.sync(short, WORDS, tmp_path / "o.mkv", engine="film", mouth="own")
    assert (result.own_mouths, result.drawn_mouths) == (0, 0)


def test_the_command_line_tells_where_mouths_come_from(talking, tmp_path, capsys):
    speech = speech_wav(tmp_path / "voice.wav", 0.6)
    given = ["sync", "--video", str(talking), "--audio", str(speech), "--output",
             str(tmp_path / "o.mp4"), "--mouth", "own"]  # fmt: skip
    assert run(given) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "AI-generated" in first
    assert second == "The mouth is the film's own in 15 frames, and drawn in 0"
    assert run([*given, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["own_mouths"], facts["drawn_mouths"]) == (15, 0)
    assert facts["left_alone"]["mouth_covered"] == 0
    assert run([*given, "--quiet"]) == 0
    assert capsys.readouterr().out == ""


def test_a_mouth_that_does_not_exist(talking, tmp_path, capsys):
    with pytest.raises(UsageError, match='no mouth "wide": choose one of auto, own, drawn'):
        lipwright.sync(talking, WORDS, tmp_path / "o.mp4", mouth="wide")
    with pytest.raises(UsageError, match='no mouth "wide"'):
        WarpOptions(mouth="wide")  # type: ignore[arg-type]
    given = ["sync", "--video", str(talking), "--audio", "a.wav", "--output", "o.mp4"]
    assert run([*given, "--mouth", "wide"]) == 2
    assert "--mouth" in capsys.readouterr().err


@pytest.mark.usefixtures("fake_engines")
def test_a_picture_has_no_mouths_to_choose(hopper, voice, tmp_path, capsys):
    output = tmp_path / "o.mp4"
    given = ["sync", "--image", str(hopper), "--audio", str(voice), "--output", str(output),
             "--engine", "fake", "--quality", "low", "--fps", "5"]  # fmt: skip
    assert run(given) == 0
    plain, said = output.read_bytes(), capsys.readouterr()
    assert said.err == "" and said.out.count("\n") == 1
    assert run([*given, "--mouth", "own"]) == 0
    said = capsys.readouterr()
    assert said.err == (
        "notice: A picture has one mouth, so there is none to choose: the choice is left out "
        "(--mouth).\n"
    )
    assert said.out.count("\n") == 1 and output.read_bytes() == plain
