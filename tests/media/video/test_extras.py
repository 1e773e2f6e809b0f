"""Subtitles and chapters of a film that is dubbed are kept; what is not kept is named."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from av.stream import Disposition

import lipwright
from lipwright.cli import run
from lipwright.media.video import extras
from lipwright.media.video.containers import CONTAINERS
from lipwright.media.video.extras import TimedText, read_extras
from lipwright.media.video.original_sound import own_track
from lipwright.speech import Speech
from tests.videos import moved_portrait, write_film

RATE = 16000
LATE = 2
"""Frames by which the picture starts after the film's clock."""
SUBTITLES = b"""1
00:00:00,280 --> 00:00:00,680
<i>First</i>
line

2
00:00:00,880 --> 00:00:09,000
Second
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of film: two sounds, the second the default, subtitles, chapters, a font."""
    folder = tmp_path_factory.mktemp("extras")
    (folder / "s.srt").write_bytes(SUBTITLES)
    path = folder / "film.mkv"
    with av.open(str(path), "w") as output, av.open(str(folder / "s.srt")) as words:
        picture = output.add_stream("libx264", rate=25, options={"tune": "zerolatency"})
        picture.width, picture.height, picture.pix_fmt = 480, 480, "yuv420p"
        sounds = [output.add_stream("flac", rate=RATE, layout="mono") for _ in range(2)]
        for sound, language in zip(sounds, ("eng", "hin"), strict=True):
            sound.metadata["language"] = language
        sounds[1].disposition = Disposition.default
        said = output.add_stream_from_template(words.streams.subtitles[0])
        said.metadata["language"], said.metadata["title"] = "hin", "Signs"
        output.add_attachment("font.ttf", "font/ttf", b"none")
        output.set_chapters(
            [{"id": 1, "start": 80, "end": 600, "time_base": Fraction(1, 1000),
              "metadata": {"title": "One"}},
             {"id": 2, "start": 600, "end": 1080, "time_base": Fraction(1, 1000),
              "metadata": {"title": "Two"}}]
        )  # fmt: skip
        for number in range(25):
            frame = av.VideoFrame.from_ndarray(moved_portrait(number), "bgr24")
            frame.pts, frame.time_base = number + LATE, Fraction(1, 25)
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
        for sound, pitch in zip(sounds, (300, 500), strict=True):
            tone = np.sin(2 * np.pi * pitch * np.arange(RATE) / RATE)[None].astype(np.float32)
            block = av.AudioFrame.from_ndarray(0.4 * tone, "fltp", "mono")
            block.sample_rate, block.pts, block.time_base = RATE, 1280, Fraction(1, RATE)
            output.mux([*sound.encode(block), *sound.encode(None)])
        for packet in words.demux(subtitles=0):
            if packet.size:
                packet.stream = said
                output.mux_one(packet)
    return path


def pitch(path: Path) -> float:
    heard = Speech.from_file(path)
    return float(np.argmax(np.abs(np.fft.rfft(heard.samples))) / heard.duration)


def test_what_a_film_has_beside_its_picture(film: Path) -> None:
    found = read_extras(film)
    (track,) = found.subtitles
    assert (track.language, track.title) == ("hin", "Signs")
    assert [one.text for one in track.captions] == ["First\nline", "Second"]
    times = [time for one in (*track.captions, *found.chapters) for time in (one.start, one.end)]
    assert times == pytest.approx([0.2, 0.6, 0.8, 8.92, 0.0, 0.52, 0.52, 1.0])
    assert found.kept == ("subtitles 1 (hin, Signs)", "2 chapters")
    assert found.left_out == ("sound track 1 (eng)", "attached file font.ttf")
    assert read_extras(film, "eng").left_out[0] == "sound track 2 (hin)"


def test_what_is_kept_fits_the_new_film(film: Path) -> None:
    slower = read_extras(film).fitted(CONTAINERS[".mp4"], 2.0, 1.8)
    assert slower.subtitles[0].captions[1] == TimedText(1.6, 1.8, "Second")
    assert [(c.start, c.end) for c in slower.chapters] == [(0, 1.04), (1.04, 1.8)]
    short = read_extras(film).fitted(CONTAINERS[".mkv"], 1.0, 0.1)
    assert not short.subtitles and [one.text for one in short.chapters] == ["One"]
    assert short.left_out[-1] == "subtitles 1 (hin, Signs)"
    assert read_extras(film).fitted(CONTAINERS[".gif"], 1.0, 1.0).kept == ()


