"""Caption files read back by FFmpeg."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from lipwright.core.errors import MediaError, UsageError
from lipwright.pipeline.captions import Cue, write_captions

CUES = [
    Cue(0.25, 1.5, ("Pay ₹5,053 & <smile>", "--> नमस्ते")),
    Cue(3599.9996, 3723.4567, ("After an hour",)),
]


def test_subrip(tmp_path: Path) -> None:
    path = tmp_path / "talk.srt"
    write_captions(path, CUES)
    assert path.read_text(encoding="utf-8") == (
        "1\n00:00:00,250 --> 00:00:01,500\nPay ₹5,053 & <smile>\n--> नमस्ते\n\n"
        "2\n01:00:00,000 --> 01:02:03,457\nAfter an hour\n"
    )


def test_webvtt(tmp_path: Path) -> None:
    path = tmp_path / "talk.VTT"
    write_captions(path, CUES)
    assert path.read_text(encoding="utf-8") == (
        "WEBVTT\n\n00:00:00.250 --> 00:00:01.500\nPay ₹5,053 &amp; &lt;smile&gt;\n--&gt; नमस्ते\n\n"
        "01:00:00.000 --> 01:02:03.457\nAfter an hour\n"
    )


@pytest.mark.parametrize("name", ["talk.srt", "talk.vtt"])
def test_ffmpeg_reads_what_is_written(tmp_path: Path, name: str) -> None:
    write_captions(tmp_path / name, CUES)
    with av.open(str(tmp_path / name)) as file:
        stream = file.streams.subtitles[0]
        packets = [packet for packet in file.demux(stream) if packet.size]
        assert [float(packet.pts * packet.time_base) for packet in packets] == [0.25, 3600.0]
        assert "नमस्ते" in bytes(packets[0]).decode()


def test_no_captions_is_a_file_too(tmp_path: Path) -> None:
    write_captions(tmp_path / "a.vtt", [])
    write_captions(tmp_path / "a.srt", [])
    assert (tmp_path / "a.vtt").read_text() == "WEBVTT\n"
    assert (tmp_path / "a.srt").read_text() == ""


def test_what_cannot_be_written_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.srt or \.vtt"):
        write_captions(tmp_path / "talk.txt", CUES)
    with pytest.raises(MediaError, match="no folder"):
        write_captions(tmp_path / "no" / "talk.srt", CUES)
    (tmp_path / "folder.srt").mkdir()
    with pytest.raises(MediaError, match="is a folder"):
        write_captions(tmp_path / "folder.srt", CUES)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.srt"]


def test_a_folder_that_is_not_writable_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lipwright.core.validation.os.access", lambda *_: False)
    with pytest.raises(MediaError, match="not writable"):
        write_captions(tmp_path / "talk.srt", CUES)
    assert not list(tmp_path.iterdir())
