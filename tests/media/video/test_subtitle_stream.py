"""The subtitle track of a video, read back by FFmpeg."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from lipwright.core.errors import MediaError, UsageError
from lipwright.media.video import subtitle_stream
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter

SHOWN = [
    SimpleNamespace(start=0.2, end=0.9, text="Pay ₹5,053\nby <Friday>"),
    SimpleNamespace(start=1.4, end=1.96, text="नमस्ते"),
]


def make(path: Path, captions: list, audio: object = None) -> Path:
    with VideoWriter(path, OutputSpec((64, 64), Fraction(25)), audio, subtitles=captions) as video:
        for number in range(50):
            video.write(np.full((64, 64, 3), number, np.uint8))
    return path


def read(path: Path) -> tuple[str, list[tuple[float, float, str]]]:
    """Language and (start, end, text) of the captions in a video."""
    found = []
    with av.open(str(path)) as file:
        stream = file.streams.subtitles[0]
        for packet in file.demux(stream):
            content = bytes(packet)
            if stream.codec_context.name == "mov_text":
                content = content[2 : 2 + int.from_bytes(content[:2], "big")]
            if content:
                start = packet.pts * packet.time_base
                end = start + packet.duration * packet.time_base
                found.append((float(start), float(end), content.decode()))
        return stream.metadata["language"], found


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".m4v", ".mkv", ".webm"])
def test_the_track_holds_the_captions_at_their_times(tmp_path: Path, suffix: str) -> None:
    voice = SimpleNamespace(samples=np.zeros(88200, np.float32), rate=44100)
    path = make(tmp_path / f"v{suffix}", SHOWN, voice)
    language, found = read(path)
    assert language == "eng"
    marked = "by &lt;Friday&gt;" if suffix == ".webm" else "by <Friday>"
    assert [text for _, _, text in found] == [f"Pay ₹5,053\n{marked}", "नमस्ते"]
    times = [time for start, end, _ in found for time in (start, end)]
    assert times == pytest.approx([0.2, 0.9, 1.4, 1.96], abs=0.0011)
    with av.open(str(path)) as file:
        assert len(file.streams.video) == len(file.streams.audio) == 1
        assert file.duration / av.time_base == pytest.approx(2.0, abs=0.06)
        assert sum(1 for _ in file.decode(video=0)) == 50


def test_captions_are_interleaved_with_the_pictures(tmp_path: Path) -> None:
    with av.open(str(make(tmp_path / "v.mkv", SHOWN))) as file:
        order = [packet.stream.type for packet in file.demux() if packet.size]
    first, second = (index for index, kind in enumerate(order) if kind == "subtitle")
    assert 1 <= first <= 8 and 30 <= second <= 38


def test_captions_end_where_the_sound_is_cut_off(tmp_path: Path) -> None:
    voice = SimpleNamespace(samples=np.zeros(88200, np.float32), rate=44100)
    path = tmp_path / "v.mp4"
    for seconds, last in ((1.6, 1.6), (1.2, 0.9)):
        with VideoWriter(
            path, OutputSpec((64, 64), Fraction(25)), voice, subtitles=SHOWN, sound_seconds=seconds
        ) as video:
            for _ in range(int(seconds * 25)):
                video.write(np.zeros((64, 64, 3), np.uint8))
        assert read(path)[1][-1][1] == pytest.approx(last, abs=0.0011)


def test_language_follows_the_script(tmp_path: Path) -> None:
    assert read(make(tmp_path / "v.mp4", SHOWN[1:]))[0] == "hin"


def test_without_captions_there_is_no_track(tmp_path: Path) -> None:
    with av.open(str(make(tmp_path / "v.mp4", []))) as file:
        assert not file.streams.subtitles


def test_a_gif_holds_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="GIF holds no subtitles"):
        make(tmp_path / "v.gif", SHOWN)
    assert not list(tmp_path.iterdir())


def test_an_old_pyav_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subtitle_stream, "hasattr", lambda *_: False, raising=False)
    with pytest.raises(MediaError, match="--upgrade av"):
        make(tmp_path / "v.mp4", SHOWN)
    assert not list(tmp_path.iterdir())
