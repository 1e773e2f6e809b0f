"""The engines around the networks: what they are given, what is pasted, time, memory."""

from __future__ import annotations

import logging
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from tests.drawing import dubbed, speaking
from tests.engines.lipgan.fakes import StandIn
from tests.engines.recipe import parity
from tests.helpers import hopper_path, speech_like
from tests.pairs import both
from tests.videos import moved_portrait, tracked, write_film

import lipwright
from lipwright.core.errors import EngineError, UsageError
from lipwright.engines import create_engine
from lipwright.engines.lipgan import LipGanEngine, LipGanMfccEngine, LipGanOptions
from lipwright.engines.lipgan.engine import OFFICIAL_CROP, network_input
from lipwright.engines.lipgan.mfcc import mfcc
from lipwright.engines.wav2lip.mel_spectrogram import mel_spectrogram
from lipwright.face import FaceFinder, choose_face
from lipwright.face.face import Face
from lipwright.face.tracker import TrackedFrame
from lipwright.media.image.read import read_image
from lipwright.media.video import chunks
from lipwright.pipeline.face_crops import crop_face
from lipwright.speech.speech import Speech
from lipwright.speech.streaming import StreamingSpeech

ENGINES = {"lipgan": LipGanEngine, "lipgan-mfcc": LipGanMfccEngine}
FPS = Fraction(25)


@pytest.fixture(scope="module")
def hopper_face() -> tuple[np.ndarray, Face]:
    image = read_image(hopper_path())
    return (image * 0.8).astype(np.uint8), choose_face(image, None, "hopper")


@pytest.fixture(scope="module")
def film() -> list[TrackedFrame]:
    finder = FaceFinder()
    pictures = [(moved_portrait(5 * i) * 0.8).astype(np.uint8) for i in range(6)]
    frames = [tracked(picture, finder.find(picture)[0]) for picture in pictures]
    frames[3] = tracked(frames[3].image, None)
    return frames


def speech(seconds: float) -> Speech:
    return Speech.from_samples(speech_like(seconds), 16000)


def engine_of(name: str, networks: StandIn, **options) -> LipGanEngine:
    return ENGINES[name](LipGanOptions(networks=networks, **options))


def boxed(landmarks: np.ndarray, box: np.ndarray) -> Face:
    """A face with these landmarks in this box."""
    x0, y0, x1, y1 = map(float, box)
    return Face(landmarks, (0.0, 0.0, 0.0), (x0, y0, x1, y1), 1.0)


@pytest.mark.parametrize(
    ("flow", "name", "skipped"), [("py", "lipgan", 0), ("main", "lipgan-mfcc", 4)]
)
def test_frames_are_the_official_ones_pixel_by_pixel(flow, name, skipped, hopper_face):
    """The authors' program with the same networks, faces, frames and frame rate.

    Its first network is shown the video from its fifth frame on, and from its beginning again.
    """
    official = parity(f"lipgan_flow_{flow}")
    pictures, boxes = official["frames_bgr"][skipped:], official["rects_ltrb"]
    landmarks = hopper_face[1].landmarks
    count = int(official["written_count"])
    order = [number % len(pictures) for number in range(count)]
    given = [tracked(pictures[number], boxed(landmarks, boxes[number])) for number in order]
    networks = StandIn()
    engine = engine_of(name, networks, paste="official", timing="official")
    written = list(dubbed(engine, given, speech(count / 25), FPS))
    assert len(written) == count
    (seen, *_) = np.concatenate(networks.seen)
    np.testing.assert_allclose(seen.transpose(1, 2, 0) * 255, official["face6_first_u8"], atol=1e-4)
    np.testing.assert_array_equal(written[0], official["written_bgr"][0])
    np.testing.assert_array_equal(written[-1], official["written_bgr"][-1])
    means = [frame.mean() for frame in written]
    np.testing.assert_allclose(means, official["written_means"], atol=1e-6)


def test_the_networks_see_the_face_first_then_its_upper_half_in_bgr(hopper_face):
    image, face = hopper_face
    crop = crop_face(image, face, OFFICIAL_CROP).pixels
    seen = network_input(crop)
    assert seen.shape == (6, 96, 96) and seen.dtype == np.float32
    np.testing.assert_allclose(seen[:3], crop.transpose(2, 0, 1) / 255, atol=1e-6)
    np.testing.assert_array_equal(seen[3:, :48], seen[:3, :48])
    assert not seen[3:, 48:].any()


@pytest.mark.parametrize("fps", ["25", "30000/1001", "12"])
@pytest.mark.parametrize("name", ENGINES)
def test_every_frame_hears_the_sound_around_it(hopper_face, name, fps):
    networks, rate = StandIn(), Fraction(fps)
    image, face = hopper_face
    engine = engine_of(name, networks, batch_size=7)
    frames = sum(1 for _ in speaking(engine, image, face, speech(1.0), rate))
    assert frames == len(networks.sounds) == np.ceil(1.0 * rate), "no frame is left out"
    samples = speech_like(1.0)
    columns = mel_spectrogram(samples) if name == "lipgan" else mfcc(samples)
    per_second, lead, silence = (80, 0.32, -4) if name == "lipgan" else (100, 0.16, 0)
    width = networks.sounds[0].shape[1]
    padded = np.pad(columns, ((0, 0), (width, width)), constant_values=silence)
    for number, heard in enumerate(networks.sounds):
        start = floor((number / rate - Fraction(str(lead))) * per_second) + width
        np.testing.assert_allclose(heard, padded[:, start : start + width], atol=1e-3)


