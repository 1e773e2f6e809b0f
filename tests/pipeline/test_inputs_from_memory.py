"""Pictures and sounds as programs have them, cancellation, and frames with their times."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import lipwright
from lipwright.media.image.given import read_given
from lipwright.media.image.read import read_image
from lipwright.pipeline.render_job import read_speech
from lipwright.speech.speech import Speech

pytestmark = pytest.mark.usefixtures("fake_engines")


def test_pictures_of_all_kinds_are_the_same(hopper):
    wanted = read_image(hopper)
    content = Path(hopper).read_bytes()
    with Image.open(hopper) as picture, Path(hopper).open("rb") as file:
        given = [hopper, content, bytearray(content), io.BytesIO(content), file, picture, wanted]
        for source in given:
            assert np.array_equal(read_given(source).image, wanted)


def test_grey_and_transparent_pictures():
    grey = np.full((80, 90), 77, np.uint8)
    assert read_given(grey).image.shape == (80, 90, 3)
    assert read_given(Image.fromarray(grey)).image[0, 0].tolist() == [77] * 3
    clear = np.full((80, 90, 4), 200, np.uint8)
    clear[:40, :, 3] = 0
    kept = io.BytesIO()
    Image.fromarray(clear).save(kept, "png")
    for source in (clear, Image.fromarray(clear), kept):
        cutout = read_given(source).cutout
        assert cutout is not None and cutout.alpha[0, 0] == 0 and cutout.alpha[60, 0] == 200


def test_sounds_of_all_kinds_are_the_same(voice):
    wanted = Speech.from_file(voice)
    content = Path(voice).read_bytes()
    for given in (content, memoryview(content), io.BytesIO(content)):
        speech = read_speech(given)
        assert speech.rate == wanted.rate and speech.path is None
        assert np.array_equal(speech.samples, wanted.samples)


ADDRESS = "https://example.com/me.jpg"


@pytest.mark.parametrize("wrong", [None, 5, [1], {}, object(), ADDRESS, "", "a\0b", io.StringIO()])
@pytest.mark.parametrize("place", ["source", "speech", "output"])
def test_anything_else_is_one_sentence(hopper, voice, tmp_path, wrong, place):
    given = {"source": hopper, "speech": voice, "output": tmp_path / "x.mp4"} | {place: wrong}
    with pytest.raises(lipwright.UsageError) as caught:
        lipwright.sync(**given, engine="fake", quality="low")
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


@pytest.mark.parametrize("wrong", [None, 5, b"text", object()])
def test_a_text_that_is_none(wrong):
    for speak in (lipwright.synthesize, lipwright.begin_speech):
        with pytest.raises(lipwright.UsageError, match="text to speak"):
            speak(wrong)


def test_bytes_that_are_no_sound_or_picture():
    with pytest.raises(lipwright.MediaError, match="The sound"):
        read_speech(b"nothing of that kind, and long enough to be looked at")
    with pytest.raises(lipwright.MediaError, match="The picture is a text file"):
        read_given(b"nothing of that kind, and long enough to be looked at")


def test_frames_have_their_times(hopper, voice):
    portrait = lipwright.Portrait(hopper, engine="fake", quality="low")
    frames = list(portrait.timed_frames(voice, fps="30000/1001"))
    assert [frame.number for frame in frames] == list(range(30))
    assert frames[7].time == 7 / Fraction(30000, 1001)


@pytest.mark.parametrize("kind", ["picture", "film"])
def test_a_cancelled_video_leaves_nothing(hopper, voice, tmp_path, kind):
    from tests.videos import moved_portrait, write_film

    desk = tmp_path / "desk"
    desk.mkdir()
    source = hopper
    if kind == "film":
        pictures = [cv2.resize(moved_portrait(i), None, fx=0.5, fy=0.5) for i in range(8)]
        source = write_film(tmp_path / "talk.mp4", pictures)
    token = lipwright.CancelToken()

    def progress(stage, done, total):
        if stage == "frames" and done:
            token.cancel()

    with pytest.raises(lipwright.Cancelled):
        lipwright.sync(
            source, voice, desk / "x.mp4", quality="low", progress=progress, cancel=token
        )
    assert list(desk.iterdir()) == []


def test_a_film_is_not_looked_over_once_it_is_cancelled(tmp_path, voice, monkeypatch):
    from tests.videos import moved_portrait, write_film

    from lipwright.face.finder import FaceFinder

    film = write_film(tmp_path / "talk.mp4", [moved_portrait(i) for i in range(20)])
    token, found = lipwright.CancelToken(), []

    def find(self, image):
        found.append(1)
        token.cancel()
        return []

    monkeypatch.setattr(FaceFinder, "find", find)
    with pytest.raises(lipwright.Cancelled):
        lipwright.sync(film, voice, tmp_path / "x.mp4", cancel=token)
    assert len(found) < 10


def test_frames_are_cancelled(hopper, voice):
    token = lipwright.CancelToken()
    frames = lipwright.render_frames(hopper, voice, engine="fake", quality="low", cancel=token)
    next(frames)
    token.cancel()
    with pytest.raises(lipwright.Cancelled):
        next(frames)
