"""Before a film is dubbed it is looked through once, and what was seen there is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.videos import moved_portrait, write_film

from lipwright import Video
from lipwright.engines.warp.mouth_examples import Example
from lipwright.media.video import reader
from lipwright.media.video.index import decoded
from lipwright.pipeline import video_people

COUNT = 50


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("look") / "film.mp4"
    return write_film(path, [moved_portrait(i) for i in range(COUNT)])


def mouths(film: Path) -> list[Example]:
    """The person's mouths that are lent."""
    video = Video(film)
    people = video._video_people
    (cast,) = people.prepare([people.speaker])
    return cast.avatar._mouths


@pytest.fixture
def came(monkeypatch) -> list[float]:
    """Times of the frames that were decoded."""
    times: list[float] = []

    def counted(*arguments):
        for one in decoded(*arguments):
            times.append(one.time)
            yield one

    monkeypatch.setattr(reader, "decoded", counted)
    return times


def test_each_frame_is_decoded_at_most_once(film, came):
    assert len(mouths(film)) > 20
    assert len(came) <= COUNT and len(set(came)) == len(came)


def test_no_mouth_is_lent_twice(film):
    """Frames in which people were looked for are among those in which mouths are."""
    lent = mouths(film)
    assert len(lent) == COUNT == len({one.picture.tobytes() for one in lent})


def test_with_little_memory_frames_are_read_again(film, came, monkeypatch):
    expected = mouths(film)
    once = len(came)
    monkeypatch.setattr(video_people, "KEPT_BYTES", 8 * 480 * 480 * 3 // 2)
    found = mouths(film)
    assert len(came) - once > once
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.picture, other.picture)
        np.testing.assert_array_equal(one.face.landmarks, other.face.landmarks)
