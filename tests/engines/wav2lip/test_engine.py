"""The engine around the networks: what they are given, what is pasted, time, memory."""

from __future__ import annotations

import logging
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.drawing import speaking
from tests.engines.wav2lip.fakes import FakeNetworks
from tests.helpers import astronaut_path, hopper_path, speech_like

from lipwright.core.errors import EngineError, FaceError, UsageError
from lipwright.engines.face_redrawing import SOFT_CROP
from lipwright.engines.wav2lip import Wav2LipEngine, Wav2LipOptions
from lipwright.engines.wav2lip.engine import OFFICIAL_CROP, network_input
from lipwright.engines.wav2lip.mel_spectrogram import mel_spectrogram
from lipwright.face import choose_face
from lipwright.face.face import Face
from lipwright.face.landmark_indices import LIPS
from lipwright.media.image.read import read_image
from lipwright.media.video import chunks
from lipwright.pipeline.compositing import lower_face_mask
from lipwright.pipeline.face_crops import crop_face
from lipwright.pipeline.image_frames import prepare_speaker
from lipwright.speech.speech import Speech
from lipwright.speech.streaming import StreamingSpeech

PORTRAITS = {"hopper": hopper_path, "astronaut": astronaut_path}
FPS = Fraction(25)


def portrait(path: Path) -> tuple[np.ndarray, Face]:
    image = read_image(path)
    return image, choose_face(image, None, path.name)


@pytest.fixture(scope="module", params=PORTRAITS)
def pictured(request) -> tuple[np.ndarray, Face]:
    return portrait(PORTRAITS[request.param]())


@pytest.fixture(scope="module")
def hopper_face() -> tuple[np.ndarray, Face]:
    return portrait(hopper_path())


def dimmed(pictured: tuple[np.ndarray, Face]) -> tuple[np.ndarray, Face]:
    """A picture in which nothing turns white when it is drawn brighter."""
    image, face = pictured
    return (image * 0.8).astype(np.uint8), face


def speech(seconds: float) -> Speech:
    return Speech.from_samples(speech_like(seconds), 16000)


def engine_of(networks: FakeNetworks, **options) -> Wav2LipEngine:
    return Wav2LipEngine(Wav2LipOptions(networks=networks, **options))


def render(
    networks: FakeNetworks, image, face, *, seconds=0.2, fps=FPS, **options
) -> list[np.ndarray]:
    frames = speaking(engine_of(networks, **options), image, face, speech(seconds), fps)
    return [frame.copy() for frame in frames]


def test_frames_are_batched_the_same_wherever_one_begins(pictured, monkeypatch):
    monkeypatch.setattr(chunks, "SECONDS", 0.4)
    whole, later = FakeNetworks(), FakeNetworks()
    frames = render(whole, *pictured, seconds=1.0, batch_size=4)
    image, face = pictured
    late = speaking(engine_of(later, batch_size=4), image, face, speech(1.0), FPS, 10)
    again = [frame.copy() for frame in late]
    assert whole.batches == [4, 4, 2, 4, 4, 2, 4, 1] and later.batches == whole.batches[3:]
    np.testing.assert_array_equal(frames[10:], again)


def test_the_network_sees_the_masked_face_first_then_the_face_in_bgr(pictured):
    image, face = pictured
    networks = FakeNetworks()
    prepare_speaker(engine_of(networks, paste="official"), image, face)
    (seen,) = networks.seen
    x0, y0, x1, y1 = (int(edge) for edge in face.box)
    crop = cv2.resize(image[y0 : min(image.shape[0], int(face.box[3] + 10)), x0:x1], (96, 96))
    expected = crop.transpose(2, 0, 1) / 255
    assert seen.shape == (1, 6, 96, 96) and seen.dtype == np.float32
    np.testing.assert_allclose(seen[0, 3:], expected, atol=1e-6)
    np.testing.assert_allclose(seen[0, :3, :48], expected[:, :48], atol=1e-6)
    assert not seen[0, :3, 48:].any()


@pytest.mark.parametrize("fps", ["25", "30000/1001", "12"])
def test_every_frame_hears_its_own_moment(hopper_face, fps):
    networks, rate = FakeNetworks(), Fraction(fps)
    frames = render(networks, *hopper_face, seconds=1.0, fps=rate, batch_size=7)
    mel = mel_spectrogram(speech_like(1.0))
    assert len(frames) == len(networks.mels) == np.ceil(1.0 * rate)
    for index, heard in enumerate(networks.mels):
        start = min(int(index * 80 / rate), mel.shape[1] - 16)
        np.testing.assert_allclose(heard, mel[:, start : start + 16], atol=1e-4)


def test_live_sound_is_heard_as_it_is_from_memory(hopper_face):
    (image, face), heard = hopper_face, []
    for cut in (None, 700, 16000):
        networks, said = FakeNetworks(), speech(1.0)
        if cut:
            pieces = [said.samples[start : start + cut] for start in range(0, 16000, cut)]
            said = StreamingSpeech.from_pieces(pieces, 16000)
        assert len(list(speaking(engine_of(networks), image, face, said, FPS))) == 25
        heard.append(np.stack(networks.mels))
    np.testing.assert_array_equal(heard[1], heard[2])
    np.testing.assert_allclose(heard[1], heard[0], atol=1e-4)
    assert np.ptp(heard[1]) > 1


