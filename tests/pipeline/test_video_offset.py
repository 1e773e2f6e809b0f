"""A video's own sound that is early or late is found out, and put where the lips are."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.drawing import speaking
from tests.evaluation.films import FPS, spoken_sentence
from tests.helpers import hopper_path, silent_wav
from tests.videos import moved_portrait, write_film

import lipwright
from lipwright.cli import run
from lipwright.core.errors import UsageError
from lipwright.engines.warp import WarpEngine, WarpOptions
from lipwright.face import FaceFinder, choose_face
from lipwright.face.identities import people_in_video
from lipwright.media.audio.mixer import Mix, Track
from lipwright.media.image.read import read_image, resize
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.source import open_video_source
from lipwright.media.video.writer import VideoWriter
from lipwright.pipeline import video_offset
from lipwright.pipeline.av_offset import RATE, AvOffset
from lipwright.pipeline.options import SyncResult
from lipwright.pipeline.video_offset import choose_starts, find_own_offset, fix_sync
from lipwright.speech.speech import Speech

pytestmark = pytest.mark.usefixtures("fake_engines")
GRID = Path(os.environ.get("LIPWRIGHT_GRID", Path(__file__).parents[3] / "shared/data/grid"))
SIZE = (320, 376)
FAST = Fraction(50)


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.fixture(scope="module")
def speech() -> Speech:
    return spoken_sentence()


@pytest.fixture(scope="module")
def talking(speech) -> list[np.ndarray]:
    """Hopper saying the sentence, 50 frames a second."""
    picture = resize(read_image(hopper_path()), SIZE)
    face = choose_face(picture, None, "hopper")
    engine = WarpEngine(WarpOptions("still"))
    return [frame.copy() for frame in speaking(engine, picture, face, speech, FAST)]


def heard_later(speech: Speech, seconds: float) -> Speech:
    """The speech so much later, or, where negative, earlier."""
    moved = round(seconds * speech.rate)
    samples = speech.samples
    late = np.pad(samples, (max(0, moved), 0))[max(0, -moved) :]
    return Speech.from_samples(late, speech.rate)


def write(path: Path, pictures: list[np.ndarray], sound: Speech, fps: Fraction = FPS) -> Path:
    return write_film(path, pictures, fps, sound)


def found_in(path: Path, finder: FaceFinder) -> AvOffset:
    video = open_video_source(path)
    people = people_in_video(video, finder)
    return find_own_offset(video, people[0], people, finder)


@pytest.mark.parametrize("frames", [-3, 0, 1.5, 3])
def test_early_and_late_sound_is_found(talking, speech, finder, tmp_path, frames):
    path = write(tmp_path / "f.mkv", talking[::2], heard_later(speech, -frames / 25))
    found = found_in(path, finder)
    assert found.frames == pytest.approx(frames, abs=0.75) and found.is_trusted


def test_more_frames_than_are_needed(talking, speech, finder, tmp_path):
    path = write(tmp_path / "f.mkv", talking, heard_later(speech, -0.12), FAST)
    found = found_in(path, finder)
    assert found.seconds == pytest.approx(0.12, abs=0.03) and found.is_trusted
    assert found.frames == pytest.approx(50 * found.seconds)


def write_uneven(path: Path, pictures: list[np.ndarray], sound: Speech, shown: np.ndarray) -> None:
    """Some of the pictures, which come 50 a second, at their own times."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=30, options={"crf": "12"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        audio = container.add_stream("pcm_s16le", rate=sound.rate, layout="mono")
        for number in shown:
            frame = av.VideoFrame.from_ndarray(pictures[number], "bgr24")
            frame.pts, frame.time_base = int(number) * 20, Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        samples = (sound.samples * 32767).astype(np.int16)[None]
        heard = av.AudioFrame.from_ndarray(samples, "s16", "mono")
        heard.sample_rate = sound.rate
        container.mux(audio.encode(heard))
        container.mux(audio.encode(None))


