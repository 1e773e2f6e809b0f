"""Mouths from all over a film are kept in bounded memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.known_mouths import known_person

from lipwright.engines.warp import mouth_examples
from lipwright.engines.warp.mouth_examples import MOST, SPARE, ExampleStore
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.face.face import Face
from lipwright.face.landmark_indices import LIPS
from lipwright.media.video.frame_sampling import MOST_MOUTHS


def opened(by: float, wide: float = 0.0, yaw: float = 0.0) -> Face:
    face = known_person().landmarks(Mouth(jaw=by, gap=by, wide=wide))
    return replace(face, pose=(yaw, 0.0, 0.0))


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


def opening(face: Face) -> float:
    return float(np.linalg.norm(face.landmarks[13, :2] - face.landmarks[14, :2]))


def width(face: Face) -> float:
    return float(np.linalg.norm(face.landmarks[61, :2] - face.landmarks[291, :2]))


def size(store: ExampleStore) -> int:
    return sum(example.picture.nbytes for example in store.examples)


@pytest.fixture
def image() -> np.ndarray:
    return known_person().picture(Mouth())


@pytest.fixture
def few(monkeypatch) -> int:
    monkeypatch.setattr(mouth_examples, "MOST", 12)
    return 12


def test_the_lower_face_is_kept_with_its_landmarks(image):
    store, face = ExampleStore(), opened(0.1)
    store.add(image, face)
    (example,) = store.examples
    x, y = np.round(face.landmarks[0, :2] - example.face.landmarks[0, :2]).astype(int)
    height, wide = example.picture.shape[:2]
    np.testing.assert_array_equal(example.picture, image[y : y + height, x : x + wide])
    np.testing.assert_allclose(example.face.landmarks, face.landmarks - [x, y, 0], atol=1e-3)
    low, high = (np.round(edge).astype(int) for edge in (0.5 * width(face), 3 * width(face)))
    lips = example.face.landmarks[LIPS, :2]
    assert lips.min() > low and (wide, height) > tuple(lips.max(axis=0) + low)
    assert max(wide, height) < high
    assert not np.shares_memory(example.picture, image)


def test_at_the_edge_of_the_picture_less_is_kept(image):
    face = opened(0.1)
    left, top = face.landmarks[LIPS, :2].min(axis=0)
    right, bottom = face.landmarks[LIPS, :2].max(axis=0)
    x0, y0, x1, y1 = int(left) - 3, int(top) - 2, int(right) + 4, int(bottom) + 5
    cut = np.ascontiguousarray(image[y0:y1, x0:x1])
    store, seen = ExampleStore(), face.moved(-x0, -y0)
    store.add(cut, seen)
    (example,) = store.examples
    np.testing.assert_array_equal(example.picture, cut)
    np.testing.assert_array_equal(example.face.landmarks, seen.landmarks)


def test_there_are_never_too_many(image, few):
    store = ExampleStore()
    for by in np.linspace(0, 0.3, 60):
        store.add(image, opened(by))
        assert len(store.examples) <= SPARE * few
    assert len(store.examples) >= few


def test_their_pictures_never_take_too_much_memory(monkeypatch):
    monkeypatch.setattr(mouth_examples, "MOST_BYTES", 1 << 20)
    store, large = ExampleStore(), noise(1600, 1600)
    for by in np.linspace(0, 0.3, 40):
        face = opened(by)
        store.add(large, face.scaled(3, 3))
        assert size(store) <= SPARE * (1 << 20) + store.examples[-1].picture.nbytes
    assert size(store) > 0.5 * (1 << 20)


def test_one_close_up_does_not_push_out_small_faces(image, monkeypatch):
    """They count by their bytes, whatever the others' size."""
    monkeypatch.setattr(mouth_examples, "MOST_BYTES", 12 << 20)
    store = ExampleStore()
    for by in np.linspace(0, 0.3, 40):
        store.add(image, opened(by))
    store.add(noise(2400, 2400), opened(0.1).scaled(4, 4))
    assert len(store.examples) == 41


def test_the_extremes_are_kept(image, few):
    store = ExampleStore()
    faces = [opened(0.01 * (i % 7), yaw=float(i % 3)) for i in range(70)]
    faces[20], faces[33], faces[50] = opened(0.3), opened(0.0, wide=0.25), opened(0.0, yaw=35.0)
    for face in faces:
        store.add(image, face)
    kept = [example.face for example in store.examples]
    assert max(map(opening, kept)) == pytest.approx(max(map(opening, faces)))
    assert max(map(width, kept)) == pytest.approx(max(map(width, faces)))
    assert max(face.pose[0] for face in kept) == 35.0


def test_what_is_kept_is_spread_over_all_that_was_seen(image, few):
    """However often one mouth was seen."""
    store = ExampleStore()
    openings = [*np.linspace(0, 0.01, 60), *np.linspace(0, 0.3, few)]
    for by in openings:
        store.add(image, opened(by))
    store._thin()
    seen = sorted(opening(example.face) for example in store.examples)
    assert len(seen) == few
    assert np.diff(seen).max() < 0.15 * (seen[-1] - seen[0])


def test_of_a_mouth_that_keeps_still_one_picture_is_enough(image, few):
    store = ExampleStore()
    for _ in range(int(SPARE * few) + 1):
        store.add(image, opened(0.1))
    assert len(store.examples) == 1


def test_they_stay_in_order(image, few):
    store = ExampleStore()
    for i in range(40):
        store.add(image, replace(opened(0.01 * (i * 17 % 30)), score=float(i)))
    numbers = [example.face.score for example in store.examples]
    assert numbers == sorted(numbers) and len(set(numbers)) == len(numbers)


def test_as_many_are_kept_as_are_looked_at():
    assert MOST >= MOST_MOUTHS
