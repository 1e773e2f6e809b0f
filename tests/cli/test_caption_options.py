"""--captions, --burn-captions and --subtitles on the command line."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from tests.helpers import speech_like

from lipwright.cli import run
from lipwright.speech.base import Speech, Word

pytestmark = pytest.mark.usefixtures("fake_engines")


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another voice stands in for the offline one."""

    def synthesize(*_: object, **__: object) -> Speech:
        words = [Word(0.0, 0.4, "Namaste,"), Word(0.4, 0.9, "Priya!")]
        return Speech.from_samples(speech_like(1.0, 44100), 44100, words=words)

    monkeypatch.setattr("lipwright.speech.synthesize", synthesize)


def sync(image: Path, output: Path, *more: str) -> int:
    given = ["--image", str(image), "--output", str(output), "--engine", "fake", "--fps", "10"]
    return run(["sync", *given, "--quality", "low", "--quiet", *more])


@pytest.mark.usefixtures("spoken")
def test_a_video_with_captions(hopper, tmp_path: Path, capsys) -> None:
    output, captions = tmp_path / "o.mp4", tmp_path / "o.vtt"
    options = ("--captions", str(captions), "--burn-captions", "--subtitles")
    assert sync(hopper, output, "--text", "Namaste, Priya!", *options) == 0
    assert capsys.readouterr() == ("", "")
    assert "Namaste, Priya!" in captions.read_text(encoding="utf-8")
    with av.open(str(output)) as video:
        assert len(video.streams.subtitles) == 1


@pytest.mark.usefixtures("spoken")
def test_captions_of_a_sound(tmp_path: Path) -> None:
    output, captions = tmp_path / "o.wav", tmp_path / "o.srt"
    given = ["say", "--text", "x", "--output", str(output), "--captions", str(captions), "--quiet"]
    assert run(given) == 0
    assert captions.read_text(encoding="utf-8").startswith("1\n00:00:00,000 --> 00:00:01,000\nNam")


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
    hopper, tmp_path: Path, monkeypatch, capsys, more, status, message
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("script.srt").write_text("Namaste!")
    assert sync(hopper, Path("o.mp4"), "--script", "script.srt", *more) == status
    err = capsys.readouterr().err
    assert err.startswith("error: ") and err.count("\n") == 1 and message in err
    assert [path.name for path in tmp_path.iterdir()] == ["script.srt"]


def test_a_recording_has_no_captions(hopper, voice, tmp_path: Path, capsys) -> None:
    assert sync(hopper, tmp_path / "o.mp4", "--audio", str(voice), "--burn-captions") == 2
    assert "Captions need the words" in capsys.readouterr().err
