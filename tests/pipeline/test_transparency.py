"""A transparent portrait from the picture to the file."""

from __future__ import annotations

import logging
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.drawing import speaking
from tests.fakes import FakeEngine
from tests.helpers import hopper_path, speech_like
from tests.media.image.test_alpha import decoded

from lipwright import Portrait, sync
from lipwright.core.errors import UsageError
from lipwright.engines.base import Patch, Window
from lipwright.engines.warp import WarpEngine, WarpOptions
from lipwright.face import find_faces
from lipwright.media.image.read import read_image
from lipwright.pipeline.face_view import FaceView
from lipwright.pipeline.image_frames import ImageFrames, ImageSpeaker, prepare_speaker
from lipwright.speech.speech import Speech


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """BGRA: hopper in an oval of nothing."""
    image = read_image(hopper_path())
    alpha = np.zeros(image.shape[:2], np.uint8)
    cv2.ellipse(alpha, (256, 300), (190, 280), 0, 0, 360, 255, -1, cv2.LINE_AA)
    return np.dstack([image, alpha])


def speech(seconds: float = 0.8) -> Speech:
    return Speech.from_samples(speech_like(seconds), 16000)


def test_a_plane_is_moved_as_the_picture_is():
    """The plane here is the picture's own green: it is where the frame's green is."""
    image = read_image(hopper_path())
    (face, *_) = find_faces(image)
    engine = WarpEngine(WarpOptions("lively"))
    green = np.ascontiguousarray(image[..., 1])
    box = prepare_speaker(engine, image, face).dirty_box
    assert box is not None
    x0, y0, x1, y1 = box
    hair = np.zeros(green.shape, bool)
    hair[y0:y1, x0:x1] = True
    left, top, right, bottom = (int(side) for side in face.box)
    hair[top:bottom, left:right] = False  # what is drawn into the face is not in the plane
    errors, moves = [], []
    frames = speaking(engine, image, face, speech(2.5), Fraction(10))
    for frame in frames:
        carried = frames.warp_plane(green)
        errors.append(np.abs(carried.astype(int) - frame[..., 1])[hair].mean())
        moves.append(np.abs(frame[..., 1].astype(int) - green)[hair].mean())
        assert np.array_equal(carried[:, :x0], green[:, :x0])
    assert max(moves) > 2 and max(errors) < 0.1 * max(moves)


def test_it_is_kept_in_webm_and_goes_with_the_head(tmp_path, portrait):
    output = tmp_path / "talk.webm"
    result = sync(portrait, speech(), output, quality="low", motion="lively")
    frames = decoded(output)
    assert len(frames) == result.frames == 20
    height, width = frames[0].shape[:2]
    expected = cv2.resize(portrait, (width, height), interpolation=cv2.INTER_AREA)
    for frame in frames:
        assert np.abs(frame[..., 3].astype(int) - expected[..., 3]).mean() < 3
        assert frame[5, 5, 3] < 10 and frame[height // 2, width // 2, 3] > 245
    shown = (expected[..., 3] == 255) & (frames[0][..., 3] > 250)
    assert np.abs(frames[0][shown].astype(int) - expected[shown])[:, :3].mean() < 6.5


def test_it_is_kept_in_prores(tmp_path, portrait):
    path = tmp_path / "cut.png"
    Image.fromarray(portrait[..., [2, 1, 0, 3]]).save(path)
    sync(path, speech(0.3), tmp_path / "talk.mov", quality="low", encoder="prores")
    (first, *_) = decoded(tmp_path / "talk.mov")
    assert first[5, 5, 3] == 0 and first[240, 200, 3] == 255


def test_where_it_is_lost_that_is_said_once(tmp_path, portrait, caplog):
    with caplog.at_level(logging.INFO, "lipwright"):
        sync(portrait, speech(0.3), tmp_path / "talk.mp4", quality="low")
    assert caplog.text.count("talk.mp4 cannot be seen through") == 1
    (first, *_) = decoded(tmp_path / "talk.mp4")
    assert first[5, 5].min() > 245  # white


def test_a_picture_without_it_is_encoded_as_ever(tmp_path, portrait, caplog):
    opaque = portrait[..., :3].copy()
    with caplog.at_level(logging.INFO, "lipwright"):
        sync(opaque, speech(0.3), tmp_path / "talk.webm", quality="low")
        sync(opaque, speech(0.3), tmp_path / "talk.mp4", quality="low")
    assert "seen through" not in caplog.text
    (first, *_) = decoded(tmp_path / "talk.webm")
    assert first[..., 3].min() == 255


@pytest.mark.usefixtures("fake_engines")
def test_an_engine_that_does_not_move_it_keeps_it_where_it_is(tmp_path, portrait):
    sync(
        portrait, speech(0.3), tmp_path / "talk.mov", quality="low", engine="fake", encoder="prores"
    )
    for frame in decoded(tmp_path / "talk.mov"):
        expected = cv2.resize(portrait[..., 3], frame.shape[1::-1], interpolation=cv2.INTER_AREA)
        assert np.abs(frame[..., 3].astype(int) - expected).mean() < 0.5


class ShiftingEngine(FakeEngine):
    """Moves planes by so many px, its avatar's shift, to the right."""

    def draw(self, window: Window) -> Patch:
        shift = window.avatar.shift
        black = np.zeros((60, 200, 3), np.uint8)
        return Patch(black, warp_plane=lambda plane: np.roll(plane, shift, axis=1))


def test_each_of_several_moves_its_own_part():
    plane = np.zeros((60, 200), np.uint8)
    plane[:, 40:60] = plane[:, 140:160] = 255
    picture = np.zeros((60, 200, 3), np.uint8)
    speakers = []
    for number, (middle, shift) in enumerate([(50, 4), (150, -6)]):
        face: Any = SimpleNamespace(box=(middle - 20, 10, middle + 20, 50), height=40)
        avatar = SimpleNamespace(dirty_box=None, shift=shift)
        view = FaceView(picture, face, None)
        speakers.append(ImageSpeaker(number, face, avatar, view))
    frames = ImageFrames(ShiftingEngine(), picture, speakers, [speech()] * 2, Fraction(10))
    next(frames)
    expected = np.zeros_like(plane)
    expected[:, 44:64] = expected[:, 134:154] = 255
    assert np.array_equal(frames.warp_plane(plane), expected)


def test_two_people_and_nothing_behind_them(tmp_path, portrait):
    two = np.hstack([portrait, portrait])
    output = tmp_path / "two.webm"
    sync(two, {0: speech(0.4), 1: speech(0.3)}, output, quality="low", motion="lively")
    (*_, last) = decoded(output)
    expected = cv2.resize(two, last.shape[1::-1], interpolation=cv2.INTER_AREA)[..., 3]
    assert np.abs(last[..., 3].astype(int) - expected).mean() < 3


def test_arrays_of_another_kind_are_refused():
    with pytest.raises(UsageError, match="give BGR uint8"):
        Portrait(np.zeros((200, 200, 2), np.uint8))