def test_a_variable_frame_rate(talking, speech, finder, tmp_path):
    steps = np.random.default_rng(0).integers(1, 4, len(talking))
    shown = np.cumsum(steps)
    path = tmp_path / "phone.mkv"
    write_uneven(path, talking, heard_later(speech, -0.12), shown[shown < len(talking)])
    assert open_video_source(path).variable
    found = found_in(path, finder)
    assert found.seconds == pytest.approx(0.12, abs=0.04) and found.is_trusted


def kept(path: Path, tmp_path: Path, speech: Speech, **options: Any) -> tuple[float, SyncResult]:
    """When (s) the speech is heard in a video whose own sound is kept, and what was made."""
    silent = silent_wav(tmp_path / "silent.wav", speech.duration)
    made = lipwright.sync(path, silent, tmp_path / "o.mkv", engine="film", keep_audio=-6, **options)
    heard = np.concatenate(list(Speech.from_file(made.output).blocks(RATE)))
    said = np.concatenate(list(speech.blocks(RATE)))
    size = len(heard) + len(said)
    alike = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size)), size)
    lag = int(np.argmax(alike))
    return (lag - size if lag > size // 2 else lag) / RATE, made


@pytest.mark.parametrize("frames", [-3, 3])
def test_the_kept_sound_is_put_where_the_lips_are(talking, speech, tmp_path, caplog, frames):
    path = write(tmp_path / "film.mkv", talking[::2], heard_later(speech, -frames / 25))
    if frames < 0:  # that it is heard there at all is the same for both
        before, plain = kept(path, tmp_path, speech)
        assert before == pytest.approx(-frames / 25, abs=0.005)
        assert plain.own_offset is None and plain.sound_moved == 0
    with caplog.at_level(logging.INFO, "lipwright"):
        after, made = kept(path, tmp_path, speech, fix_sync=True)
    assert after == pytest.approx(0, abs=0.03)
    assert made.own_offset is not None and made.own_offset.is_trusted
    assert made.sound_moved == pytest.approx(made.own_offset.seconds)
    late = f"{1000 * abs(made.own_offset.seconds):.0f} ms {'early' if frames > 0 else 'late'}"
    assert caplog.text.count(f"film.mkv came {late}: it was moved.") == 1


def test_where_lips_and_sound_have_nothing_to_do_with_each_other_nothing_is_moved(
    speech, tmp_path, caplog, capsys
):
    path = write(tmp_path / "film.mkv", [moved_portrait(i) for i in range(75)], speech)
    with caplog.at_level(logging.INFO, "lipwright"):
        after, made = kept(path, tmp_path, speech, fix_sync=True, length="loop")
    assert made.own_offset is not None and not made.own_offset.is_trusted
    assert made.sound_moved == 0
    assert "early or late cannot be told (confidence 0." in caplog.text
    silent = silent_wav(tmp_path / "silent.wav", 0.2)
    given = ["sync", "--image", str(path), "--audio", str(silent), "--output",
             str(tmp_path / "c.mp4"), "--engine", "film", "--keep-audio", "-20", "--fix-sync",
             "--json"]  # fmt: skip
    assert run(given) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["own_offset"]["trusted"] is False and facts["sound_moved"] == 0


def test_a_face_that_is_hardly_seen(talking, speech, finder, tmp_path):
    grey = [np.full_like(talking[0], 128)] * 60
    path = write(tmp_path / "film.mkv", [*talking[:40:2], *grey], speech)
    assert found_in(path, finder) == AvOffset(0.0, 0.0, 0.0)


def test_a_sound_that_ends_early(talking, speech, finder, tmp_path, monkeypatch):
    monkeypatch.setattr(video_offset, "SECONDS", 2.0)
    begun = Speech.from_samples(speech.samples[: round(1.2 * speech.rate)], speech.rate)
    path = write(tmp_path / "film.mkv", talking[::2], begun)
    assert found_in(path, finder) == AvOffset(0.0, 0.0, 0.0)


def test_a_stream_is_mended_too(talking, speech, tmp_path):
    path = write(tmp_path / "film.mkv", talking[::2], heard_later(speech, 0.12))
    video = lipwright.Video(path, engine="film", keep_audio=-6, fix_sync=True)
    mix = video.stream(speech).sound
    assert isinstance(mix, Mix)
    under = mix.tracks[-1]
    assert under.start == pytest.approx(-0.12, abs=0.03)


def test_only_a_kept_sound_can_be_moved(hopper, voice, tmp_path, capsys):
    with pytest.raises(UsageError, match="left out, so there is none to move: keep it as well"):
        lipwright.RenderOptions(fix_sync=True)
    given = ["sync", "--image", str(hopper), "--audio", str(voice), "--output",
             str(tmp_path / "o.mp4"), "--fix-sync"]  # fmt: skip
    assert run(given) == 2 and "keep it as well (--fix-sync)." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("offset", "start", "said"),
    [
        (AvOffset(-0.08, -2.0, 0.97), 0.42, "The sound of a.mp4 came 80 ms late: it was moved."),
        (AvOffset(0.08, 2.0, 0.97), 0.58, "The sound of a.mp4 came 80 ms early: it was moved."),
        (AvOffset(0.01, 0.25, 0.97), 0.5, "The sound of a.mp4 fits its picture"),
        (AvOffset(0.08, 2.0, 0.4), 0.5, "cannot be told (confidence 0.40): it was not moved."),
    ],
)
def test_what_was_done_is_said(caplog, offset, start, said):
    with caplog.at_level(logging.INFO, "lipwright"):
        moved = fix_sync(Track("a.mp4", start=0.5), offset, Path("a.mp4"))
    assert moved.start == pytest.approx(start) and said in caplog.text


