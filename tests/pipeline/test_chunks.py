"""Films in stretches: begun anywhere, the same pictures; and nothing to be seen where two meet."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.helpers import speech_like
from tests.videos import moved_portrait, write_film

from lipwright import Speech, Video
from lipwright.face import FaceFinder
from lipwright.face.tracker import largest
from lipwright.media.video import chunks
from lipwright.media.video.chunks import (
    LOOKAHEAD,
    OVERLAP,
    chunk_length,
    first_needed,
    split_chunks,
)
from lipwright.media.video.source import open_video_source
from lipwright.media.video.yuv_frame import YuvFrame
from lipwright.pipeline.dubbing import follow

LENGTH = 15
COUNT = 40


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch):
    monkeypatch.setattr(chunks, "SECONDS", LENGTH / 25)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return write_film(path, [moved_portrait(i) for i in range(COUNT)])


def numbered(first: int, stop: int):
    for number in range(first, stop):
        frame = YuvFrame(16, 16)
        frame.luma[:] = number
        yield frame


def cut(first: int, stop: int, length: int = LENGTH):
    """Each stretch, and the numbers of its frames."""
    given = numbered(first_needed(first), stop)
    for chunk in split_chunks(given, first, stop, length):
        seen = []
        for frame in chunk.frames:
            seen.append(int(frame.luma[0, 0]))
            frame.luma[:] = 255  # drawn over, which the next stretch must not see
        yield chunk, seen


@pytest.mark.parametrize(("first", "stop", "length"), [
    (0, 50, 15), (15, 50, 15), (45, 50, 15), (0, 61, 30), (0, 17, 15), (0, 9, 2), (4, 9, 2),
])  # fmt: skip
def test_every_frame_belongs_to_one_stretch_and_is_seen_with_its_neighbours(first, stop, length):
    begins = first
    for chunk, seen in cut(first, stop, length):
        ends = begins + chunk.count
        assert seen[chunk.overlap :][: chunk.count] == list(range(begins, ends))
        assert seen == list(range(max(0, begins - OVERLAP), min(stop, ends + LOOKAHEAD)))
        assert chunk.number == begins // length
        begins = ends
    assert begins == stop


def test_a_stretch_that_is_not_read_to_its_end():
    given = numbered(0, 50)
    firsts = [int(next(s.frames).luma[0, 0]) for s in split_chunks(given, 0, 50, LENGTH)]
    assert firsts == [0, 0, 30 - OVERLAP, 45 - OVERLAP]


def test_a_run_that_begins_later_comes_to_the_same_pictures(film):
    speech = Speech.from_samples(speech_like(COUNT / 25), 16000)
    whole = list(Video(film).frames(speech))
    assert len(whole) == COUNT
    for first in (LENGTH, 2 * LENGTH):
        later = list(Video(film).frames(speech, first=first))
        assert len(later) == COUNT - first
        assert all((a == b).all() for a, b in zip(whole[first:], later, strict=True))


def test_faces_do_not_jump_where_stretches_meet(film):
    source, finder = open_video_source(film), FaceFinder()

    def landmarks(first: int, stop: int, length: int) -> np.ndarray:
        frames = source.frames(range(first_needed(first), stop))
        given = split_chunks(frames, first, stop, length)
        followed = [frame for (frame,) in follow(given, [largest], finder)]
        faces = [f.face and f.face.moved(*f.box[:2]) for f in followed]
        assert None not in faces
        return np.array([face.landmarks[:, :2] for face in faces if face])

    def tremble(found: np.ndarray) -> np.ndarray:
        return np.linalg.norm(np.diff(found, 2, axis=0), axis=-1).mean(axis=1)

    cut_up, whole = landmarks(0, COUNT, LENGTH), landmarks(0, COUNT, COUNT)
    eyes = np.linalg.norm(whole[0, 33] - whole[0, 263])
    joints = [first + near for first in range(LENGTH, COUNT, LENGTH) for near in (-2, -1, 0)]
    assert tremble(cut_up)[joints].max() < 1.2 * tremble(whole).max()
    ends = [(first, min(first + LENGTH, COUNT)) for first in range(0, COUNT, LENGTH)]
    butted = np.concatenate([landmarks(*end, LENGTH) for end in ends])
    assert tremble(cut_up)[joints].max() < 0.8 * tremble(butted)[joints].max()
    assert np.linalg.norm(cut_up - whole, axis=-1).mean() < 0.004 * eyes


def test_how_long_a_stretch_is():
    assert chunk_length(Fraction(25)) == LENGTH
    assert chunk_length(Fraction(1, 100)) == 1
