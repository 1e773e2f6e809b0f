"""Who speaks in a film: two people talk side by side, and one of them is heard."""

from __future__ import annotations

import logging
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.drawing import speaking
from tests.helpers import speech_like
from tests.pairs import both

from lipwright.engines.warp import WarpEngine, WarpOptions
from lipwright.face import FaceFinder
from lipwright.face.identities import people_in_video
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.source import open_video_source
from lipwright.media.video.writer import VideoWriter
from lipwright.pipeline.active_speaker import (
    SAMPLE,
    SpeechSample,
    choose_samples,
    detect_active_speaker,
    score_lips,
)
from lipwright.pipeline.video import Video
from lipwright.speech.speech import Speech

FPS = Fraction(25)
SECONDS = 3.0
RATE = 16_000


def voice(seed: int) -> Speech:
    """Syllables of all lengths, other ones for each seed."""
    generator = np.random.default_rng(seed)
    samples = speech_like(SECONDS, RATE, seed)
    edges = np.cumsum(generator.uniform(0.08, 0.35, 40))
    times = np.arange(len(samples)) / RATE
    spoken = np.searchsorted(edges, times) % 2 == 0
    return Speech.from_samples(samples * np.where(spoken, 1.0, 0.02), RATE)


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.fixture(scope="module")
def talking(finder) -> list[np.ndarray]:
    """Hopper says voice 1 while the astronaut says voice 2."""
    picture = cv2.resize(both(), (640, 320))
    faces = sorted(finder.find(picture), key=lambda face: face.box[0])
    engine = WarpEngine(WarpOptions("still"))
    performances = [
        [frame.copy() for frame in speaking(engine, picture, face, voice(seed), FPS)]
        for face, seed in zip(faces, (1, 2), strict=True)
    ]
    return [
        np.hstack([left[:, :320], right[:, 320:]])
        for left, right in zip(*performances, strict=True)
    ]


def write(path: Path, pictures: list[np.ndarray], sound: Speech | None) -> Path:
    with VideoWriter(path, OutputSpec((640, 320), FPS), sound) as video:
        for picture in pictures:
            video.write(picture)
    return path


@pytest.mark.parametrize(("heard", "place"), [(1, "left"), (2, "right")])
def test_the_person_whose_lips_move_with_the_sound_speaks(
    talking, finder, tmp_path, caplog, heard, place
):
    path = write(tmp_path / "two.mp4", talking, voice(heard))
    film = Video(path)
    with caplog.at_level(logging.INFO, "lipwright"):
        chosen = film._video_people.speaker
    assert ("left" if chosen.place[0] < 320 else "right") == place
    assert f"number {chosen.number} speaks, whose lips move with the sound" in caplog.text


def test_picture_and_sound_may_be_apart(talking, finder, tmp_path):
    late = np.concatenate([np.zeros(RATE // 5, np.float32), voice(2).samples])
    path = write(tmp_path / "late.mp4", talking, Speech.from_samples(late, RATE))
    source = open_video_source(path)
    chosen = detect_active_speaker(source, people_in_video(source, finder), finder)
    assert chosen is not None and chosen.place[0] > 320


@pytest.mark.parametrize("sound", ["none", "somebody else's"])
def test_where_nobody_is_heard_the_largest_speaks(talking, finder, tmp_path, caplog, sound):
    heard = None if sound == "none" else voice(5)
    pictures = talking if sound == "none" else [talking[0]] * 75
    film = Video(write(tmp_path / "two.mp4", pictures, heard))
    with caplog.at_level(logging.INFO, "lipwright"):
        assert film._video_people.speaker is film.people[0]
    why = "no sound that could tell" if sound == "none" else "nobody's lips move with the sound"
    assert why in caplog.text and "the largest speaks" in caplog.text


def chunk(lips: list[np.ndarray], heard: np.ndarray) -> SpeechSample:
    shifted = np.array([np.roll(heard, -shift) for shift in range(-15, 16)])
    return SpeechSample(np.arange(len(heard)) / 25, np.array(lips), shifted)


def test_lips_are_scored_by_what_was_asked_of_them():
    generator = np.random.default_rng(0)
    heard = np.convolve(generator.normal(size=100), np.ones(4) / 4, "same")
    other = np.convolve(generator.normal(size=100), np.ones(4) / 4, "same")
    slow = np.linspace(0, 2, 100)
    half = np.where(np.arange(100) < 50, np.nan, heard)
    seen = chunk([heard + slow, other, np.zeros(100), half, np.full(100, np.nan)], heard)
    right, wrong, still, rare, never = (score_lips([seen, seen], who) for who in range(5))
    assert right > 0.9 and wrong < 0.5
    assert still == never == 0
    assert rare == pytest.approx(np.sqrt(0.5), abs=0.05)


def test_tremble_that_happens_to_go_with_the_sound_is_no_speech():
    heard = np.convolve(np.random.default_rng(0).normal(size=100), np.ones(4) / 4, "same")
    quiet, spoken = (heard / heard.std() * size for size in (0.001, 0.03))
    tremble, talk = (score_lips([chunk([lips], heard)], 0) for lips in (quiet, spoken))
    assert tremble < 0.3 and talk > 0.9


def test_long_films_are_listened_to_where_people_talk(talking, finder, tmp_path):
    path = write(tmp_path / "two.mp4", talking, None)
    source = open_video_source(path)
    people = people_in_video(source, finder)
    sound = np.full(60 * RATE, 0.01, np.float32)
    sound[: 2 * RATE] = 0.1

    class Long:
        fps, count, duration = source.fps, 60 * 25, 60.0

    times = list(choose_samples(Long(), people, sound))  # type: ignore[arg-type]
    assert times and times[0][0] == 0 and times[-1][-1] < 12  # who is seen is seen in the first 3
    assert all(np.ptp(part) < SAMPLE for part in times)
    assert list(choose_samples(Long(), people, 0 * sound)) == []  # type: ignore[arg-type]
