"""Films with damage in the middle: the picture before stays, wherever reading begins."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from lipwright.core.errors import MediaError
from lipwright.media.video.source import VideoSource, open_video_source
from tests.videos import overwrite_frames, write_film

COUNT, BROKEN = 40, range(17, 21)


def grey_pictures() -> list[np.ndarray]:
    """Each with grain of its own, on a grey of its own."""
    grain = np.random.default_rng(0)
    return [
        (40 + 4 * i + grain.normal(0, 6, (96, 96, 3))).clip(0, 255).astype(np.uint8)
        for i in range(COUNT)
    ]


@pytest.fixture(scope="module")
def damaged(tmp_path_factory) -> VideoSource:
    """A film in which the bytes of some frames were overwritten."""
    path = write_film(tmp_path_factory.mktemp("damaged") / "film.mkv", grey_pictures())
    overwrite_frames(path, BROKEN)
    return open_video_source(path)


@pytest.mark.parametrize(
    "order",
    [range(COUNT), range(COUNT - 1, -1, -1), range(18, COUNT), range(20, 10, -1), [30, 18, 5, 20]],
    ids=["forwards", "backwards", "from the middle", "back into it", "to and fro"],
)
def test_the_picture_before_stays(damaged, order):
    for number, frame in zip(order, damaged.frames(order), strict=True):
        assert frame.stale == (number in BROKEN)
        shown = BROKEN.start - 1 if number in BROKEN else number
        if number < BROKEN.stop:  # later ones are predicted from what is missing
            assert frame.bgr().mean() == pytest.approx(40 + 4 * shown, abs=2)


def test_a_film_that_begins_with_damage(tmp_path):
    path = write_film(tmp_path / "film.mkv", grey_pictures()[:10])
    with av.open(str(path)) as container:
        first = next(bytes(packet) for packet in container.demux(video=0))
    path.write_bytes(path.read_bytes().replace(first, bytes(len(first))))
    video = open_video_source(path)
    frames = list(video.frames(range(video.count)))
    assert [frame.stale for frame in frames] == [True] + 9 * [False]
    assert np.array_equal(frames[0].bgr(), frames[1].bgr())


@pytest.mark.parametrize("kind", ["ts", "h264", "mpg", "avi", "m2ts"])
def test_kinds_that_cannot_be_sought_in_exactly(kind, tmp_path):
    path = tmp_path / f"film.{kind}"
    codec = {"mpg": "mpeg2video", "avi": "mpeg4"}.get(kind, "libx264")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options={"bf": "2", "g": "15"})
        stream.width, stream.height, stream.pix_fmt = 96, 96, "yuv420p"
        stream.bit_rate = 4_000_000
        for picture in grey_pictures():
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
        container.mux(stream.encode(None))
    video = open_video_source(path)
    assert video.count == COUNT
    for order in (range(COUNT), range(COUNT - 1, -1, -1), range(25, COUNT)):
        frames = list(video.frames(order))
        assert not any(frame.stale for frame in frames)
        levels = [float(frame.bgr().mean()) for frame in frames]
        assert levels == pytest.approx([40 + 4 * number for number in order], abs=3)


def test_a_film_that_is_changed_while_it_is_read(tmp_path):
    path = write_film(tmp_path / "film.mkv", grey_pictures())
    video = open_video_source(path)
    path.write_bytes(Path(path).read_bytes()[:-50])
    with pytest.raises(MediaError, match="was changed or taken away while it was read"):
        next(video.frames(range(5)))
    path.unlink()
    with pytest.raises(MediaError, match="film.mkv does not exist"):
        next(video.frames(range(5)))
