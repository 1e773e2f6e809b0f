"""Frames in which something is before the mouth are left alone and counted."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from tests.covers import hand
from tests.fakes import FakeEngine
from tests.helpers import speech_wav
from tests.videos import moved_portrait, write_film

from lipwright.cli import run
from lipwright.engines.base import Patch
from lipwright.face import FaceFinder
from lipwright.face.face import Face
from lipwright.face.person_look import PersonLook
from lipwright.face.tracker import TrackedFrame
from lipwright.media.video.chunks import LOOKAHEAD, OVERLAP
from lipwright.media.video.yuv_frame import YuvFrame
from lipwright.pipeline import covered_mouths
from lipwright.pipeline.covered_mouths import AROUND, mark_covered
from lipwright.pipeline.dubbing import VideoSpeaker, dub
from lipwright.speech.speech import Speech

COUNT, COVERED = 28, range(10, 19)


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """A hand comes from the left, stays before the mouth, and goes again."""
    finder, pictures = FaceFinder(threads=1), []
    for number in range(COUNT):
        picture = moved_portrait(number)
        beside = 1.5 * max(COVERED[0] - number, number - COVERED[-1], 0)
        if beside < 6:
            picture = hand(picture, finder.find(picture)[0], beside)
        pictures.append(picture)
    return write_film(tmp_path_factory.mktemp("film") / "hand.mkv", pictures)


def frames_of(path: Path) -> np.ndarray:
    """int16 (n, h, w, 3)."""
    with av.open(str(path)) as container:
        return np.array([f.to_ndarray(format="bgr24") for f in container.decode(video=0)], np.int16)


def test_a_hand_before_the_mouth_is_left_alone_and_counted(film, tmp_path, capsys):
    speech, output = speech_wav(tmp_path / "voice.wav", COUNT / 25), tmp_path / "out.mp4"
    given = ["sync", "--video", str(film), "--audio", str(speech), "--output", str(output)]
    assert run([*given, "--quality", "high", "--json"]) == 0
    said = capsys.readouterr()
    facts = json.loads(said.out)
    count = facts["left_alone"]["mouth_covered"]
    assert len(COVERED) <= count <= len(COVERED) + 2 * AROUND + 2
    assert sum(facts["left_alone"].values()) == count
    assert facts["own_mouths"] + facts["drawn_mouths"] == COUNT - count
    assert f"before the mouth of a speaker in {count} frames" in said.err
    off = frames_of(output) - frames_of(film)
    most = np.array([np.abs(cv2.blur(one, (9, 9))).max() for one in off])
    assert most[COVERED].max() < 12 < most[: COVERED[0] - 5].max()


def flags(monkeypatch, *places: int, shots: str = "", seen: range = range(COUNT)) -> list[float]:
    """What `mark_covered` makes of frames of which some are covered.

    shots: one digit for each; seen: the numbers of those that it is given.
    """
    shots = shots or "0" * COUNT
    face = Face(np.zeros((478, 3), np.float32), (0, 0, 0), (0, 0, 1, 1), 1)
    whole, image = YuvFrame(16, 16), np.zeros((16, 16, 3), np.uint8)
    frames = [
        TrackedFrame(image, replace(face, score=number), int(shots[number]), (0, 0, 16, 16), whole)
        for number in seen
    ]
    monkeypatch.setattr(covered_mouths, "_is_covered", lambda frame, _: frame.face.score in places)
    marked = list(mark_covered(frames, PersonLook([])))
    assert [frame.face.score for frame in marked if frame.face] == list(seen)
    return [frame.covered for frame in marked]


def test_what_is_before_a_mouth_comes_and_goes_softly(monkeypatch):
    assert not any(flags(monkeypatch))
    found = flags(monkeypatch, 10, 11)
    assert found[8:14] == [1.0] * 6
    assert found[6:8] == pytest.approx([1 / 3, 2 / 3])
    assert found[14:16] == pytest.approx([2 / 3, 1 / 3])
    assert not any(found[:6]) and not any(found[16:])


def test_short_gaps_are_closed(monkeypatch):
    assert flags(monkeypatch, 10, 15)[8:18] == [1.0] * 10


def test_nothing_reaches_across_a_cut(monkeypatch):
    found = flags(monkeypatch, 9, shots="0" * 10 + "1" * 18)
    assert found[9] == 1 and not any(found[10:])


@pytest.mark.parametrize("begin", range(OVERLAP, COUNT, 2))
def test_a_chunk_made_alone_is_the_same(monkeypatch, begin):
    covered = 3, 17, 19, 23
    whole = flags(monkeypatch, *covered)
    end = min(begin + 2, COUNT)
    seen = range(begin - OVERLAP, min(end + LOOKAHEAD, COUNT))
    alone = flags(monkeypatch, *covered, seen=seen)
    assert alone[OVERLAP : OVERLAP + end - begin] == whole[begin:end]


class White(FakeEngine):
    """An engine that draws white, and notes how near it is told that something is."""

    def __init__(self, uncovers: bool) -> None:
        super().__init__()
        self.spec = replace(FakeEngine.spec, uncovers=uncovers)
        self.told: list[float] = []

    def render(self, windows):
        for (window,) in windows:
            (frame,) = window.frames
            self.told.append(frame.covered)
            white = Patch(np.full((8, 8, 3), 255, np.uint8), (8, 8, 16, 16))
            yield ([white if frame.face else None],)


@pytest.mark.parametrize("uncovers", [False, True])
def test_what_engines_draw_is_faded_unless_they_see_to_it(uncovers):
    engine, coming = White(uncovers), [0.0, 1 / 3, 2 / 3, 1.0]
    grey = np.full((32, 32, 3), 100, np.uint8)
    face = Face(np.full((478, 3), 12, np.float32), (0, 0, 0), (4, 4, 20, 20), 1)
    frames = [
        (TrackedFrame(grey, face, 0, (0, 0, 32, 32), YuvFrame.of(grey), covered=covered),)
        for covered in coming
    ]
    speech = Speech.from_samples(np.zeros(16000, np.float32), 16000)
    drawn = list(dub(engine, [VideoSpeaker(0, None, speech)], frames, Fraction(25)))
    shares = [(frame.bgr()[10:14, 10:14].mean() - 100) / 155 for frame in drawn]
    faded = [1, 1, 1, 0] if uncovers else [1, 2 / 3, 1 / 3, 0]
    assert shares == pytest.approx(faded, abs=0.02)
    assert engine.told == [*coming[:3], 0.0]
