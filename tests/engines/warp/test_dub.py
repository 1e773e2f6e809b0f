"""Films with another mouth: what the lips do, what stays, seams, light, cuts and people."""

from __future__ import annotations

import threading
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest
from tests.covers import hand, microphone, mug
from tests.drawing import dubbed, speaking
from tests.helpers import astronaut_path
from tests.videos import SIZE, head_motion, moved_portrait, portrait, track_whole, tracked

from lipwright.articulation import articulate
from lipwright.engines.warp import WarpEngine, WarpOptions
from lipwright.engines.warp.face_frame import FaceFrame
from lipwright.engines.warp.face_templates import FaceTemplates
from lipwright.engines.warp.lower_face import LowerFace
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.face import FaceFinder, choose_face
from lipwright.face.face import Face
from lipwright.face.tracker import TrackedFrame
from lipwright.media.image.read import read_image
from lipwright.speech.speech import Phone, Speech

FPS = Fraction(25)
COUNT = 30
COVERS = hand, microphone, mug


def say(symbols: str, seconds: float = COUNT / 25) -> Speech:
    """A silent speech whose phones are known."""
    times = np.linspace(0, seconds, len(symbols) + 1)
    phones = [Phone(a, b, s) for a, b, s in zip(times, times[1:], symbols, strict=False)]
    return Speech.from_samples(np.zeros(round(seconds * 16000), np.float32), 16000, phones)


SILENCE = Speech.from_samples(np.zeros(COUNT * 640, np.float32), 16000, [])


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.fixture(scope="module")
def talking(finder) -> list[TrackedFrame]:
    """Hopper sways her head and says "ah ee mm ah"."""
    engine = WarpEngine(WarpOptions("still"))
    face = choose_face(portrait(), None, "hopper")
    pictures = [
        cv2.warpAffine(frame, head_motion(2 * i), SIZE, borderMode=cv2.BORDER_REPLICATE)
        for i, frame in enumerate(speaking(engine, portrait(), face, say("ɑɑiimmɑɑ"), FPS))
    ]
    return track_whole(finder, pictures)


def dub(film: list[TrackedFrame], speech: Speech) -> list[np.ndarray]:
    return list(dubbed(WarpEngine(), film, speech, FPS))


@pytest.fixture(scope="module")
def silenced(talking) -> list[np.ndarray]:
    """The film of a speech in which nothing is said."""
    return dub(talking, SILENCE)


def test_frames_that_are_drawn_at_once_are_those_drawn_one_by_one(talking, monkeypatch):
    def drawn(workers: int) -> list[np.ndarray]:
        engine = WarpEngine(WarpOptions(workers=workers))
        return list(dubbed(engine, talking[:9], say("ɑɑiimmɑɑ"), FPS))

    one_by_one, barrier, draw = drawn(1), threading.Barrier(3), LowerFace.draw

    def meet(*arguments):
        barrier.wait(20.0)
        return draw(*arguments)

    monkeypatch.setattr(LowerFace, "draw", meet)
    at_once = drawn(3)
    assert len(one_by_one) == 9
    np.testing.assert_array_equal(at_once, one_by_one)


def gaps(finder: FaceFinder, pictures) -> np.ndarray:
    return np.array([FaceFrame.of(finder.find(p)[0].landmarks).gap for p in pictures])


def test_an_open_mouth_closes_in_silence(talking, silenced, finder):
    assert gaps(finder, [frame.image for frame in talking]).max() > 0.1
    assert gaps(finder, silenced).max() < 0.03


def test_the_lips_do_what_the_new_speech_asks(talking, finder):
    speech = say("mɑɑmmiiɑɑmm")
    lips = articulate(speech)
    asked = lips.at(np.arange(COUNT) / 25)
    seen = gaps(finder, dub(talking, speech))
    wanted = asked[:, 1] + asked[:, 5]  # gap and drop
    assert np.corrcoef(seen, wanted)[0, 1] > 0.9
    assert seen[wanted < 0.005].max() < 0.04


def test_eyes_head_and_surroundings_stay(talking, silenced):
    for frame, image in zip(talking, silenced, strict=True):
        changed = (image != frame.image).any(axis=2)
        x0, y0, x1, y1 = frame.face.box
        below_eyes = frame.face.landmarks[[33, 133, 362, 263], 1].max()
        assert changed.any() and np.flatnonzero(changed.any(axis=1))[0] > below_eyes
        width = x1 - x0
        columns = np.flatnonzero(changed.any(axis=0))
        assert x0 - 0.5 * width < columns[0] and columns[-1] < x1 + 0.5 * width


def test_a_closed_mouth_that_stays_closed_hardly_changes(finder):
    pictures = [moved_portrait(3 * i) for i in range(8)]
    film = track_whole(finder, pictures)
    for picture, image in zip(pictures, dub(film, SILENCE), strict=True):
        assert np.abs(image.astype(int) - picture).mean() < 1.0


def test_there_is_no_seam(talking, silenced):
    """Around lips that are lent neighbours differ no more than in a film of closed lips."""
    lower = FaceTemplates(talking).lower_face(talking[0].image, talking[0].face)
    for number, image in list(enumerate(silenced))[::5]:
        face = talking[number].face
        assert lower is not None and face is not None
        mask = lower.mask(SIZE, face, Mouth())
        edge = (mask > 0.05) & (mask < 0.95)
        steps = [
            np.abs(np.diff(p.astype(float), axis=1)).mean(axis=2)[edge[:, 1:]].mean()
            for p in (image, moved_portrait(2 * number))
        ]
        assert steps[0] <= 1.05 * steps[1]


