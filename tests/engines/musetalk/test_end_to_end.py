"""Whole videos by MuseTalk: with small networks of torch, and with ones that can be measured."""

from __future__ import annotations

import json
from fractions import Fraction

import av
import numpy as np
import pytest
from tests.engines.musetalk.fakes import FakeNetworks
from tests.helpers import hopper_path, speech_like, speech_wav
from tests.pairs import both
from tests.pipeline.resume.runs import break_off, frames_of, same_frames
from tests.videos import head_motion, moved_portrait, write_film

import lipwright
from lipwright.cli import run
from lipwright.face import Face, choose_face
from lipwright.media.image.read import read_image, resize
from lipwright.media.video import chunks
from lipwright.speech.speech import Speech

COUNT = 12
VOICE = Speech.from_samples(speech_like(COUNT / 25), 16_000)
SHORT = Speech.from_samples(speech_like(COUNT / 50), 16_000)


def options(brighter: int = 100, **more) -> dict:
    given = {"networks": FakeNetworks(brighter=brighter), **more}
    return {"engine": "musetalk", "engine_options": given}


def changed(frame: np.ndarray, source: np.ndarray, face: Face) -> float:
    """Grey levels by which the mouth of a face is not what it was."""
    x, y = face.landmarks[[13, 14], :2].mean(axis=0).astype(int)
    there = np.s_[y - 4 : y + 5, x - 8 : x + 9]
    return float(np.abs(frame[there].astype(float) - source[there]).mean())


@pytest.mark.parametrize("said", [{0: VOICE, 1: SHORT}, {1: VOICE}])
def test_of_two_people_those_who_speak_are_redrawn(tmp_path, said):
    pictures = [both(2 * i) for i in range(COUNT)]
    given = options(paste="official")  # the soft paste takes the picture's colours
    film = lipwright.Video(write_film(tmp_path / "pair.mp4", pictures), **given)
    frames = list(film.frames(said))
    assert len(frames) == COUNT
    for person in film.people:
        for number, face in person.sightings:
            change = changed(frames[number], pictures[number], face)
            assert (change > 20) == (person.number in said)


@pytest.mark.parametrize("paste", ["soft", "official"])
def test_two_people_in_a_picture(paste):
    picture = both()
    portrait = lipwright.Portrait(picture, quality="low", **options(paste=paste))
    for frame in portrait.frames({0: VOICE, 1: SHORT}, Fraction(25)):
        for person in portrait.people:
            assert changed(frame, picture, person.face) > 2


@pytest.mark.parametrize("fps", ["25", "30000/1001"])
def test_a_run_that_broke_off_goes_on_to_the_same_frames(tmp_path, monkeypatch, fps):
    monkeypatch.setattr(chunks, "SECONDS", 0.2)
    sound = speech_wav(tmp_path / "talk.wav", 0.7)
    given = {**options(), "fps": fps, "quality": "low"}
    whole, broken = tmp_path / "whole.mp4", tmp_path / "broken.mp4"
    made = lipwright.sync(hopper_path(), sound, whole, **given)
    break_off(hopper_path(), sound, broken, 13, **given)
    lipwright.sync(hopper_path(), sound, broken, resume=True, **given)
    assert same_frames(whole, broken)
    with av.open(str(broken)) as container:
        video, heard = container.streams.video[0], container.streams.audio[0]
        assert video.average_rate == Fraction(fps) and video.frames == made.frames
        assert abs(float(heard.duration * heard.time_base) - made.frames / Fraction(fps)) < 0.1


@pytest.fixture
def small_networks(monkeypatch):
    """The command line's engine with small networks of torch."""
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install .[musetalk]")
    pytest.importorskip("diffusers", reason="diffusers is not installed: pip install .[musetalk]")
    from tests.engines.musetalk import small

    from lipwright.engines.musetalk import engine

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr(engine, "_load", lambda *_: small.networks())
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("paste", ["soft", "official"])
def test_noise_of_small_networks_is_in_the_right_place(paste, small_networks, tmp_path, capsys):
    sound, output = speech_wav(tmp_path / "voice.wav", 0.08), tmp_path / "out.mp4"
    assert run(
        ["sync", "--image", str(hopper_path()), "--audio", str(sound), "--output", str(output),
         "--quality", "low", "--engine", "musetalk", "--paste", paste, "--batch-size", "2",
         "--fps", "25", "--timing", "official", "--json"]
    ) == 0  # fmt: skip
    facts = json.loads(capsys.readouterr().out)
    assert facts["engine"] == "musetalk" and facts["frames"] == 2
    frames = frames_of(output)
    height, width = frames[0].shape[:2]
    image = resize(read_image(hopper_path()), (width, height))
    face = choose_face(image, None, "hopper")
    x0, y0, x1, y1 = face.box
    away = np.ones(image.shape[:2], bool)
    room = 0.3 * face.height
    away[int(max(0, y0 - room)) : int(y1 + room), int(max(0, x0 - room)) : int(x1 + room)] = False
    for frame in frames:
        assert changed(frame, image, face) > 8
        assert np.abs(frame.astype(float) - image)[away].mean() < 4  # the codec


def test_a_film_has_its_noise_on_the_moving_mouth(small_networks, tmp_path, capsys):
    source = write_film(tmp_path / "film.mp4", [moved_portrait(4 * i) for i in range(2)])
    sound, output = speech_wav(tmp_path / "voice.wav", 0.12), tmp_path / "out.mp4"
    given = ["--video", str(source), "--audio", str(sound), "--output", str(output)]
    assert run(["sync", *given, "--engine", "musetalk", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["frames"] == 3 and not any(facts["left_alone"].values())
    originals = frames_of(source)
    for frame, number in zip(frames_of(output), [0, 1, 0], strict=True):
        change = np.abs(frame.astype(float) - originals[number]).mean(axis=2)
        mouth = np.array([256.0, 325.0, 1.0]) @ head_motion(4 * number).T
        x, y = mouth.astype(int)
        assert change[y - 15 : y + 15, x - 15 : x + 15].mean() > 8  # noise
        assert change[: y - 110].mean() < 5  # the codec
