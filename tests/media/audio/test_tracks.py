"""Of several sound tracks the default one is used, or the one that is asked for."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from lipwright.core.errors import UsageError
from lipwright.media.audio.decode import decode_blocks, probe_audio
from lipwright.media.audio.tracks import SoundFile, TrackChoice, check_track
from lipwright.speech import Speech
from tests.media.sounds import encode_sound

RATE = 16000
TRACKS = (("eng", 200, 0), ("hin", 300, Disposition.default), ("ger", 400, 0), ("hin", 500, 0))
"""Language, pitch in Hz, and what is said of it."""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four sound tracks, the second of which is the default one."""
    path = tmp_path_factory.mktemp("tracks") / "many.mkv"
    with av.open(str(path), "w") as output:
        streams = []
        for language, pitch, disposition in TRACKS:
            stream = output.add_stream("flac", rate=RATE, layout="mono")
            stream.metadata["language"] = language
            stream.disposition = Disposition(int(disposition))
            streams.append((stream, pitch))
        for stream, pitch in streams:
            tone = np.sin(2 * np.pi * pitch * np.arange(RATE) / RATE)[None].astype(np.float32)
            frame = av.AudioFrame.from_ndarray(0.4 * tone, "fltp", "mono")
            frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), 0
            output.mux([*stream.encode(frame), *stream.encode(None)])
    return path


def pitch(samples: np.ndarray) -> int:
    return int(np.argmax(np.abs(np.fft.rfft(samples[:RATE]))))


@pytest.mark.parametrize(
    ("wanted", "heard"),
    [(None, 300), (1, 200), ("1", 200), (4, 500), ("eng", 200), ("HI", 300), ("de", 400),
     ("deu", 400), ("en-IN", 200)],
)  # fmt: skip
def test_the_track_that_is_wanted(wanted: TrackChoice, heard: int, many: Path) -> None:
    assert pitch(next(decode_blocks(many, RATE, track=wanted))) == heard
    assert pitch(Speech.from_file(many, wanted).samples) == heard


@pytest.mark.parametrize("wanted", [5, "fr"])
def test_a_track_that_is_not_there(wanted: TrackChoice, many: Path) -> None:
    with pytest.raises(UsageError, match=rf"no sound track {wanted}: .* 1 \(eng\), 2 \(hin\), 3"):
        probe_audio(many, wanted)


@pytest.mark.parametrize("wanted", ["0", "-1", "", "2.5", "hi!"])
def test_what_names_no_track(wanted: str) -> None:
    with pytest.raises(UsageError, match="give its number, from 1 on, or its language"):
        check_track(wanted)


def test_the_only_track_is_taken_whatever_is_wanted(tmp_path: Path) -> None:
    path = encode_sound(tmp_path / "a.mkv", np.ones((1, 1600)), RATE, "flac")
    assert probe_audio(path, "hi").duration == pytest.approx(0.1)


def test_what_names_a_sound_file(many: Path) -> None:
    assert SoundFile.of(str(many)) == SoundFile(many)
    assert SoundFile.of(Speech.from_file(many, 3)) == SoundFile(many, 3)
    assert SoundFile.of(Speech.from_samples(np.ones(10), RATE)) is None
