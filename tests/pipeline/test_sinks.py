"""Sinks: frames and sound on one clock in, anything out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.helpers import speech_like, speech_wav
from tests.pairs import both
from tests.videos import moved_portrait, write_film

from lipwright import Portrait, Speech, Video
from lipwright.media.audio.mixer import Mix
from lipwright.pipeline.sinks.base import RenderedStream
from lipwright.pipeline.sinks.file import FileSink
from lipwright.pipeline.sinks.iterator import IteratorSink

pytestmark = pytest.mark.usefixtures("fake_engines")


@dataclass
class Meter:
    """A sink of its own: what a level meter beside a preview would want."""

    rate: int = 8000

    def consume(self, stream: RenderedStream) -> list[tuple[float, float, float]]:
        """The time of each frame (s), its mean level, and the loudest sample heard with it."""
        assert isinstance(stream.sound, Speech)
        sound = np.concatenate(list(stream.sound.blocks(self.rate)))
        found = []
        for number, (image, _) in enumerate(stream.render(0)):
            picture = image if isinstance(image, np.ndarray) else image.bgr()
            start, stop = (int(n * self.rate / stream.spec.fps) for n in (number, number + 1))
            heard = float(np.abs(sound[start:stop]).max(initial=0))
            found.append((float(number / stream.spec.fps), float(picture.mean()), heard))
        return found


def test_a_sink_is_one_object_with_one_method(hopper):
    portrait = Portrait(hopper, engine="fake", quality="low")
    speech = Speech.from_samples(speech_like(1.0), 16_000)
    found = Meter().consume(portrait.stream(speech, 12.5))
    assert [time for time, _, _ in found] == [n / 12.5 for n in range(13)]
    assert max(heard for *_, heard in found) > 0.1
    levels = [level for _, level, _ in found]
    assert len(set(levels)) == len(levels), "the bar of the fake grows from frame to frame"


def test_a_video_is_a_stream_too(tmp_path):
    source = write_film(tmp_path / "v.mp4", [moved_portrait(i) for i in range(6)], Fraction(25))
    video = Video(source, engine="film", length="cut")
    stream = video.stream(Speech.from_samples(speech_like(1.0), 16_000))
    assert stream.spec.size == (480, 480) and stream.spec.fps == 25
    assert stream.sound_seconds == pytest.approx(0.24)
    assert len(Meter().consume(stream)) == 6


def test_a_stream_can_be_begun_anywhere(hopper):
    portrait = Portrait(hopper, engine="fake", quality="low")
    stream = portrait.stream(Speech.from_samples(speech_like(0.4), 16_000))
    whole = [frame.copy() for frame in IteratorSink().consume(stream)]
    late = [frame.copy() for frame in IteratorSink(4).consume(stream)]
    assert len(whole) == 10
    np.testing.assert_array_equal(whole[4:], late)


def test_what_several_people_say_is_heard_at_once(hopper):
    portrait = Portrait(both(), engine="fake", quality="low", speaker=0)
    speech = Speech.from_samples(speech_like(0.4), 16_000)
    assert isinstance(portrait.stream({0: speech, 1: speech}).sound, Mix)


def test_a_file_holds_the_stream(hopper, tmp_path):
    portrait = Portrait(hopper, engine="fake", quality="low")
    speech = Speech.from_file(speech_wav(tmp_path / "s.wav", 0.4))
    path = Path(tmp_path, "o.mkv")
    assert FileSink(path).consume(portrait.stream(speech)) == 10
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 10
        assert len(container.streams.audio) == 1
