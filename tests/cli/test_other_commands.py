"""engines, voices, say, demo, version, help, and the doors at the root of the repository."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.helpers import speech_wav, unmeasured

from lipwright import __version__
from lipwright.cli import run

ROOT = Path(__file__).resolve().parents[2]
HELP_BY_FRAMEWORK = 3.0


def start(*command: object, **options) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def call(*command: object) -> tuple[int, str, str]:
    process = start(*command)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def spent(*command: object) -> float:
    """Seconds of the processor that a command which prints its help worked."""
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = start(*command, env=unmeasured())
    out, _ = process.communicate(timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process.returncode == 0 and ("--image" in out or "sync" in out)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_the_version(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"lipwright {__version__}\n"


@pytest.mark.parametrize(
    "command", ["sync", "demo", "say", "engines", "encoders", "voices", "models"]
)
def test_every_command_has_help(command, capsys):
    assert run([command, "--help"]) == 0
    assert "--help" in capsys.readouterr().out


def test_no_command_shows_help_and_an_unknown_one_is_told(capsys):
    assert run([]) == 2
    assert "sync" in "".join(capsys.readouterr())
    assert run(["fly"]) == 2
    assert capsys.readouterr().err == "error: No such command 'fly' (see lipwright --help).\n"


def test_encoders_are_listed_with_what_keeps_them_from_working(capsys):
    assert run(["encoders"]) == 0
    assert "libx264" in capsys.readouterr().out
    assert run(["encoders", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["libx264"]["here"] == rows["prores_ks"]["here"] == "works"
    assert rows["libvpx-vp9"]["transparency"] and ".webm" in rows["libvpx-vp9"]["files"]
    assert rows["h264_nvenc"]["here"] == "works" or "NVIDIA" in rows["h264_nvenc"]["here"]


def test_engines_and_voices_are_listed(capsys):
    assert run(["engines"]) == 0
    listed = capsys.readouterr().out
    assert "warp: " in listed and "  ready" in listed
    assert "missing: lipwright models download wav2lip (436 MB)" in listed
    assert run(["engines", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "warp"
    assert run(["voices"]) == 0
    assert "anika" in capsys.readouterr().out
    assert run(["voices", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "anika"


@pytest.mark.skipif(os.name == "nt", reason="Windows does not say how long its processes worked")
@pytest.mark.parametrize("door", [("main.py",), ("-m", "lipwright")])
def test_help_is_fast(door):
    """By the processor's time, beside what the framework of the command line takes by itself.

    The machine's own speed and what else it does while the test runs weigh on both.
    """
    framework = ("-c", "import typer.rich_utils, rich.markdown; print('sync')")
    pairs = [(spent(*door, "--help"), spent(*framework)) for _ in range(5)]
    ours, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert ours < HELP_BY_FRAMEWORK * theirs


def test_help_needs_nothing_heavy():
    code = (
        "import sys; from lipwright.cli import app; app.make_command(); "
        "print(*sorted({'numpy', 'cv2', 'av', 'onnxruntime', 'PIL'} & set(sys.modules)))"
    )
    assert call("-c", code) == (0, "\n", "")


def test_say_writes_only_wav_and_says_only_something(tmp_path, capsys):
    assert run(["say", "--text", "Hi", "--output", str(tmp_path / "a.mp3")]) == 2
    assert "must end in .wav" in capsys.readouterr().err
    assert run(["say", "--output", str(tmp_path / "a.wav")]) == 2
    assert "either --text or --script" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_say_tells_what_cannot_be_written_before_it_speaks(tmp_path, monkeypatch, capsys):
    def speak(*arguments, **options):
        raise AssertionError("somebody was paid")

    monkeypatch.setattr("lipwright.speech.synthesize", speak)
    monkeypatch.chdir(tmp_path)
    for name in ("words.srt", "words.wav"):
        (tmp_path / name).write_text("Namaste")
    for options, status, told in (
        (["--text", "Hi", "-o", "nowhere/a.wav"], 1, "there is no folder nowhere"),
        (["--text", "Hi", "-o", "a.wav", "--captions", "nowhere/a.srt"], 1, "no folder nowhere"),
        (["--script", "words.srt", "-o", "a.wav", "--captions", "words.srt"], 2, "also an input"),
        (["--script", "words.wav", "-o", "words.wav"], 2, "also an input"),
    ):
        assert run(["say", *options]) == status
        assert told in capsys.readouterr().err
    assert (tmp_path / "words.srt").read_text() == "Namaste"


def test_the_demo_needs_a_portrait(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run(["demo", "--output", str(tmp_path / "d.mp4")]) == 1
    assert "lipwright[demo]" in capsys.readouterr().err


def test_the_doors_at_the_root():
    status, out, err = call("main.py", "--image", "x.jpg")
    assert (status, out) == (2, "") and err.count("\n") == 1 and "--output" in err
    status, out, err = call("download_models.py")
    assert status == 0 and err == "" and out.startswith("lipwright works as it is")
    assert "wav2lip_" not in out and "wav2lip-gan" in out


@pytest.mark.parametrize("name", ["main.py", "download_models.py"])
def test_without_lipwright_a_door_says_what_to_run(tmp_path, name):
    for door in ("main.py", "download_models.py"):
        (tmp_path / door).write_bytes((ROOT / door).read_bytes())
    status, out, err = call("-E", "-s", "-S", tmp_path / name, "--image", "x.jpg")
    assert status == 1 and out == ""
    assert err.startswith("error: ") and err.count("\n") == 1
    assert "make setup" in err and "pip install" in err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
@pytest.mark.parametrize(
    ("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "terminate"]
)
def test_stopping_it_leaves_nothing_behind(hopper, tmp_path, sent, status):
    audio = speech_wav(tmp_path / "long.wav", 60)
    folder = tmp_path / "videos"
    folder.mkdir()
    process = start(
        "main.py", "--image", hopper, "--audio", audio, "--output", folder / "out.mp4",
        "--quality", "low",
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not any(folder.rglob("*part-0*")):  # the first part is begun
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.02)
    process.send_signal(sent)
    out, err = process.communicate(timeout=30)
    assert process.returncode == status
    assert out == "" and err.startswith("error: ") and err.count("\n") == 1
    assert list(folder.iterdir()) == []


def test_inspect_reads_marks_back(tmp_path, capsys):
    from tests.media.test_marks import CONSENT, write

    path = write(tmp_path / "v.mp4")
    assert run(["inspect", str(path)]) == 0
    said = capsys.readouterr().out
    assert "is marked as AI-generated" in said and f"consent: {CONSENT}" in said
    assert run(["inspect", str(path), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["ai_generated"] is True and facts["consent"] == CONSENT
    assert run(["inspect", str(tmp_path / "none.mp4")]) == 1
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["main.py", "download_models.py"])
def test_an_older_python_is_told_which_one_is_needed(name):
    code = (
        "import runpy, sys; sys.version_info = (3, 9, 0); sys.argv = [sys.argv[1]]; "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    status, out, err = call("-c", code, ROOT / name)
    assert (status, out) == (1, "") and "needs Python 3.11 or newer, and this is 3.9" in err


def test_the_folders_for_one_s_own_files_are_kept_and_their_contents_are_not():
    for folder in ("input/images", "input/audio", "output/generated_videos"):
        assert (ROOT / folder / "README.md").is_file()
        for name, ignored in (("README.md", 1), ("mine.mp4", 0)):
            found = subprocess.run(["git", "check-ignore", "-q", f"{folder}/{name}"], cwd=ROOT)
            assert found.returncode == ignored, (folder, name)
    wanted = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "3.11" in wanted and ".[demo]" in wanted.splitlines()
