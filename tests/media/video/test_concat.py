"""Parts joined by copying packets: those of encoders that reorder, and those one sees through."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lipwright.core.errors import MediaError
from lipwright.media.video.concat import count_frames, join_parts
from lipwright.media.video.scheduling import unchanged_scheduling

FPS = Fraction(30000, 1001)


def write_part(path: Path, codec: str, numbers: range, **options: str) -> Path:
    """Pictures whose grey tells their number; transparent towards the left if they can be."""
    pixels = options.pop("pixels", "yuv420p")
    with unchanged_scheduling(), av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream(codec, rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = 96, 96, pixels
        stream.codec_context.time_base = 1 / FPS
        if "a" in pixels:
            stream.metadata["alpha_mode"] = "1"
        for place, number in enumerate(numbers):
            picture = np.full((96, 96, 4), 20 + 6 * number, np.uint8)
            picture[..., 3] = np.linspace(0, 255, 96)
            frame = av.VideoFrame.from_ndarray(picture, "rgba").reformat(format=pixels)
            frame.pts, frame.time_base = place, 1 / FPS
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("codec", "kind", "options"),
    [
        ("libx264", "mp4", {"bf": "3", "crf": "4"}),
        ("libx264", "mkv", {"bf": "3", "crf": "4"}),
        ("libx265", "mov", {"crf": "4", "x265-params": "log-level=none"}),
        ("libvpx-vp9", "webm", {"crf": "4", "b": "0"}),
        ("libsvtav1", "mp4", {"crf": "10"}),
        ("prores_ks", "mov", {"pixels": "yuv422p10le"}),
    ],
)
def test_order_and_times_are_exact(codec, kind, options, tmp_path, monkeypatch):
    monkeypatch.setenv("SVT_LOG", "1")
    lengths, parts, first = (11, 11, 1, 7), [], 0
    for number, length in enumerate(lengths):
        numbers = range(first, first + length)
        parts.append(write_part(tmp_path / f"{number}.mkv", codec, numbers, **options))
        first += length
    assert [count_frames(part) for part in parts] == list(lengths)
    output = tmp_path / f"joined.{kind}"
    join_parts(parts, output, FPS, tag="hvc1" if codec == "libx265" else None)
    with av.open(str(output)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        assert stream.average_rate == FPS
        if codec == "libx265":
            assert stream.codec_context.codec_tag == "hvc1"
    exact = np.arange(sum(lengths)) / float(FPS)
    rounding = 1e-9 if kind in ("mp4", "mov") else 0.00051
    assert [frame.time for frame in frames] == pytest.approx(exact, abs=rounding)
    levels = [frame.to_ndarray(format="gray").mean() for frame in frames]
    assert np.allclose(np.diff(levels), np.diff(levels).mean(), atol=2)
    assert np.diff(levels).mean() > 4


def test_transparent_parts_stay_transparent(tmp_path):
    parts = [
        write_part(tmp_path / f"{number}.mkv", "libvpx-vp9", range(5), pixels="yuva420p")
        for number in range(2)
    ]
    output = tmp_path / "joined.webm"
    join_parts(parts, output, FPS)
    decoder = av.CodecContext.create("libvpx-vp9", "r")
    with av.open(str(output)) as container:
        stream = container.streams.video[0]
        assert {key.lower(): value for key, value in stream.metadata.items()}["alpha_mode"] == "1"
        frames = [f for packet in container.demux(stream) for f in decoder.decode(packet)]
    alpha = frames[-1].to_ndarray(format="rgba")[48, :, 3]
    assert len(frames) == 10 and alpha[2] < 20 and alpha[-3] > 235


def test_a_part_that_is_no_video(tmp_path):
    part = tmp_path / "0.mkv"
    part.write_bytes(b"nothing of the kind")
    assert count_frames(part) is None and count_frames(tmp_path / "none.mkv") is None
    with pytest.raises(MediaError, match="cannot be joined from its parts"):
        join_parts([part], tmp_path / "out.mp4", FPS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.mkv"]
