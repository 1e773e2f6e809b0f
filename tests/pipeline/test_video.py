"""Films as sources: what stays, what changes, how long it gets, and what goes wrong."""

from __future__ import annotations

import json
import logging
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.helpers import speech_wav, tone, write_wav
from tests.videos import moved_portrait, write_film, write_uneven_film

import lipwright
from lipwright.cli import run
from lipwright.core.errors import FaceError, LipwrightError, UsageError

pytestmark = pytest.mark.usefixtures("fake_engines")
COUNT = 20


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("film") / "a film.mp4"
    return write_film(path, [moved_portrait(i) for i in range(COUNT)], Fraction(30000, 1001))


def frames_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def sound_of(path: Path) -> float:
    with av.open(str(path)) as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))


def noses(frames) -> list[float]:
    """Where across the pictures the green marks are; NaN where there is none."""
    found = []
    for frame in frames:
        green = (frame[..., 1] > 180) & (frame[..., 0] < 90) & (frame[..., 2] < 90)
        found.append(np.nonzero(green)[1].mean() if green.any() else np.nan)
    return found


def test_a_film_keeps_its_size_its_rate_and_its_people_moving(film, voice, tmp_path):
    result = lipwright.sync(film, voice, tmp_path / "out.mp4", engine="film")
    assert (result.width, result.height, result.fps) == (480, 480, Fraction(30000, 1001))
    assert result.frames == 30 and not any(result.left_alone.values()) and result.speech == voice
    marked, source = frames_of(result.output), frames_of(film)
    there = noses(marked)
    assert np.ptp(there) > 8 and not np.isnan(there).any()
    untouched = np.s_[:80]
    for frame, original in zip(marked[:COUNT], source, strict=True):
        assert np.abs(frame[untouched].astype(int) - original[untouched]).mean() < 3


def test_progress_is_told_from_the_first_look_at_the_film_on(film, voice, tmp_path):
    told: list[tuple[str, int, int]] = []
    lipwright.sync(film, voice, tmp_path / "out.mp4", progress=lambda *part: told.append(part))
    looks = [part for part in told if part[0] == "film"]
    done, totals = [part[1] for part in looks], {part[2] for part in looks}
    assert told[0][0] == "film" and done[0] == 0
    assert len(looks) > 4 and done == sorted(done) and totals == {done[-1]}
    assert told.index(looks[-1]) < [part[0] for part in told].index("frames")


def test_a_longer_speech_runs_the_film_back(film, voice, tmp_path):
    there = noses(frames_of(lipwright.sync(film, voice, tmp_path / "o.mp4", engine="film").output))
    back = there[COUNT : 2 * COUNT - 1]
    assert back == pytest.approx(there[COUNT - 2 : COUNT - 2 - len(back) : -1], abs=2.0)
    assert np.abs(np.diff(there)).max() < 4


@pytest.mark.parametrize(("length", "frames"), [("cut", 20), ("loop", 30), ("freeze", 30)])
def test_lengths(film, voice, tmp_path, length, frames):
    output = tmp_path / "out.mp4"
    result = lipwright.sync(film, voice, output, engine="film", length=length)
    assert result.frames == frames == len(frames_of(output))
    assert sound_of(output) == pytest.approx(20 * 1001 / 30000 if length == "cut" else 1.0, abs=0.1)


@pytest.mark.parametrize("kind", ["flac", "m4a", "wav"])
def test_a_recording_of_any_kind_is_cut_with_the_film(film, voice, tmp_path, kind):
    recording = tmp_path / f"voice.{kind}"
    with av.open(str(voice)) as source, av.open(str(recording), "w") as output:
        codec = {"flac": "flac", "m4a": "aac", "wav": "pcm_s16le"}[kind]
        stream = output.add_stream(codec, rate=16000, layout="mono")
        for frame in source.decode(audio=0):
            frame.pts = None
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    output = tmp_path / "out.mkv"
    lipwright.sync(film, recording, output, engine="film", length="cut")
    assert sound_of(output) == pytest.approx(20 * 1001 / 30000, abs=0.1)


def test_another_rate(film, voice, tmp_path):
    result = lipwright.sync(film, voice, tmp_path / "out.mp4", engine="film", fps=10)
    assert (result.frames, result.fps) == (10, 10)


def test_frames_without_the_face_pass_through_and_are_counted(voice, tmp_path, caplog):
    grey = np.full((480, 480, 3), 128, np.uint8)
    pictures = [moved_portrait(i) for i in range(8)] + [grey] * 9 + [moved_portrait(8)] * 8
    path = write_film(tmp_path / "away.mp4", pictures)
    with caplog.at_level(logging.INFO, "lipwright"):
        result = lipwright.sync(path, voice, tmp_path / "out.mp4", engine="film")
    assert result.left_alone["no_face"] == 9 and result.frames == 25
    assert "No face is seen in 9 frames" in caplog.text
    assert np.isnan(noses(frames_of(result.output))[8:17]).all()


def test_a_film_in_which_nobody_is_seen(voice, tmp_path):
    path = write_film(tmp_path / "empty.mp4", [np.full((480, 480, 3), 128, np.uint8)] * 6)
    with pytest.raises(FaceError, match=r"No human face was found in .*empty\.mp4"):
        lipwright.sync(path, voice, tmp_path / "out.mp4", engine="film")
    assert not (tmp_path / "out.mp4").exists()