@pytest.mark.parametrize("name", ENGINES)
def test_live_sound_is_heard_as_it_is_from_memory(hopper_face, name):
    (image, face), heard = hopper_face, []
    for cut in (None, 700, 16000):
        networks, said = StandIn(), speech(1.0)
        if cut:
            pieces = [said.samples[start : start + cut] for start in range(0, 16000, cut)]
            said = StreamingSpeech.from_pieces(pieces, 16000)
        assert len(list(speaking(engine_of(name, networks), image, face, said, FPS))) == 25
        heard.append(np.stack(networks.sounds))
    np.testing.assert_allclose(heard[1], heard[2], atol=1e-4)
    np.testing.assert_allclose(heard[1], heard[0], atol=1e-2)
    assert np.ptp(heard[1]) > 1


@pytest.mark.parametrize("name", ENGINES)
def test_frames_from_any_one_on_are_those_of_the_whole(hopper_face, name, monkeypatch):
    """As a run that was broken off goes on."""
    monkeypatch.setattr(chunks, "SECONDS", 0.4)
    image, face = hopper_face

    def render(first: int) -> list[np.ndarray]:
        engine = engine_of(name, StandIn(heard=0.2), batch_size=4, paste="official")
        frames = speaking(engine, image, face, speech(1.0), FPS, first)
        return [frame.copy() for frame in frames]

    whole = render(0)
    assert len({frame.tobytes() for frame in whole}) > 5, "frames differ"
    for first in (1, 10, 23):
        np.testing.assert_array_equal(whole[first:], render(first))


def test_only_the_lower_face_changes(hopper_face):
    image, face = hopper_face
    frame = next(speaking(engine_of("lipgan", StandIn()), image, face, speech(0.1), FPS))
    rows = np.flatnonzero((frame != image).any(axis=(1, 2)))
    assert rows[0] > face.landmarks[[33, 263, 133, 362], 1].max()
    assert rows[-1] <= face.box[3] + 0.06 * (face.box[3] - face.box[1])


def test_the_official_paste_fills_the_box(hopper_face):
    image, face = hopper_face
    engine = engine_of("lipgan", StandIn(), paste="official")
    frame = next(speaking(engine, image, face, speech(0.1), FPS))
    x0, y0, x1, y1 = (int(edge) for edge in face.box)
    changed = (frame != image).any(axis=2)
    assert changed[y0:y1, x0:x1].mean() > 0.9
    changed[y0:y1, x0:x1] = False
    assert not changed.any()


def test_films_are_dubbed_where_there_is_a_face(film):
    networks = StandIn()
    frames = list(dubbed(engine_of("lipgan", networks, batch_size=4), film, speech(0.24), FPS))
    changed = [bool((a != b.image).any()) for a, b in zip(frames, film, strict=True)]
    assert changed == [number != 3 for number in range(6)]
    assert len(np.concatenate(networks.seen)) == 5 == len(networks.sounds)


def test_two_people_of_a_video_at_29_97_are_redrawn(tmp_path):
    pictures = [both(2 * i) for i in range(8)]
    said = {n: Speech.from_samples(speech_like(0.26, seed=n), 16_000) for n in (0, 1)}
    video = lipwright.Video(
        write_film(tmp_path / "pair.mp4", pictures, Fraction(30000, 1001)), engine="lipgan",
        engine_options={"networks": StandIn(heard=0.2)},
    )  # fmt: skip
    frames = list(video.frames(said))
    assert len(frames) == 8
    for person in video.people:
        for number, face in person.sightings:
            x, y = face.landmarks[[13, 14], :2].mean(axis=0).astype(int)
            there = np.s_[y - 4 : y + 5, x - 8 : x + 9]
            apart = np.abs(frames[number][there].astype(float) - pictures[number][there])
            assert apart.mean() > 3


def test_short_of_memory_batches_are_halved_and_it_is_said(hopper_face, caplog):
    image, face = hopper_face
    networks = StandIn(limit=4)
    with caplog.at_level(logging.WARNING, "lipwright"):
        engine = engine_of("lipgan", networks, batch_size=8)
        assert sum(1 for _ in speaking(engine, image, face, speech(0.5), FPS)) == 13
    assert max(networks.batches) == 2 and "batches of 2 frames" in caplog.text
    with pytest.raises(EngineError, match="not enough memory for a single frame"):
        list(speaking(engine_of("lipgan", StandIn(limit=0)), image, face, speech(0.1), FPS))


def test_wrong_options_are_told():
    for name in ENGINES:
        with pytest.raises(UsageError, match="no paste"):
            create_engine(name, {"paste": "glue"})
        with pytest.raises(UsageError, match="no timing"):
            create_engine(name, {"timing": "late"})
        with pytest.raises(UsageError, match="0 frames cannot be drawn at once"):
            create_engine(name, {"batch_size": 0})
