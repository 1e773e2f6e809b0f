"""The command line around an engine: what is printed where, exit statuses, files."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from tests.helpers import silent_wav, speech_wav, write_wav

from lipwright.cli import run, run_sync
from lipwright.pipeline.sync import open_source
from lipwright.speech import Speech, StreamingSpeech

PATIENCE = 20.0  # s
pytestmark = pytest.mark.usefixtures("fake_engines")


def arguments(image: object, audio: object, output: object, *more: str) -> list[str]:
    return [
        "--image", str(image), "--audio", str(audio), "--output", str(output),
        "--quality", "low", "--fps", "10", "--engine", "fake", *more,
    ]  # fmt: skip


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_video_is_made_and_a_line_says_so(hopper, voice, tmp_path, capsys):
    output = tmp_path / "out.mp4"
    assert run(["sync", *arguments(hopper, voice, output)]) == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1 and str(output) in out and "AI-generated" in out
    assert err == ""
    assert output.stat().st_size > 1000


def test_json_is_one_line_about_the_video(hopper, voice, tmp_path, capsys):
    output = tmp_path / "out.mp4"
    given = arguments(hopper, voice, output, "--fps", "24000/1001", "--json", "--gpu", "false")
    assert run_sync(given) == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1 and err == ""
    facts = json.loads(out)
    with av.open(str(output)) as video:
        stream = video.streams.video[0]
        assert (facts["width"], facts["height"]) == (stream.width, stream.height)
        assert Fraction(facts["fps_exact"]) == stream.average_rate == Fraction(24000, 1001)
        assert facts["frames"] == stream.frames == 24
    assert facts["output"] == str(output) and facts["audio"] == str(voice)
    assert facts["voice"] is None and facts["engine"] == "fake" and facts["speakers"] == [0]
    assert facts["ai_generated"] is True and facts["speed"] > 0


def test_quiet_prints_nothing(hopper, tmp_path, capsys):
    silence = silent_wav(tmp_path / "silence.wav")  # which is worth a warning otherwise
    assert run_sync(arguments(hopper, silence, tmp_path / "o.mp4", "--quiet")) == 0
    assert capsys.readouterr() == ("", "")
    assert run_sync(arguments(hopper, silence, tmp_path / "o.mp4")) == 0
    assert "warning: " in capsys.readouterr().err


def test_any_name_will_do(hopper, voice, tmp_path):
    folder = tmp_path / "मेरा फ़ोल्डर – été"
    folder.mkdir()
    image = folder / "a picture.jpg"
    image.write_bytes(hopper.read_bytes())
    audio = folder / "--voice ☺.wav"
    audio.write_bytes(voice.read_bytes())
    assert run_sync(arguments(image, audio, folder / "the 'video'.mp4")) == 0
    assert "the 'video'.mp4" in files_in(folder) and len(files_in(folder)) == 3


@pytest.mark.parametrize("suffix", [".mov", ".webm", ".gif"])
def test_the_extension_chooses_the_kind_of_video(hopper, tmp_path, suffix):
    audio = speech_wav(tmp_path / "v.wav", 0.3)
    output = tmp_path / f"out{suffix}"
    assert run_sync(arguments(hopper, audio, output)) == 0
    with av.open(str(output)) as video:
        assert sum(1 for _ in video.decode(video=0)) == 3


@pytest.mark.parametrize(
    ("more", "status", "message"),
    [
        (["--quality", "ultra"], 2, "'low', 'medium', 'high'"),
        (["--motion", "wild"], 2, "'still', 'subtle', 'natural', 'lively'"),
        (["--engine", "warp9"], 2, 'no engine called "warp9"'),
        (["--gpu", "maybe"], 2, "'true', 'false'"),
        (["--fps", "0"], 2, "1 to 240"),
        (["--fps", "-25"], 2, "1 to 240"),
        (["--fps", "abc"], 2, '"abc" is not a frame rate'),
        (["--fps", "1/0"], 2, "not a frame rate"),
        (["--fps", "nan"], 2, "not a frame rate"),
        (["--speaker", "-1"], 2, "is no speaker"),
        (["--speaker", "two"], 2, "is no speaker"),
        (["--speaker", "1"], 1, "only 1 face"),
        (["--seed", "x"], 2, "--seed"),
        (["--text", "Hello"], 2, "--audio and --text were given"),
        (["--script", "s.txt"], 2, "--audio and --script were given"),
        (["--no-such-option"], 2, "No such option"),
        (["stray"], 2, "stray"),
        (["--output", "out.txt"], 2, ".mp4"),
        (["--output", "out"], 2, "no extension"),
        (["--output", "no/such/folder/out.mp4"], 1, "no folder no/such/folder"),
        (["--output", "folder.mp4"], 1, "folder.mp4 is a folder"),
        (["--output", "hopper.jpg"], 2, "hopper.jpg"),
        (["--image", "missing.jpg"], 1, "missing.jpg"),
        (["--image", "text.jpg"], 1, "text.jpg"),
        (["--image", "short.jpg"], 1, "short.jpg"),
        (["--image", "empty.jpg"], 1, "empty.jpg"),
        (["--image", "dot.png"], 1, "dot.png"),
        (["--image", "grey.png"], 1, "No human face was found in grey.png"),
        (["--image", "folder.mp4"], 1, "folder.mp4"),
        (["--audio", "missing.wav"], 1, "missing.wav"),
        (["--audio", "empty.wav"], 1, "empty.wav"),
        (["--audio", "nothing.wav"], 1, "nothing.wav"),
        (["--audio", "text.jpg"], 1, "text.jpg"),
        (["--audio", "hopper.jpg"], 1, "hopper.jpg"),
        (["--engine", "broken"], 1, "LIPWRIGHT_DEBUG"),
    ],
)
def test_every_error_is_one_line_and_leaves_nothing(
    hopper, voice, tmp_path, monkeypatch, capsys, more, status, message
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LIPWRIGHT_DEBUG", raising=False)
    Path("hopper.jpg").write_bytes(hopper.read_bytes())
    Path("text.jpg").write_text("no picture at all\n" * 20)
    Path("short.jpg").write_bytes(hopper.read_bytes()[:9000])
    Path("empty.jpg").touch()
    Path("empty.wav").touch()
    Path("folder.mp4").mkdir()
    write_wav(Path("nothing.wav"), np.zeros(0))
    Image.new("RGB", (1, 1)).save("dot.png")
    Image.new("L", (300, 300), 128).save("grey.png")
    before = files_in(tmp_path)
    assert run_sync(arguments("hopper.jpg", "voice.wav", "out.mp4", *more)) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ") and err.count("\n") == 1
    assert message in err and "Traceback" not in err
    assert files_in(tmp_path) == before and files_in(Path("folder.mp4")) == []


def test_something_to_say_is_needed(hopper, tmp_path, capsys):
    given = ["--image", str(hopper), "--output", str(tmp_path / "o.mp4")]
    assert run_sync(given) == 2
    assert "none of them was given" in capsys.readouterr().err
    assert run_sync([*given, "--text", "  "]) == 2
    assert "--text is empty" in capsys.readouterr().err
    assert run_sync([*given, "--text", "Hello", "--voice", "nobody"]) != 0
    assert 'no voice "nobody"' in capsys.readouterr().err
    script = tmp_path / "script.txt"
    assert run_sync([*given, "--script", str(script)]) == 1
    assert "script.txt cannot be read" in capsys.readouterr().err
    script.write_bytes(b"\xff\xfe\x00not utf-8")
    assert run_sync([*given, "--script", str(script)]) == 1
    assert "not UTF-8" in capsys.readouterr().err
    script.write_text("\n\n")
    assert run_sync([*given, "--script", str(script)]) == 2
    assert "script.txt is empty" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written(hopper, voice, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    monkeypatch.setattr("os.access", lambda path, mode: mode != os.W_OK)  # root may always
    assert run_sync(arguments(hopper, voice, folder / "out.mp4")) == 1
    assert "folder is not writable" in capsys.readouterr().err
    folder.chmod(stat.S_IRWXU)


def test_debug_shows_the_exception_itself(hopper, voice, tmp_path, monkeypatch):
    monkeypatch.setenv("LIPWRIGHT_DEBUG", "1")
    with pytest.raises(RuntimeError, match="as it should"):
        run_sync(arguments(hopper, voice, tmp_path / "o.mp4", "--engine", "broken"))


def test_a_spoken_text(hopper, tmp_path, monkeypatch, capsys):
    """The voice itself has tests of its own; here another stands in for it."""
    from tests.helpers import speech_like

    from lipwright.speech.speech import Speech

    said = []

    def synthesize(script, voice, rate, lexicon, progress, cache):
        said.append((script.plain, script.language, voice, cache))
        progress(1.0)
        return Speech.from_samples(speech_like(0.5, 44100), 44100, transcript=script.plain)

    monkeypatch.setattr("lipwright.speech.begin_speech", synthesize)
    script = tmp_path / "script.txt"
    script.write_text("\ufeff# Namaste {name}!", encoding="utf-8")
    output = tmp_path / "o.mp4"
    given = ["--image", str(hopper), "--output", str(output), "--engine", "fake", "--json"]
    given += ["--quality", "low", "--script", str(script), "--no-cache"]
    assert run_sync([*given, "--set", "name=Mathangi", "--language", "hi"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert said == [("Namaste Mathangi!", "hi-IN", "anika", False)]
    assert facts["voice"] == "anika" and facts["audio"] is None and facts["frames"] == 13


@pytest.mark.parametrize(
    ("name", "encoder", "codec", "said"),
    [
        ("out.mp4", "x265", "hevc", "libx265"),
        ("out.mov", "prores", "prores", "prores_ks"),
        ("out.webm", "auto", "vp9", "libvpx-vp9"),
    ],
)
def test_the_encoder_is_chosen_by_name(hopper, voice, tmp_path, capsys, name, encoder, codec, said):
    output = tmp_path / name
    assert run(["sync", *arguments(hopper, voice, output, "--encoder", encoder, "--json")]) == 0
    assert json.loads(capsys.readouterr().out)["encoder"] == said
    with av.open(str(output)) as video:
        assert video.streams.video[0].codec_context.name == codec


@pytest.mark.parametrize(
    ("encoder", "said"),
    [
        ("x266", 'error: There is no encoder "x266": choose auto, libx264,'),
        ("prores", 'out.mp4 cannot hold ProRes ("prores"): end it in .mov or .mkv, or choose auto'),
    ],
)
def test_an_encoder_that_cannot_be_is_told_before_any_work(
    hopper, voice, tmp_path, capsys, encoder, said
):
    given = arguments(hopper, voice, tmp_path / "out.mp4", "--encoder", encoder)
    assert run(["sync", *given]) == 2
    out, err = capsys.readouterr()
    assert said in err and err.count("\n") == 1 and out == ""
    assert not (tmp_path / "out.mp4").exists()


class FakeSpeech:
    """In place of `begin_speech`: says whether it was called."""

    def __init__(self) -> None:
        self.begun = threading.Event()

    def __call__(self, *given, **more) -> Speech:
        self.begun.set()
        return Speech.from_samples(np.full(16000, 0.1, np.float32), 16000)


@pytest.mark.parametrize(
    ("voice_name", "early"), [("anika", True), ("edge:en-IN-NeerjaNeural", False)]
)
def test_an_offline_voice_is_begun_while_the_face_is_looked_at(
    hopper, tmp_path, monkeypatch, voice_name, early
):
    speak, seen = FakeSpeech(), []

    def look(*given, **more):
        seen.append(speak.begun.wait(PATIENCE if early else 0.2))
        return open_source(*given, **more)

    monkeypatch.setattr("lipwright.speech.begin_speech", speak)
    monkeypatch.setattr("lipwright.pipeline.sync.open_source", look)
    output = tmp_path / "o.mp4"
    given = ["--image", str(hopper), "--text", "Hello.", "--voice", voice_name]
    assert run_sync([*given, "--output", str(output), "--quality", "low", "--engine", "fake"]) == 0
    assert seen == [early] and speak.begun.is_set() and output.exists()


def endless_silence() -> Iterator[np.ndarray]:
    while True:
        time.sleep(0.01)
        yield np.zeros(1600, np.float32)


def test_a_voice_that_was_begun_for_a_picture_of_no_use_is_stopped(tmp_path, monkeypatch, capsys):
    begun: list[StreamingSpeech] = []

    def begin(*given, **more) -> StreamingSpeech:
        begun.append(StreamingSpeech.from_pieces(endless_silence(), 16000))
        return begun[-1]

    monkeypatch.setattr("lipwright.speech.begin_speech", begin)
    grey = tmp_path / "grey.png"
    Image.new("RGB", (64, 64), "grey").save(grey)
    given = ["--image", str(grey), "--text", "Hello.", "--output", str(tmp_path / "o.mp4")]
    assert run_sync([*given, "--engine", "fake"]) == 1
    assert "No human face" in capsys.readouterr().err
    assert len(begun) == 1
    with pytest.raises(RuntimeError, match="cancelled"):
        begun[0].result()
