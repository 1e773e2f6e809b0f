"""Wav2Lip on films: each frame's own face, pasted where it is."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.drawing import dubbed
from tests.engines.wav2lip.fakes import FakeNetworks
from tests.helpers import speech_like
from tests.videos import moved_portrait, tracked

from lipwright.engines.face_redrawing import SOFT_CROP
from lipwright.engines.wav2lip import Wav2LipEngine, Wav2LipOptions
from lipwright.engines.wav2lip.engine import OFFICIAL_CROP
from lipwright.engines.wav2lip.mel_spectrogram import mel_spectrogram
from lipwright.face import FaceFinder
from lipwright.face.face import Face
from lipwright.face.tracker import TrackedFrame
from lipwright.pipeline.face_crops import crop_face
from lipwright.pipeline.face_view import FaceView
from lipwright.pipeline.frame_rates import FrameRates
from lipwright.pipeline.windows import RenderedSpeaker, VideoFrame, render_chunk
from lipwright.speech.speech import Speech

FPS = Fraction(25)
COUNT = 10


@pytest.fixture(scope="module")
def film() -> list[TrackedFrame]:
    finder = FaceFinder()
    pictures = [(moved_portrait(5 * i) * 0.8).astype(np.uint8) for i in range(COUNT)]
    frames = [tracked(picture, finder.find(picture)[0]) for picture in pictures]
    frames[4] = tracked(frames[4].image, None)
    return frames


def dub(film, networks=None, **options) -> list[np.ndarray]:
    speech = Speech.from_samples(speech_like(COUNT / 25), 16000)
    given = Wav2LipOptions(networks=networks or FakeNetworks(), **options)
    return list(dubbed(Wav2LipEngine(given), film, speech, FPS))


def test_each_frame_shows_its_own_face_and_hears_its_own_moment(film):
    networks = FakeNetworks()
    assert len(dub(film, networks, batch_size=4)) == COUNT
    seen = np.concatenate(networks.seen)
    mel = mel_spectrogram(speech_like(COUNT / 25))
    with_face = [i for i, frame in enumerate(film) if frame.face]
    assert len(seen) == len(networks.mels) == len(with_face)
    for crop, heard, number in zip(seen, networks.mels, with_face, strict=True):
        start = min(int(number * 80 / FPS), mel.shape[1] - 16)
        np.testing.assert_allclose(heard, mel[:, start : start + 16], atol=1e-4)
        image, face = film[number].image, film[number].face
        part = image[crop_face(image, face, SOFT_CROP).box.slices]
        assert np.abs(crop[3:].mean(axis=(1, 2)) * 255 - part.mean(axis=(0, 1))).max() < 2


def test_frames_without_a_face_or_with_one_outside_stay_as_they_are(film):
    away = film[0].face
    outside = Face(away.landmarks + 5000, away.pose, (5000.0, 5000.0, 5200.0, 5200.0), 1.0)
    given = [*film[:6], tracked(film[6].image, outside), *film[7:]]
    frames = dub(given, FakeNetworks(brighter=0.2))
    changed = [bool((a != b.image).any()) for a, b in zip(frames, given, strict=True)]
    assert changed == [i not in (4, 6) for i in range(COUNT)]


def test_only_lower_faces_change_and_the_seam_is_smooth(film):
    plain, lit = dub(film), dub(film, FakeNetworks(brighter=0.1))
    for image, same, brighter in zip(film, plain, lit, strict=True):
        if image.face is None:
            continue
        assert np.abs(same.astype(int) - image.image).mean() < 0.3
        rows = np.flatnonzero((brighter != image.image).any(axis=(1, 2)))
        assert rows[0] > image.face.landmarks[[33, 263], 1].max()
        assert np.abs(np.diff(brighter.astype(float) - same, axis=1)).max() <= 6


def test_batches_do_not_change_what_is_drawn(film):
    one, many = (dub(film, FakeNetworks(brighter=0.1), batch_size=size) for size in (1, 6))
    np.testing.assert_array_equal(one, many)


def test_short_of_memory_batches_are_halved(film):
    networks = FakeNetworks(limit=4, brighter=0.1)
    frames = dub(film, networks, batch_size=8)
    np.testing.assert_array_equal(frames, dub(film, FakeNetworks(brighter=0.1)))
    assert max(networks.batches) <= 3


def test_the_official_paste_fills_each_box(film):
    frames = dub(film, FakeNetworks(brighter=0.2), paste="official")
    for image, frame in zip(film, frames, strict=True):
        if image.face is not None:
            there = crop_face(image.image, image.face, OFFICIAL_CROP).box.slices
            assert (frame[there] != image.image[there]).any(axis=2).mean() > 0.95


def test_faces_of_two_people_are_drawn_together(film):
    networks = FakeNetworks()
    engine = Wav2LipEngine(Wav2LipOptions(networks=networks, batch_size=4))
    speech = Speech.from_samples(speech_like(COUNT / 25), 16000)
    rates = FrameRates.of(FPS, None)
    speakers = [RenderedSpeaker(n, None, engine.spec.audio.read(speech, FPS, 0, 0)) for n in (0, 1)]
    given = [
        VideoFrame(n, tuple(FaceView(f.image, f.face, SOFT_CROP) for _ in speakers), f)
        for n, f in enumerate(film)
    ]
    alone = dub(film)
    drawn = list(render_chunk(engine, speakers, given, rates))
    assert networks.batches == [4, 4, 2, 4, 4], "two frames of two people; nobody is in one frame"
    for (frame, patches), expected in zip(drawn, alone, strict=True):
        for view, patch in zip(frame.views, patches, strict=True):
            image = view.image.copy()
            if patch is not None:
                box, pixels = view.paste(patch)
                image[box.slices] = pixels
            np.testing.assert_array_equal(image, expected)