def test_light_of_the_frame_is_kept(talking, silenced):
    """A film that darkens is dubbed as the bright one is, only darker."""
    light = [1 - 0.02 * i for i in range(COUNT)]
    dimmed = [
        tracked((frame.image * share).astype(np.uint8), frame.face, frame.shot)
        for frame, share in zip(talking, light, strict=True)
    ]
    dark = dub(dimmed, SILENCE)
    for frame, share, one, other in zip(talking, light, silenced, dark, strict=True):
        x0, _, x1, y1 = (int(edge) for edge in frame.face.box)
        lower = np.s_[int(frame.face.landmarks[2, 1]) : y1, x0:x1]
        assert np.abs(other[lower] - one[lower] * share).mean() < 4


def test_frames_without_a_face_and_faces_on_their_way_out(talking):
    face = talking[3].face
    away = Face(face.landmarks + [4000, 0, 0], face.pose, (4100.0, 100.0, 4300.0, 400.0), 1.0)
    half = Face(
        face.landmarks + np.array([240, 150, 0], np.float32),
        face.pose,
        (400.0, 200.0, 600.0, 500.0),
        1.0,
    )
    film = [
        tracked(talking[0].image, None),
        tracked(talking[3].image, away),
        tracked(talking[3].image, half),
    ]
    images = list(dubbed(WarpEngine(), film, SILENCE, FPS, talking))
    np.testing.assert_array_equal(images[0], film[0].image)
    np.testing.assert_array_equal(images[1], film[1].image)
    assert images[2].shape == film[2].image.shape


def test_everybody_keeps_the_own_mouth(talking, finder):
    """In each of several shots."""
    other = cv2.resize(read_image(astronaut_path()), SIZE)
    seen = tracked(other, finder.find(other)[0], 7)
    one, another = dub([replace(seen, shot=1), replace(seen, shot=3)], SILENCE)
    np.testing.assert_array_equal(one, another)
    hopper = dub([replace(talking[0], shot=0), replace(talking[8], shot=2)], SILENCE)
    assert gaps(finder, [one, *hopper]).max() < 0.06
    assert seen.face is not None
    lips = seen.face.landmarks[[61, 291, 0, 17], :2].mean(axis=0).astype(int)
    cheeks = np.s_[lips[1] - 30 : lips[1] + 30, lips[0] - 60 : lips[0] + 60]
    assert np.abs(one[cheeks].astype(int) - other[cheeks]).mean() < 14


def template(examples: list[TrackedFrame]) -> tuple[np.ndarray, Face]:
    """The frame that serves as the template of a person's lower face."""
    found = FaceTemplates(examples)._template
    assert found is not None
    return found.image, found.face


def test_what_is_covered_lends_nothing(talking):
    """A hand looks like a calm, closed mouth to the landmarks."""
    behind = [
        replace(frame, image=cover(frame.image, frame.face))
        for frame, cover in zip(talking[:12], 4 * COVERS, strict=True)
    ]
    found = FaceTemplates([*behind, *talking])
    clean = FaceTemplates(talking)
    assert len(found._mouths) == len(clean._mouths)
    for one, other in zip(found._mouths, clean._mouths, strict=True):
        np.testing.assert_array_equal(one.picture, other.picture)
    np.testing.assert_array_equal(template([*behind, *talking])[0], template(talking)[0])


def test_the_mouth_that_is_nearest_closed_is_lent(talking):
    _, face = template(talking)
    open_by = [FaceFrame.of(frame.face.landmarks).gap for frame in talking]
    assert max(open_by) > 0.1
    assert FaceFrame.of(face.landmarks).gap < min(open_by) + 0.015


def test_a_blurred_frame_does_not_lend_its_mouth(talking):
    """Not even where the mouth in it is more closed than in any other."""
    open_by = np.array([FaceFrame.of(frame.face.landmarks).gap for frame in talking])
    shut, ajar = open_by.argmin(), np.abs(open_by - 0.1).argmin()
    assert 0.05 < open_by[ajar] < 0.15
    moved = replace(talking[shut], image=cv2.blur(talking[shut].image, (9, 1)))
    image, _ = template([moved, talking[ajar]])
    np.testing.assert_array_equal(image, talking[ajar].image)
    image, _ = template([talking[shut], talking[ajar]])
    np.testing.assert_array_equal(image, talking[shut].image)


def test_somebody_of_whom_no_example_is_fit_is_dubbed_too(talking):
    """With the frame that is there alone: the mouth is drawn."""
    frame = talking[np.argmax([FaceFrame.of(one.face.landmarks).gap for one in talking])]
    cut = int(frame.face.landmarks[13, 1])
    unfit = [tracked(frame.image, None), tracked(frame.image[:cut].copy(), frame.face)]
    (image,) = dubbed(WarpEngine(), [frame], SILENCE, FPS, unfit)
    found = FaceFinder().find(image)[0]
    assert FaceFrame.of(frame.face.landmarks).gap > 0.1
    assert FaceFrame.of(found.landmarks).gap < 0.06
