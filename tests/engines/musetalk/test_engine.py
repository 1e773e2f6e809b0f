"""The engine with networks that one can measure: places, batches, people and bad input."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest
from tests.drawing import dubbed, speaking
from tests.engines.musetalk.fakes import FakeNetworks
from tests.helpers import speech_like
from tests.videos import moved_portrait, portrait, tracked

from lipwright.core.errors import EngineError, FaceError, UsageError
from lipwright.core.rect import Rect
from lipwright.engines import create_engine
from lipwright.engines.base import PersonInImage
from lipwright.engines.musetalk import MuseTalkEngine, MuseTalkOptions
from lipwright.engines.musetalk.audio_windows import first_step
from lipwright.engines.musetalk.engine import SOFT_CROP
from lipwright.engines.musetalk.face_box import face_box
from lipwright.engines.musetalk.jaw_mask import labels_by_landmarks, square_around
from lipwright.face import FaceFinder
from lipwright.face.face import Face
from lipwright.face.tracker import TrackedFrame
from lipwright.pipeline.face_crops import crop_face
from lipwright.pipeline.face_view import FaceView
from lipwright.pipeline.frame_rates import FrameRates
from lipwright.pipeline.windows import RenderedSpeaker, VideoFrame, render_chunk
from lipwright.speech.speech import Speech

FPS = Fraction(25)
COUNT = 8
PASTES = ["soft", "official"]


@pytest.fixture(scope="module")
def film() -> list[TrackedFrame]:
    finder = FaceFinder()
    pictures = [(moved_portrait(5 * i) * 0.8).astype(np.uint8) for i in range(COUNT)]
    frames = [tracked(picture, finder.find(picture)[0]) for picture in pictures]
    frames[4] = tracked(frames[4].image, None)
    return frames


def speech(count: int = COUNT, fps: Fraction = FPS) -> Speech:
    return Speech.from_samples(speech_like(float(count / fps)), 16_000)


def engine(networks: FakeNetworks | None = None, **options) -> MuseTalkEngine:
    return MuseTalkEngine(MuseTalkOptions(networks=networks or FakeNetworks(), **options))


def dub(film, networks=None, fps=FPS, **options) -> list[np.ndarray]:
    return list(dubbed(engine(networks, **options), film, speech(len(film), fps), fps))


def test_the_middle_of_the_crop_is_the_bridge_of_the_nose(film):
    face = film[0].face
    x0, y0, x1, y1 = face_box(face)
    assert y0 + y1 - 10 == pytest.approx(2 * face.landmarks[[195, 5], 1].mean(), abs=1e-2)
    assert (x0, x1) == (face.box[0], face.box[2]) and y1 == face.box[3] + 10
    assert face.landmarks[[33, 263], 1].max() < (y0 + y1 - 10) / 2 < face.landmarks[1, 1]


@pytest.mark.parametrize("fps", ["25", "30000/1001", "60"])
@pytest.mark.parametrize("paste", PASTES)
def test_each_frame_shows_its_own_face_and_hears_its_own_moment(film, paste, fps):
    networks, rate = FakeNetworks(), Fraction(fps)
    assert len(dub(film, networks, rate, batch_size=3, paste=paste)) == COUNT
    with_face = [i for i, frame in enumerate(film) if frame.face]
    assert len(networks.seen) == len(networks.heard) == len(with_face)
    for crop, heard, number in zip(networks.seen, networks.heard, with_face, strict=True):
        first = max(0, first_step(number, rate))
        assert heard[heard[:, 0] > 0, 0].min() == first + 1
        image, face = film[number].image, film[number].face
        part = image[crop_face(image, face, SOFT_CROP).box.slices]
        assert np.abs(crop.mean(axis=(0, 1)) - part.mean(axis=(0, 1))).max() < 2


@pytest.mark.parametrize("paste", PASTES)
def test_frames_without_a_face_or_with_one_outside_stay_as_they_are(film, paste):
    away = film[0].face
    outside = Face(away.landmarks + 5000, away.pose, (5000.0, 5000.0, 5200.0, 5200.0), 1.0)
    given = [*film[:6], tracked(film[6].image, outside), *film[7:]]
    frames = dub(given, FakeNetworks(brighter=50), paste=paste)
    changed = [bool((a != b.image).any()) for a, b in zip(frames, given, strict=True)]
    assert changed == [i not in (4, 6) for i in range(COUNT)]


@pytest.mark.parametrize("paste", PASTES)
def test_only_lower_faces_change(film, paste):
    for image, frame in zip(film, dub(film, FakeNetworks(brighter=90), paste=paste), strict=True):
        if image.face is None:
            continue
        changed = (frame != image.image).any(axis=2)
        rows = np.flatnonzero(changed.any(axis=1))
        x, y = image.face.landmarks[[13, 14], :2].mean(axis=0).astype(int)
        assert changed[y - 4 : y + 5, x - 8 : x + 9].all()
        assert rows[0] > image.face.landmarks[[33, 263], 1].max()


@pytest.mark.parametrize("paste", PASTES)
def test_batches_do_not_change_what_is_drawn(film, paste):
    one, many = (
        dub(film, FakeNetworks(brighter=20), batch_size=size, paste=paste) for size in (1, 6)
    )
    np.testing.assert_array_equal(one, many)


def test_short_of_memory_batches_are_halved(film):
    networks = FakeNetworks(limit=4, brighter=20)
    frames = dub(film, networks, batch_size=8)
    np.testing.assert_array_equal(frames, dub(film, FakeNetworks(brighter=20)))
    assert max(networks.batches) <= 3


def test_too_little_memory_for_one_frame_is_a_sentence(film):
    with pytest.raises(EngineError, match="not enough memory for a single frame"):
        dub(film, FakeNetworks(limit=1), batch_size=4)


@pytest.mark.parametrize("said", ["CUDA out of memory.", "[enforce fail] can't allocate memory"])
def test_too_little_memory_to_see_a_face_is_a_sentence(said):
    class Full(FakeNetworks):
        def see(self, faces: np.ndarray) -> np.ndarray:
            raise RuntimeError(said)

    image = portrait()
    with pytest.raises(EngineError, match="not enough memory for a single face"):
        speaking(engine(Full()), image, FaceFinder().find(image)[0], speech(), FPS)


def test_other_errors_of_networks_stay_what_they_are():
    class Broken(FakeNetworks):
        def see(self, faces: np.ndarray) -> np.ndarray:
            raise RuntimeError("mat1 and mat2 must have the same dtype")

    image = portrait()
    with pytest.raises(RuntimeError, match="same dtype"):
        speaking(engine(Broken()), image, FaceFinder().find(image)[0], speech(), FPS)


@pytest.mark.parametrize("paste", PASTES)
def test_a_picture_is_seen_once(paste):
    networks = FakeNetworks(brighter=60)
    image = portrait()
    face = FaceFinder().find(image)[0]
    frames = [frame.copy() for frame in speaking(
        engine(networks, paste=paste, batch_size=3), image, face, speech(), FPS
    )]  # fmt: skip
    assert len(frames) == COUNT and len(networks.seen) == 1
    assert networks.batches == [3, 3, 2]
    assert networks.parsed == (1 if paste == "official" else 0)
    x, y = face.landmarks[[13, 14], :2].mean(axis=0).astype(int)
    assert (frames[0][y - 4 : y + 5, x - 8 : x + 9] != image[y - 4 : y + 5, x - 8 : x + 9]).any()


def test_a_run_that_is_taken_up_again_gives_the_same_frames():
    image = portrait()
    face = FaceFinder().find(image)[0]
    whole = [f.copy() for f in speaking(engine(), image, face, speech(), FPS)]
    rest = [f.copy() for f in speaking(engine(), image, face, speech(), FPS, first=5)]
    np.testing.assert_array_equal(whole[5:], rest)


def test_the_parser_says_where_the_jaw_is(film):
    nothing = np.zeros((512, 512), np.uint8)
    networks = FakeNetworks(brighter=50, labels=nothing)
    frames = dub(film, networks, paste="official")
    assert networks.parsed == COUNT - 1
    for image, frame in zip(film, frames, strict=True):
        np.testing.assert_array_equal(frame, image.image)


def test_landmarks_label_skin_nose_and_lips(film):
    face = film[0].face
    square = square_around(Rect(*(int(v) for v in face_box(face))))
    labels = labels_by_landmarks(face, square)

    def label(number: int) -> int:
        x, y = (face.landmarks[number, :2] - square[:2]) * (512 / square.width)
        return int(labels[int(y), int(x)])

    assert [label(number) for number in (4, 13, 50, 280, 199)] == [10, 11, 1, 1, 1]
    assert labels[0, 0] == 0


def test_faces_of_two_people_are_drawn_together(film):
    networks = FakeNetworks()
    drawn_by = engine(networks, batch_size=4)
    rates = FrameRates.of(FPS, None)
    speakers = [
        RenderedSpeaker(n, None, drawn_by.spec.audio.read(speech(), FPS, 0, 0)) for n in (0, 1)
    ]
    given = [
        VideoFrame(n, tuple(FaceView(f.image, f.face, SOFT_CROP) for _ in speakers), f)
        for n, f in enumerate(film)
    ]
    list(render_chunk(drawn_by, speakers, given, rates))
    assert networks.batches == [4, 4, 2, 4]


def test_a_face_outside_a_picture_is_an_error():
    image = cv2.resize(portrait(), (64, 64))
    face = FaceFinder().find(portrait())[0].moved(5000, 5000)
    with pytest.raises(FaceError, match="outside the picture"):
        engine(paste="official").prepare(PersonInImage(image, face))


@pytest.mark.parametrize(
    ("option", "value"), [("batch_size", 0), ("paste", "hard"), ("timing", "early")]
)
def test_options_out_of_range(option, value):
    with pytest.raises(UsageError):
        create_engine("musetalk", {option: value})


def test_without_official_windows_a_run_ends_with_a_sentence(film):
    with pytest.raises(EngineError, match="choose the timing exact"):
        dub(film, fps=Fraction(50), timing="official")


def test_a_closed_engine_holds_no_networks():
    closed = engine()
    closed.close()
    assert not hasattr(closed, "_networks")