def test_a_variable_rate_is_said(voice, tmp_path, caplog):
    path = write_uneven_film(tmp_path / "v.mp4", [50] * 6, [0, 0.03, 0.2, 0.3, 0.32, 0.5])
    with caplog.at_level(logging.INFO, "lipwright"), pytest.raises(FaceError):
        lipwright.sync(path, voice, tmp_path / "out.mp4", engine="film")
    assert "variable frame rate: it is read at 10.000 frames/s" in caplog.text


def test_an_engine_for_pictures_says_so(film, voice, tmp_path):
    with pytest.raises(UsageError, match="animates pictures.*choose an engine that dubs videos"):
        lipwright.sync(film, voice, tmp_path / "out.mp4", engine="fake")


def test_the_film_is_never_written_over(film, voice):
    with pytest.raises(UsageError, match="is also an input"):
        lipwright.sync(film, voice, film, engine="film")


def test_wrong_options(film):
    with pytest.raises(UsageError, match='no length "stretch"'):
        lipwright.Video(film, length="stretch")  # type: ignore[arg-type]


@pytest.mark.parametrize("option", ["--image", "--video"])
def test_the_command_line_takes_films(film, tmp_path, capsys, option):
    sound = speech_wav(tmp_path / "voice.wav", 0.5)
    given = ["sync", option, str(film), "--audio", str(sound), "--output",
             str(tmp_path / "o.mp4"), "--engine", "film", "--length", "loop", "--json"]  # fmt: skip
    assert run(given) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (
        facts["frames"] == 15
        and facts["fps_exact"] == "30000/1001"
        and not any(facts["left_alone"].values())
    )


@pytest.mark.parametrize("given", [[], ["--image", "a.jpg", "--video", "b.mp4"]])
def test_one_source_is_needed(given, voice, tmp_path, capsys):
    status = run(["sync", *given, "--audio", str(voice), "--output", str(tmp_path / "o.mp4")])
    assert status == 2 and "Give one of --image or --video" in capsys.readouterr().err


def test_a_broken_film_is_one_sentence(voice, tmp_path):
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom" + bytes(300))
    with pytest.raises(LipwrightError, match=r"broken\.mp4"):
        lipwright.sync(path, voice, tmp_path / "out.mp4", engine="film")


def test_several_speeches_and_the_films_own_sound_in_a_long_film(tmp_path, monkeypatch):
    monkeypatch.setattr("lipwright.media.video.chunks.SECONDS", Fraction(2, 5))
    pictures = [np.hstack([moved_portrait(i), moved_portrait(i + 7)]) for i in range(12)]
    own = write_wav(tmp_path / "own.wav", tone(12 / 25, hertz=230))
    path = write_film(tmp_path / "two.mp4", pictures, audio=own)
    said = {
        0: write_wav(tmp_path / "first.wav", tone(0.9, hertz=400)),
        1: write_wav(tmp_path / "second.wav", tone(0.6, hertz=700)),
    }
    made = lipwright.sync(path, said, tmp_path / "o.mkv", engine="film", keep_audio=-10)
    heard = lipwright.Speech.from_file(made.output).samples
    early, late = (np.abs(np.fft.rfft(heard[start:][:4800])) / 2400 for start in (0, 9600))
    assert made.frames == 23 and len(heard) == pytest.approx(0.9 * 16000, abs=1100)
    assert early[[69, 120, 210]] == pytest.approx([0.25 * 10**-0.5, 0.25, 0.25], rel=0.2)
    assert late[120] == pytest.approx(0.25, rel=0.2) and late[210] < 0.01


def test_the_films_own_sound_is_kept_under_the_speech(voice, tmp_path):
    pictures = [moved_portrait(i) for i in range(12)]
    own = write_wav(tmp_path / "own.wav", tone(12 / 25, hertz=225))
    path = write_film(tmp_path / "loud.mp4", pictures, audio=own)
    spoken = lipwright.Speech.from_file(voice).samples
    quiet = lipwright.sync(path, voice, tmp_path / "a.mkv", engine="film").output
    both = lipwright.sync(path, voice, tmp_path / "b.mkv", engine="film", keep_audio=-6).output
    heard = [lipwright.Speech.from_file(each).samples[: len(spoken)] for each in (quiet, both)]
    level = [np.abs(np.fft.rfft(samples - spoken))[225] / 8000 for samples in heard]
    assert level[0] < 0.01 and level[1] == pytest.approx(0.125, rel=0.15)


def test_a_film_without_sound_has_none_to_keep(film, voice, tmp_path, capsys):
    given = ["sync", "--video", str(film), "--audio", str(voice), "--output",
             str(tmp_path / "o.mp4"), "--engine", "film", "--keep-audio", "-20"]  # fmt: skip
    assert run(given) == 2
    assert "a film.mp4 has no sound that could be kept" in capsys.readouterr().err


def test_a_picture_has_no_sound_to_keep(hopper, voice, tmp_path):
    with pytest.raises(UsageError, match="A picture has no sound"):
        lipwright.sync(hopper, voice, tmp_path / "o.mp4", engine="fake", keep_audio=-20)
