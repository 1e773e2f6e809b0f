"""Sound that is encoded before its file is opened is the sound that is encoded into it."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from lipwright.core.errors import MediaError
from lipwright.media.audio.mixer import Mix, Track
from lipwright.media.video.audio_stream import SoundAhead
from lipwright.media.video.concat import join_parts
from lipwright.media.video.containers import container_for
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.sound_plan import is_recorded
from lipwright.media.video.writer import VideoWriter
from tests.helpers import speech_like, write_wav

FPS = Fraction(25)


@pytest.fixture
def sound(tmp_path) -> Path:
    return write_wav(tmp_path / "speech.wav", speech_like(3.0, 22_050), 22_050)


def joined(output: Path, sound, seconds: float | None = None) -> list[tuple[Fraction, bytes]]:
    """The sound's packets in a file joined of one part, and when each is heard."""
    part = output.with_name("part.mkv")
    kind = replace(container_for(output), muxer="matroska", audio_codec=None, options=())
    with VideoWriter(part, OutputSpec((64, 64), FPS, container=kind)) as video:
        for _ in range(75):
            video.write(np.zeros((64, 64, 3), np.uint8))
    join_parts([part], output, FPS, sound, sound_seconds=seconds)
    with av.open(str(output)) as container:
        packets = container.demux(container.streams.audio[0])
        return [(p.pts * p.time_base, bytes(p)) for p in packets if p.size]


@pytest.mark.parametrize("kind", ["mp4", "mov", "mkv", "webm"])
@pytest.mark.parametrize("seconds", [None, 1.3])
def test_the_same_packets(kind, seconds, sound, tmp_path):
    at_once = joined(tmp_path / f"one.{kind}", sound, seconds)
    output = tmp_path / f"two.{kind}"
    with closing(SoundAhead(sound, container_for(output), seconds or np.inf)) as ahead:
        made = joined(output, ahead, seconds)
    assert len(at_once) > 20
    assert made == at_once


def test_what_is_copied_is_copied(sound, tmp_path):
    compressed = tmp_path / "speech.m4a"
    with av.open(str(compressed), "w") as container, av.open(str(sound)) as source:
        stream = container.add_stream("aac", rate=22_050, layout="mono")
        for frame in source.decode(audio=0):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    at_once = joined(tmp_path / "one.mp4", compressed)
    output = tmp_path / "two.mp4"
    with closing(SoundAhead(compressed, container_for(output))) as ahead:
        assert joined(output, ahead) == at_once


def test_a_file_without_sound_is_said_when_the_sound_is_wanted(tmp_path):
    silent = tmp_path / "silent.mkv"
    with VideoWriter(silent, OutputSpec((64, 64), FPS)) as video:
        video.write(np.zeros((64, 64, 3), np.uint8))
    output = tmp_path / "out.mp4"
    with (
        closing(SoundAhead(silent, container_for(output))) as ahead,
        pytest.raises(MediaError, match="no sound"),
    ):
        joined(output, ahead)


def test_nothing_goes_on_that_nobody_wants(sound):
    before = threading.active_count()
    SoundAhead(sound, container_for(Path("out.mp4"))).close()
    assert threading.active_count() == before


def test_what_is_recorded(sound):
    spoken = SimpleNamespace(path=None, samples=np.zeros(9, np.float32), rate=16_000)
    assert is_recorded(sound) and is_recorded(str(sound))
    assert is_recorded(Mix((Track(sound), Track(sound, under=True))))
    assert not is_recorded(spoken)
    assert not is_recorded(Mix((Track(sound), Track(spoken))))
