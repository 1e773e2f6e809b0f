"""What goes wrong while sound is decoded: files not to be read, that break off, without times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from lipwright.core.errors import MediaError
from lipwright.media.audio import decode
from lipwright.media.audio.resample import resample_channels
from tests.helpers import tone_wav


def block(samples: int = 800, rate: int = 16000) -> av.AudioFrame:
    """Sound that does not say when it is heard."""
    frame = av.AudioFrame.from_ndarray(np.full((1, samples), 0.5, np.float32), "fltp", "mono")
    frame.sample_rate = rate
    return frame


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tone_wav(tmp_path / "tone.wav")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with (
        pytest.raises(MediaError, match=r"tone\.wav cannot be read \(Permission denied\): change"),
        decode.open_sound(path),
    ):
        pass


def test_sound_without_times_is_taken_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [block(), block(400)]
    assert [frame.time for frame in frames] == [None, None]
    monkeypatch.setattr(decode, "decoded_frames", lambda container, stream: iter(frames))
    nothing = SimpleNamespace(duration=None, streams=SimpleNamespace(video=()))
    pieces = list(decode.chunks(nothing, None, Path("sound")))
    assert [piece[0].shape for piece in pieces] == [(1, 800), (1, 400)]


def test_an_impossible_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = SimpleNamespace(duration=None, streams=SimpleNamespace(video=()))
    monkeypatch.setattr(decode, "decoded_frames", lambda *_: iter([block(rate=500)]))
    with pytest.raises(MediaError, match="sound claims an impossible rate of 500 Hz"):
        list(decode.chunks(nothing, None, Path("sound")))


def test_a_stream_without_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "decoded_frames", lambda *_: iter([None]))
    with pytest.raises(MediaError, match="a sound track without any sound in it"):
        decode.first_frame(None, None, Path("sound"))


def test_a_container_that_breaks_off_keeps_what_came_before() -> None:
    def demux(stream: object) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(decode=lambda: [block()])
        raise av.error.InvalidDataError(1, "Invalid data found when processing input")

    found = list(decode.decoded_frames(SimpleNamespace(demux=demux), None))
    assert [frame and frame.samples for frame in found] == [800, None]


def test_a_rate_may_change_midway() -> None:
    pieces = [(np.ones((2, rate), np.float32), rate) for rate in (8000, 16000, 32000, 32000)]
    made = np.concatenate(list(resample_channels(pieces, 16000, 2)), axis=1)
    assert made.shape[1] == pytest.approx(4 * 16000, abs=2)
    assert made.mean() == pytest.approx(1, abs=0.01)