def test_a_long_video_is_looked_at_where_somebody_speaks(
    talking, speech, finder, tmp_path, monkeypatch
):
    """Four times the sentence: of two stretches with the person, the lively one is looked at."""
    monkeypatch.setattr(video_offset, "SECONDS", 2.0)
    monkeypatch.setattr(video_offset, "MOST", 1)
    still = [talking[0]] * len(talking[::2])
    quiet = np.zeros(round(speech.rate * len(still) / 25), np.float32)
    said = np.concatenate([quiet, speech.samples[: len(quiet)]])
    path = write(
        tmp_path / "long.mkv", [*still, *talking[::2]], Speech.from_samples(said, speech.rate)
    )
    video = open_video_source(path)
    people = people_in_video(video, finder)
    (start,) = choose_starts(video, people[0])
    assert start + 2 > len(still) / 25
    read: list[int] = []
    frames = type(video).frames

    def watched(self: Any, order: Iterable[int]) -> Iterator[Any]:
        numbers = list(order)
        read.extend(numbers)
        return frames(self, numbers)

    monkeypatch.setattr(type(video), "frames", watched)
    found = find_own_offset(video, people[0], people, finder)
    assert len(read) <= 51
    assert abs(found.seconds) <= 0.03


@pytest.mark.skipif(not GRID.is_dir(), reason=f"the clips of GRID are not in {GRID}")
@pytest.mark.parametrize(("name", "frames"), [("C_00", -3), ("s2_00", 3)])
def test_real_talkers(finder, tmp_path, name, frames):
    path = GRID / "others" / f"{name}.mp4"
    source, sound = open_video_source(path), Speech.from_file(path)
    shifted = tmp_path / "shifted.mkv"
    later = heard_later(sound, -frames / 25)
    with VideoWriter(shifted, OutputSpec(source.size, source.fps), later) as video:
        for picture in source.pictures(range(source.count)):
            video.write(picture)
    found = found_in(shifted, finder)
    assert found.frames == pytest.approx(frames, abs=1) and found.is_trusted
