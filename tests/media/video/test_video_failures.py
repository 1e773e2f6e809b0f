"""What goes wrong while videos are indexed and read: damage, files without order, changes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from lipwright.core.errors import MediaError
from lipwright.media.video import index, source
from lipwright.media.video.reader import VideoReader
from lipwright.media.video.source import open_video_source
from tests.videos import overwrite_frames, write_film

COUNT, KEYS = 150, 10


def level(number: int) -> int:
    return 20 + number


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A film of pictures of one grey each; every tenth can be read without the others."""
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 96, 96, "yuv420p", KEYS
        stream.options = {"preset": "ultrafast", "bf": "0"}
        noise = np.random.default_rng(0)
        for number in range(COUNT):
            picture = np.full((96, 96, 3), level(number), np.uint8)
            picture[:48, ::2] = noise.integers(0, 256, (48, 48, 3))  # no packet is as another
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    return path


class Sought:
    """A container whose `seek` is another."""

    def __init__(self, container: Any, seek: Any) -> None:
        self._container, self.seek = container, seek

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)


def shown(reader: VideoReader, number: int) -> float:
    return float(reader.read(number).bgr()[60:].mean())


def test_far_away_pictures_are_sought(film: Path) -> None:
    with VideoReader(open_video_source(film)) as reader:
        for number in (0, 145, 3):
            assert shown(reader, number) == pytest.approx(level(number), abs=3)


@pytest.mark.parametrize("number", [-1, COUNT])
def test_there_is_no_picture_outside_the_film(film: Path, number: int) -> None:
    with (
        VideoReader(open_video_source(film)) as reader,
        pytest.raises(IndexError, match=f"no picture {number} among {COUNT}"),
    ):
        reader.read(number)


def test_a_film_that_is_not_sought_in_exactly(film: Path) -> None:
    """A seek that ends too late is tried again from further ahead."""
    with VideoReader(open_video_source(film)) as reader:
        container, late = reader._container, [1.0, 0.5]

        def seek(offset: int, stream: Any, backward: bool) -> None:
            seconds = late.pop(0) if late else 0.0
            ahead = round(seconds / stream.time_base)
            container.seek(offset + ahead, stream=stream, backward=backward)

        reader._container = Sought(container, seek)
        assert shown(reader, 112) == pytest.approx(level(112), abs=3)
        assert not late


def test_a_film_that_cannot_be_sought_in(film: Path) -> None:
    def seek(*_: object, **__: object) -> None:
        raise av.error.PermissionError(1, "Operation not permitted")

    with VideoReader(open_video_source(film)) as reader:
        reader._container = Sought(reader._container, seek)
        with pytest.raises(MediaError, match=r"film\.mkv cannot be read from anywhere but its beg"):
            reader.read(140)


def test_a_film_whose_pictures_are_all_damaged(film: Path) -> None:
    """Damage that comes after the film was opened and that nobody can tell by date and size."""
    found, status = open_video_source(film), film.stat()
    overwrite_frames(film, range(COUNT))
    os.utime(film, ns=(status.st_atime_ns, status.st_mtime_ns))
    with (
        VideoReader(found) as reader,
        pytest.raises(MediaError, match="no frames that can be read"),
    ):
        reader.read(5)


def test_times_of_a_film_that_breaks_off() -> None:
    def demux(stream: object) -> Iterator[SimpleNamespace]:
        for number in range(3):
            yield SimpleNamespace(size=1, pts=number, is_keyframe=number == 0)
        raise av.error.InvalidDataError(1, "Invalid data found when processing input")

    stream = SimpleNamespace(time_base=Fraction(1, 25))
    packets = source._PacketIndex(SimpleNamespace(demux=demux), Path("film.ts"))
    packets.demux(stream)
    times, keys = packets.times(stream, Fraction(25))
    assert times == pytest.approx([0, 0.04, 0.08]) and keys == pytest.approx([0])


def test_a_film_that_is_too_large() -> None:
    stream = SimpleNamespace(codec_context=SimpleNamespace(width=16_000, height=9_000))
    with pytest.raises(MediaError, match=r"film\.mp4 is too large \(16000x9000 px, the limit is"):
        index.check_stream(stream, Path("film.mp4"))


def test_a_film_that_is_too_small(tmp_path: Path) -> None:
    path = write_film(tmp_path / "tiny.mp4", [np.zeros((32, 48, 3), np.uint8)] * 3)
    with pytest.raises(MediaError, match=r"tiny\.mp4 is too small \(48x32 px\): .* 64x64 px"):
        open_video_source(path)


def write_cover(path: Path, film: int) -> None:
    """A song with the cover of its album, and a film of so many pictures after the cover."""
    with av.open(str(path), "w", format="mp4") as container:
        song, cover = container.add_stream("aac", rate=16000), container.add_stream("mjpeg")
        cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        shown = container.add_stream("libx264", rate=25) if film else None
        if shown is not None:
            shown.width, shown.height, shown.pix_fmt = 96, 96, "yuv420p"
        still = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="bgr24")
        container.mux([*cover.encode(still), *cover.encode(None)])
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 4000), np.float32), "fltp", "mono")
        sound.sample_rate = 16000
        container.mux([*song.encode(sound), *song.encode(None)])
        if shown is not None:
            for number in range(film):
                picture = np.full((96, 96, 3), 20 + 40 * number, np.uint8)
                container.mux(shown.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
            container.mux(shown.encode(None))


def test_the_cover_of_an_album_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "song.m4a"
    write_cover(path, 0)
    with pytest.raises(MediaError, match=r"song\.m4a has no moving picture"):
        open_video_source(path)


def test_a_film_beside_a_cover_is_the_film(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    write_cover(path, 5)
    found = open_video_source(path)
    assert (found.size, found.count) == ((96, 96), 5)
