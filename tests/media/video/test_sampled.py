"""Pictures all over a video are the same, whether those between them are decoded or not."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from lipwright.media.video import reader as reader_module
from lipwright.media.video.frame_sampling import places_of, runs_of
from lipwright.media.video.index import decoded
from lipwright.media.video.source import VideoSource, open_video_source
from tests.videos import moved_portrait, overwrite_frames, write_film, write_uneven_film

COUNT = 60
ORDERS = [list(range(0, COUNT, 5)), [0, 1, 2, 30, 31, 59], list(range(COUNT)), [7], [40, 44, 55]]


def encoded(path: Path, codec: str, options: dict[str, str]) -> VideoSource:
    """A film with many pictures that no other is predicted from."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, 25, options=options)
        stream.width = stream.height = 240
        stream.pix_fmt, stream.max_b_frames, stream.gop_size = "yuv420p", 3, 24
        for number in range(COUNT):
            image = np.ascontiguousarray(moved_portrait(number)[::2, ::2])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "bgr24")))
        container.mux(stream.encode(None))
    return open_video_source(path)


@pytest.fixture(scope="module")
def h264(tmp_path_factory) -> VideoSource:
    return encoded(tmp_path_factory.mktemp("sampled") / "f.mp4", "libx264", {})


def planes(frames) -> list[bytes]:
    return [b"".join(plane.tobytes() for plane in frame.planes) for frame in frames]


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.mp4", "libx264", {"x264-params": "b-pyramid=none"}),
        ("b.mkv", "libx264", {"x264-params": "open-gop=1:b-adapt=0"}),
        ("c.mp4", "libx265", {"x265-params": "log-level=none"}),
        ("d.avi", "mpeg4", {}),
        ("e.ts", "mpeg2video", {}),
        ("f.webm", "libvpx-vp9", {"deadline": "realtime", "cpu-used": "8"}),
    ],
)
def test_of_each_codec(tmp_path, name, codec, options):
    source = encoded(tmp_path / name, codec, options)
    for order in ORDERS:
        order = [number for number in order if number < source.count]
        assert planes(source.sampled(order)) == planes(source.frames(order)), order


def test_uneven_times(tmp_path):
    times = [0.0, 0.03, 0.2, 0.24, 0.5, 0.53, 0.8, 0.9]
    path = write_uneven_film(tmp_path / "phone.mp4", [25 + 25 * i for i in range(8)], times)
    source = open_video_source(path)
    for order in (range(source.count), range(0, source.count, 3)):
        assert planes(source.sampled(order)) == planes(source.frames(order))


def test_where_pictures_cannot_be_read_others_stand_for_them(tmp_path):
    path = write_film(tmp_path / "f.mp4", [moved_portrait(i) for i in range(COUNT)])
    overwrite_frames(path, range(20, 26))
    source = open_video_source(path)
    order = list(range(0, COUNT, 3))
    seen, expected = list(source.sampled(order)), list(source.frames(order))
    assert len(seen) == len(order) and seen[0].size == source.size
    assert planes(seen[:6]) == planes(expected[:6])


def test_less_is_decoded(h264, monkeypatch):
    came = []

    def counted(*arguments):
        for one in decoded(*arguments):
            came.append(one.time)
            yield one

    monkeypatch.setattr(reader_module, "decoded", counted)
    order = range(0, COUNT, 5)
    list(h264.frames(order))
    every = len(came)
    list(h264.sampled(order))
    assert every >= COUNT - 5 and len(came) - every < 0.75 * every


@pytest.mark.parametrize("count", [1, 7, 90, 100, 250, 333, 1499])
@pytest.mark.parametrize("keys", [[], [0, 43, 97], list(range(0, 1499, 48))])
def test_a_video_that_is_decoded_whole_is_sampled_in_frames_of_its_run(count, keys):
    keys = [key for key in keys if key < count]
    places, (run,) = places_of(count, 25.0, keys), runs_of(count, 25.0, keys)
    assert set(places) <= set(run) and places == sorted(set(places)) and places[0] == 0
    for key in keys:  # the shot that begins there is seen
        later = [place for place in places if place >= key]
        assert key > run[-1] - run.step or later[0] - key < max(run.step, 5) + 1