@pytest.mark.usefixtures("fake_engines")
@pytest.mark.parametrize(("name", "parts"), [("o.mkv", False), ("o.mp4", True), ("o.webm", False)])
def test_a_dubbed_film_has_them_as_well(
    name: str, parts: bool, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if parts:
        monkeypatch.setattr("lipwright.media.video.chunks.SECONDS", Fraction(2, 5))
    made = lipwright.sync(film, film, tmp_path / name, engine="film")
    assert made.kept == ("subtitles 1 (hin, Signs)", "2 chapters")
    assert made.left_out == ("sound track 1 (eng)", "attached file font.ttf")
    found = read_extras(made.output)
    assert found.subtitles[0].language == "hin"
    assert [one.text for one in found.subtitles[0].captions] == ["First\nline", "Second"]
    shown = [time for one in found.subtitles[0].captions for time in (one.start, one.end)]
    assert shown == pytest.approx([0.2, 0.6, 0.8, 1.0], abs=0.002)
    assert [one.text for one in found.chapters] == ["One", "Two"]
    assert pitch(made.output) == pytest.approx(500, abs=3)


@pytest.mark.usefixtures("fake_engines")
def test_the_command_line_says_so(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["sync", "--video", str(film), "--audio", str(film), "--engine", "film",
             "--output", str(tmp_path / "o.mp4"), "--audio-track", "en"]  # fmt: skip
    assert run(given) == 0
    told = capsys.readouterr().out
    assert "Kept from the film: subtitles 1 (hin, Signs), 2 chapters\n" in told
    assert "Left out of the film: sound track 2 (hin), attached file font.ttf\n" in told
    assert pitch(tmp_path / "o.mp4") == pytest.approx(300, abs=3)
    assert run([*given[:-1], "fr", "--keep-audio", "-20"]) == 2
    assert "no sound track fr: choose one of 1 (eng), 2 (hin)" in capsys.readouterr().err


@pytest.mark.usefixtures("fake_engines")
def test_a_track_that_only_the_speech_has(film: Path, voice: Path, tmp_path: Path) -> None:
    made = lipwright.sync(film, voice, tmp_path / "o.mp4", engine="film", audio_track="fr")
    assert made.left_out[0] == "sound track 1 (eng)"


def test_what_is_no_text_has_no_captions() -> None:
    def refuse() -> None:
        raise av.error.InvalidDataError(1, "Invalid data found when processing input")

    picture = SimpleNamespace(type=b"bitmap")
    assert extras._text_of(SimpleNamespace(decode=lambda: [picture])) == ""
    assert extras._text_of(SimpleNamespace(decode=refuse)) == ""
    untimed = extras._with_ends([TimedText(2, 2, "b"), TimedText(0, 0, "a"), TimedText(3, 3, "c")])
    assert [(one.start, one.end) for one in untimed] == [(0, 2), (2, 3), (3, 7)]


def test_other_pictures_are_named(tmp_path: Path) -> None:
    path = tmp_path / "two.mp4"
    with av.open(str(path), "w") as output:
        streams = [output.add_stream("mpeg4", rate=25) for _ in range(2)]
        cover = output.add_stream("mjpeg", rate=1)
        cover.disposition = Disposition.attached_pic
        for stream in (*streams, cover):
            stream.width, stream.height = 64, 64
            stream.pix_fmt = "yuvj420p" if stream is cover else "yuv420p"
        for stream in (*streams, cover):
            frame = av.VideoFrame(64, 64, stream.pix_fmt)
            frame.pts, frame.time_base = 0, Fraction(1, 25)
            output.mux([*stream.encode(frame), *stream.encode(None)])
    assert read_extras(path).left_out == ("video track 2", "cover picture")


def test_a_film_without_sound_has_no_track_to_choose(voice: Path, tmp_path: Path) -> None:
    path = write_film(tmp_path / "mute.mp4", [moved_portrait(0)])
    assert own_track(path, "hi", is_heard=False) is None
    assert own_track(voice, "hi", is_heard=True) == "hi"