def test_only_the_lower_face_changes(pictured):
    image, face = pictured
    engine = engine_of(FakeNetworks(brighter=0.2))
    frame = next(speaking(engine, image, face, speech(0.1), FPS))
    changed = (frame != image).any(axis=2)
    box = prepare_speaker(engine, image, face).dirty_box
    assert box is not None
    x0, y0, x1, y1 = box
    outside = changed.copy()
    outside[y0:y1, x0:x1] = False
    assert not outside.any()
    eyes = face.landmarks[[33, 263, 133, 362], 1].max()
    assert changed.any() and np.flatnonzero(changed.any(axis=1))[0] > eyes


def test_a_drawing_of_the_same_face_in_other_light_is_brought_to_the_picture(hopper_face):
    image, face = dimmed(hopper_face)
    same = render(FakeNetworks(), image, face)[0].astype(int)
    lit = render(FakeNetworks(brighter=0.1), image, face)[0].astype(int)
    assert np.abs(same - image).mean() < 0.3
    assert np.abs(lit - same).max() <= 8  # of the 25 levels by which it is brighter


def test_there_is_no_seam(hopper_face):
    """The step from one pixel to the next is nowhere much larger than in the picture itself."""
    image, face = dimmed(hopper_face)
    frame = render(FakeNetworks(brighter=0.1), image, face)[0]
    plain = render(FakeNetworks(), image, face)[0]
    steps = np.abs(np.diff((frame.astype(float) - plain), axis=1)).max()
    assert steps <= 6


def test_the_mask_holds_the_lips_and_not_the_border(pictured):
    image, face = pictured
    box = crop_face(image, face, SOFT_CROP).box
    mask = lower_face_mask(box, face)
    lips = np.floor(face.landmarks[list(LIPS), :2] - [box.x0, box.y0]).astype(int)
    assert mask[lips[:, 1], lips[:, 0]].min() > 0.9
    border = np.r_[mask[0], mask[-1], mask[:, 0], mask[:, -1]]
    assert not border.any()


def test_the_official_paste_fills_the_box(hopper_face):
    image, face = hopper_face
    engine = engine_of(FakeNetworks(brighter=0.2), paste="official")
    frame = next(speaking(engine, image, face, speech(0.1), FPS))
    cropped = crop_face(image, face, OFFICIAL_CROP)
    drawn = np.clip(network_input(cropped.pixels)[3:] + np.float32(0.2), 0, 1)
    drawn = (drawn.transpose(1, 2, 0) * 255).astype(np.uint8)
    there = frame[cropped.box.slices]
    np.testing.assert_array_equal(there, cv2.resize(drawn, there.shape[1::-1]))


def test_batches_are_as_large_as_asked(hopper_face):
    networks = FakeNetworks()
    assert len(render(networks, *hopper_face, seconds=0.5, batch_size=5)) == 13
    assert networks.batches == [5, 5, 3]


def test_short_of_memory_batches_are_halved_and_it_is_said(hopper_face, caplog):
    networks = FakeNetworks(limit=4)
    with caplog.at_level(logging.WARNING, "lipwright"):
        frames = render(networks, *hopper_face, seconds=0.5, batch_size=8)
    assert len(frames) == 13 == sum(networks.batches)
    assert max(networks.batches) == 2
    assert [record.getMessage() for record in caplog.records] == [
        f"Memory is short: going on with batches of {size} frames." for size in (4, 2)
    ]


def test_batches_that_were_halved_stay_so(hopper_face):
    """The memory is the same for all runs, and each chunk of a long video is drawn by a new one."""
    networks = FakeNetworks(limit=4)
    engine = engine_of(networks, batch_size=8)
    image, face = hopper_face
    next(speaking(engine, image, face, speech(0.5), FPS))
    networks.limit = 100
    assert sum(1 for _ in speaking(engine, image, face, speech(0.5), FPS)) == 13
    assert networks.batches == [2, 2, 2, 2, 2, 2, 2, 1]


def test_without_memory_for_a_single_frame_it_is_told(hopper_face):
    with pytest.raises(EngineError, match="not enough memory for a single frame"):
        render(FakeNetworks(limit=0), *hopper_face)


def test_other_errors_are_not_taken_for_short_memory(hopper_face):
    class Broken(FakeNetworks):
        def draw(self, mel, added):
            raise ValueError("cannot allocate blame")

    with pytest.raises(ValueError, match="blame"):
        render(Broken(), *hopper_face)


def test_the_same_again_is_the_same(hopper_face):
    first, again = (render(FakeNetworks(brighter=0.1), *hopper_face) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_wrong_options_are_told():
    with pytest.raises(UsageError, match="no paste"):
        Wav2LipOptions(paste="glue")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="0 frames cannot be drawn at once"):
        Wav2LipOptions(batch_size=0)


def test_a_face_outside_the_picture_is_told(hopper_face):
    image, face = hopper_face
    away = Face(face.landmarks + 5000, face.pose, (5000.0, 5000.0, 5100.0, 5100.0), face.score)
    with pytest.raises(FaceError, match="outside the picture"):
        prepare_speaker(engine_of(FakeNetworks()), image, away)
