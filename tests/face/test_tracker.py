"""A face followed through films whose motion is known exactly."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from tests.helpers import astronaut_path
from tests.videos import head_motion, moved_portrait, portrait

from lipwright.core.left_alone import LeftAlone
from lipwright.face import Face, FaceFinder
from lipwright.face.tracker import CLOSE, ROOM, FaceTracker
from lipwright.media.image.read import read_image
from lipwright.media.video.yuv_frame import YuvFrame

FRAMES = 40
EYE_CORNERS = 33, 263


class CountingFinder(FaceFinder):
    searches = 0

    def find(self, image: np.ndarray, any_roll: bool = False, any_face: bool = False) -> list[Face]:
        self.searches += 1
        return super().find(image, any_roll, any_face)


@pytest.fixture(scope="module")
def finder() -> CountingFinder:
    return CountingFinder()


def noisy(image: np.ndarray, seed: int) -> np.ndarray:
    grain = np.random.default_rng(seed).normal(0, 4, image.shape)
    return np.clip(image + grain, 0, 255).astype(np.uint8)


def grey() -> np.ndarray:
    return np.full((480, 480, 3), 128, np.uint8)


@pytest.fixture(scope="module")
def film() -> list[np.ndarray]:
    return [noisy(moved_portrait(i), i) for i in range(FRAMES)]


def follow(finder, pictures, *options):
    """The faces, in px of the frames."""
    frames = (YuvFrame.of(picture) for picture in pictures)
    return [
        frame.face and frame.face.moved(*frame.box[:2])
        for frame in FaceTracker(finder, *options).track(frames)
    ]


def test_a_moving_head_is_followed_closely_smoothly_and_without_lag(finder, film):
    finder.searches = 0
    tracked = np.array([face.landmarks[:, :2] for face in follow(finder, film)])
    assert finder.searches == 1
    detected = np.array([finder.find(picture)[0].landmarks[:, :2] for picture in film])
    still = finder.find(portrait())[0].landmarks[:, :2]
    truth = np.array([still @ m[:, :2].T + m[:, 2] for m in map(head_motion, range(FRAMES))])
    eyes = np.linalg.norm(truth[:, EYE_CORNERS[0]] - truth[:, EYE_CORNERS[1]], axis=-1).mean()

    def error(landmarks):
        return np.linalg.norm(landmarks - truth, axis=-1).mean() / eyes

    def jitter(landmarks):
        return np.linalg.norm(np.diff(landmarks - truth, 2, axis=0), axis=-1).mean() / eyes

    assert error(tracked) < 0.01
    assert jitter(tracked) < 0.5 * jitter(detected)
    across, true_across = tracked.mean(1)[:, 0], truth.mean(1)[:, 0]
    inner, frames = np.arange(4, FRAMES - 4), np.arange(FRAMES)
    lags = np.arange(-1, 1.01, 0.1)
    misses = [np.ptp(np.interp(inner + lag, frames, across) - true_across[inner]) for lag in lags]
    assert abs(lags[int(np.argmin(misses))]) < 0.3


def test_frames_come_back_in_order_with_their_own_pictures(finder, film):
    given = [YuvFrame.of(picture) for picture in film]
    frames = list(FaceTracker(finder).track(iter(given)))
    assert [frame.whole for frame in frames] == given
    for frame in frames:
        np.testing.assert_array_equal(frame.image, frame.whole.window(frame.box))
        assert frame.face is not None
        lips = frame.face.landmarks[[61, 291, 0, 17], :2]
        assert (lips > 0).all() and (lips < frame.image.shape[1::-1]).all()


def test_few_pictures_are_held(finder, film):
    taken = 0

    def source():
        nonlocal taken
        for picture in film:
            taken += 1
            yield YuvFrame.of(picture)

    for given, _ in enumerate(FaceTracker(finder).track(source()), 1):
        assert taken - given <= 8


def test_a_face_that_leaves_and_returns(finder, film):
    pictures = film[:10] + [grey()] * 9 + film[10:20]
    faces = follow(finder, pictures)
    assert [face is not None for face in faces] == [True] * 10 + [False] * 9 + [True] * 10


def test_a_face_found_late_is_followed_back_to_where_it_came(finder, film):
    for blank in range(5, 10):
        faces = follow(finder, [grey()] * blank + film[:8])
        assert [face is not None for face in faces] == [False] * blank + [True] * 8


def test_nothing_is_smoothed_across_a_cut(finder, film):
    other = cv2.resize(read_image(astronaut_path()), (480, 480))
    faces = follow(finder, [film[0]] * 6 + [other] * 6)
    first, second = finder.find(film[0])[0], finder.find(other)[0]
    for face in faces[:6]:
        assert np.abs(face.landmarks - first.landmarks)[:, :2].max() < 0.03 * first.width
    for face in faces[6:]:
        assert np.abs(face.landmarks - second.landmarks)[:, :2].max() < 0.03 * second.width


def pan(shifts: Sequence[float]) -> list[np.ndarray]:
    """A camera that swings by so many px from one frame to the next."""
    places = np.cumsum(shifts)
    return [
        cv2.warpAffine(
            portrait(), np.array([[1, 0, x], [0, 1, 0]]), (960, 480), borderMode=cv2.BORDER_REFLECT
        )
        for x in places
    ]


def shots(finder, pictures):
    frames = FaceTracker(finder).track(YuvFrame.of(picture) for picture in pictures)
    return [(frame.shot, frame.face is not None) for frame in frames]


def test_a_swing_of_more_than_half_a_face_in_a_frame_is_one_shot(finder):
    (face,) = finder.find(portrait())
    speeds = [0, 0.02, 0.08, 0.2, 0.4, 0.55, 0.55, 0.4, 0.2, 0.08, 0.02, 0, 0]
    pictures = pan([face.width * speed for speed in speeds])
    assert shots(finder, pictures) == [(0, True)] * len(pictures)
    followed = follow(finder, pictures)
    for picture, seen in zip(pictures, followed, strict=True):
        there = finder.find(picture)[0].landmarks - seen.landmarks
        assert np.linalg.norm(there[:, :2], axis=1).mean() < 0.04 * face.width


def test_a_close_window_reaches_as_far_below_the_face_and_hardly_above(finder):
    picture = cv2.copyMakeBorder(
        portrait(), 240, 240, 240, 240, cv2.BORDER_CONSTANT, value=(128,) * 3
    )

    def seen(room):
        tracker = FaceTracker(finder, room=room)
        (frame,) = tracker.track([YuvFrame.of(picture)])
        assert frame.face is not None
        assert (frame.image == frame.whole.window(frame.box)).all()
        _, top, _, bottom = frame.face.box
        side = max(frame.face.width, frame.face.height)
        return frame, top, frame.image.shape[0] - bottom, side

    (whole, above, below, side), (close, less, as_much, _) = seen(ROOM), seen(CLOSE)
    assert as_much == pytest.approx(below, abs=3)
    assert above == pytest.approx(0.45 * side, abs=0.02 * side + 3)
    assert 0 < less < 0.1 * side
    moved = close.face.moved(*close.box[:2]).landmarks
    assert moved == pytest.approx(whole.face.moved(*whole.box[:2]).landmarks, abs=1e-3)
    assert close.towards(close, 0.5).box == close.box


def test_a_cut_to_somebody_else_begins_a_shot_and_a_flash_does_not(finder, film):
    other = cv2.resize(read_image(astronaut_path()), (480, 480))
    lit = [np.clip(picture * 1.6 + 70.0, 0, 255).astype(np.uint8) for picture in film[6:8]]
    flashed = film[:6] + lit + film[8:12]
    assert [shot for shot, _ in shots(finder, flashed)] == [0] * 12
    assert [shot for shot, _ in shots(finder, film[:6] + [other] * 6)] == [0] * 6 + [1] * 6


def test_what_is_missing_is_told(finder, film):
    small = cv2.resize(film[0], None, fx=0.25, fy=0.25)
    tiny = cv2.copyMakeBorder(small, 180, 180, 180, 180, cv2.BORDER_CONSTANT, value=(128,) * 3)

    def missing(picture, *options):
        (frame,) = FaceTracker(finder, *options).track([YuvFrame.of(picture)])
        assert frame.face is None
        return frame.missing

    assert missing(grey()) == LeftAlone.NO_FACE
    assert missing(tiny) == LeftAlone.TOO_SMALL
    assert missing(film[0], lambda *_: None) == LeftAlone.OTHER_PERSON


def test_the_face_that_was_asked_for_is_followed(finder):
    small = cv2.resize(portrait(), None, fx=0.6, fy=0.6)
    large = cv2.resize(read_image(astronaut_path()), (480, 480))
    both = np.full((480, 480 + small.shape[1], 3), 90, np.uint8)
    both[:, :480] = large
    both[-small.shape[0] :, 480:] = small
    middles = []
    for number in (0, 1):
        (face, *_) = follow(finder, [both] * 3, lambda image, faces, last, n=number: faces[n])
        middles.append((face.box[0] + face.box[2]) / 2)
    assert (middles[0] < 480) != (middles[1] < 480)
    assert follow(finder, [both] * 3, lambda image, faces, last: None) == [None] * 3


def test_a_film_without_faces(finder):
    assert follow(finder, [grey()] * 11) == [None] * 11
    assert follow(finder, []) == []
