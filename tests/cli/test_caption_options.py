"""--captions, --burn-captions and --subtitles on the command line."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from tests.helpers import speech_like

from lipwright.cli import run
from lipwright.speech.script.script import Script
from lipwright.speech.speech import Speech, Word

pytestmark = pytest.mark.usefixtures("fake_engines")


@pytest.fixture(autouse=True)
def spoken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Another voice stands in for the offline one, the same for every text; what it was given."""
    said: list[str] = []

    def speak(script: Script, *_: object, **__: object) -> Speech:
        said.append(script.plain)
        words = [Word(0.0, 0.4, "Shukriya,"), Word(0.4, 0.9, "Priya!")]
        return Speech.from_samples(speech_like(1.0, 44100), 44100, words=words)

    monkeypatch.setattr("lipwright.speech.begin_speech", speak)  # of sync
    monkeypatch.setattr("lipwright.speech.synthesize", speak)  # of say
    return said


def sync(image: Path, output: Path, *more: str) -> int:
    given = ["--image", str(image), "--output", str(output), "--engine", "fake", "--fps", "10"]
    return run(["sync", *given, "--quality", "low", "--quiet", *more])


def first_frame(path: Path) -> np.ndarray:
    with av.open(str(path)) as video:
        return next(video.decode(video=0)).to_ndarray(format="rgb24").astype(int)


def test_a_video_with_captions(hopper, spoken: list[str], tmp_path: Path, capsys) -> None:
    output, captions = tmp_path / "o.mp4", tmp_path / "o.vtt"
    options = ("--captions", str(captions), "--subtitles")
    assert sync(hopper, output, "--text", "Namaste, Priya!", *options) == 0
    assert capsys.readouterr() == ("", "")
    assert spoken == ["Namaste, Priya!"]
    assert captions.read_text(encoding="utf-8") == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nShukriya, Priya!\n"
    )
    with av.open(str(output)) as video:
        assert len(video.streams.subtitles) == 1


def test_captions_in_the_picture(hopper, spoken: list[str], tmp_path: Path) -> None:
    plain, burnt = tmp_path / "plain.mp4", tmp_path / "burnt.mp4"
    for output, options in ((plain, ()), (burnt, ("--burn-captions",))):
        assert sync(hopper, output, "--text", "Namaste, Priya!", *options) == 0
    assert spoken == ["Namaste, Priya!"] * 2
    changed = np.abs(first_frame(burnt) - first_frame(plain)).max(axis=2) > 64
    assert changed.mean() > 0.002
    for output in (plain, burnt):
        with av.open(str(output)) as video:
            assert not video.streams.subtitles


def test_captions_of_a_sound(spoken: list[str], tmp_path: Path) -> None:
    output, captions = tmp_path / "o.wav", tmp_path / "o.srt"
    given = ["say", "--text", "x", "--output", str(output), "--captions", str(captions), "--quiet"]
    assert run(given) == 0
    assert spoken == ["x"]
    srt = "1\n00:00:00,000 --> 00:00:01,000\nShukriya, Priya!\n"
    assert captions.read_text(encoding="utf-8") == srt


@pytest.mark.parametrize(
    ("more", "status", "message"),
    [
        (["--captions", "o.txt"], 2, ".srt or .vtt"),
        (["--captions", "no/o.srt"], 1, "no folder"),
        (["--captions", "script.srt"], 2, "is also an input"),
        (["--caption-font", "script.srt", "--burn-captions"], 1, "as a font"),
        (["--subtitles", "--output", "o.gif"], 2, "GIF holds no subtitles"),
    ],
)
def test_every_error_is_one_line_and_leaves_nothing(
    hopper, spoken: list[str], tmp_path: Path, monkeypatch, capsys, more, status, message
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("script.srt").write_text("Namaste!")
    assert sync(hopper, Path("o.mp4"), "--script", "script.srt", *more) == status
    err = capsys.readouterr().err
    assert err.startswith("error: ") and err.count("\n") == 1 and message in err
    assert [path.name for path in tmp_path.iterdir()] == ["script.srt"]
    assert Path("script.srt").read_text() == "Namaste!" and spoken == []


def test_a_recording_has_no_captions(hopper, voice, tmp_path: Path, capsys) -> None:
    output = tmp_path / "o.mp4"
    assert sync(hopper, output, "--audio", str(voice), "--burn-captions") == 2
    assert "give --text or --script instead of --audio" in capsys.readouterr().err
    assert not output.exists()
