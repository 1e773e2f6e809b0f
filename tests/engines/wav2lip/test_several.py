"""Several people through Wav2Lip: the same code as for the warp engine."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.engines.wav2lip.fakes import FakeNetworks
from tests.helpers import speech_like
from tests.pairs import both
from tests.videos import write_film

import lipwright
from lipwright.face import Face
from lipwright.speech.speech import Speech

COUNT = 12
VOICE = Speech.from_samples(speech_like(COUNT / 25), 16_000)
SHORT = Speech.from_samples(speech_like(COUNT / 50), 16_000)


def options() -> dict:
    return {"engine": "wav2lip", "engine_options": {"networks": FakeNetworks(brighter=0.4)}}


def changed(frame: np.ndarray, source: np.ndarray, face: Face) -> float:
    """Grey levels by which the mouth of a face is not what it was."""
    x, y = face.landmarks[[13, 14], :2].mean(axis=0).astype(int)
    there = np.s_[y - 4 : y + 5, x - 8 : x + 9]
    return float(np.abs(frame[there].astype(float) - source[there]).mean())


@pytest.mark.parametrize("said", [{0: VOICE, 1: SHORT}, {1: VOICE}])
def test_those_who_speak_are_redrawn(tmp_path, said):
    pictures = [both(2 * i) for i in range(COUNT)]
    film = lipwright.Video(write_film(tmp_path / "pair.mp4", pictures), **options())
    frames = list(film.frames(said))
    assert len(frames) == COUNT
    for person in film.people:
        for number, face in person.sightings:
            change = changed(frames[number], pictures[number], face)
            assert (change > 8) == (person.number in said)


def test_in_pictures_as_well():
    picture = both()
    portrait = lipwright.Portrait(picture, quality="low", **options())
    for frame in portrait.frames({0: VOICE, 1: SHORT}, Fraction(25)):
        for person in portrait.people:
            assert changed(frame, picture, person.face) > 8
