"""Signals and closed streams: the right status, and nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.helpers import speech_wav

from lipwright.cli import run
from lipwright.cli.script_options import MAX_SCRIPT_BYTES

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and shells of POSIX")
WAITING = """
import signal, sys, time
from pathlib import Path
from lipwright.core.atomic_file import atomic_write
from lipwright.cli import run
import lipwright.speech.voices as voices

def wait(*_, **__):
    with atomic_write(Path(sys.argv[1])):
        print("begun", flush=True)
        time.sleep(60)

voices.list_voices = wait
sys.exit(run(["voices"]))
"""


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_leaves_nothing_behind(tmp_path: Path, number: int, status: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING, str(tmp_path / "out.mp4")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stdout.readline() == b"begun\n"
    asked = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == status and said.count(b"\n") == 1
    assert time.monotonic() - asked < 5
    assert list(tmp_path.iterdir()) == []


def test_a_hangup_that_is_ignored_stays_so() -> None:
    code = (
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from lipwright.cli.process import raise_on_termination\n"
        "raise_on_termination()\n"
        "assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("command", "status"), [("voices", 0), ("fly", 2)])
def test_closed_streams_change_nothing_but_what_is_read(
    closed: str, command: str, status: int
) -> None:
    line = f'exec "{sys.executable}" -m lipwright {command} {closed}'
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True)
    assert done.returncode == status
    assert "unexpected" not in done.stderr and "Exception" not in done.stderr


def test_a_video_is_made_with_all_streams_closed(tmp_path: Path, hopper: Path) -> None:
    talk, output = speech_wav(tmp_path / "talk.wav", 0.2), tmp_path / "out.mp4"
    line = (
        f'exec "{sys.executable}" -m lipwright sync --image "{hopper}" --audio "{talk}" '
        f'--output "{output}" --quality low --motion still <&- >&- 2>&-'
    )
    assert subprocess.run(["sh", "-c", line]).returncode == 0
    assert output.read_bytes()[4:8] == b"ftyp"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_output_that_cannot_be_written_is_told() -> None:
    line = f'exec "{sys.executable}" -m lipwright voices > /dev/full'
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("error: No space left on device")


def test_a_script_may_come_by_standard_input() -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from lipwright.cli.script_options import read_words\n"
        "sys.stdout.write(read_words(None, Path('-')))"
    )
    for given, out, said in (
        (b"\xef\xbb\xbfNamaste", b"Namaste", b""),
        (b"\xff\xfe", b"", b"Standard input is not UTF-8"),
        (b"  ", b"", b"- is empty"),
        (b"a" * (MAX_SCRIPT_BYTES + 1), b"", b"too long for a script"),
    ):
        read = subprocess.run([sys.executable, "-c", code], input=given, capture_output=True)
        assert read.stdout == out and said in read.stderr


@pytest.mark.parametrize("option", ["--script", "--lexicon", "--audio", "--image", "--video"])
@pytest.mark.parametrize("kind", ["pipe", "device", "symbolic link"])
def test_special_files_are_refused_at_once_by_their_names(
    tmp_path: Path, hopper: Path, voice: Path, capsys, option: str, kind: str
) -> None:
    odd = tmp_path / "odd.mp4"
    if kind == "pipe":
        os.mkfifo(odd)
    elif kind == "device":
        odd.symlink_to("/dev/zero")
    else:
        odd.symlink_to(odd)
    said = {"--script": "--script", "--audio": "--audio"}.get(option)
    others = [] if said else ["--text", "Hi"] if option == "--lexicon" else ["--audio", str(voice)]
    face = [] if option in ("--image", "--video") else ["--image", str(hopper)]
    line = ["sync", option, str(odd), *others, *face, "--output", str(tmp_path / "out.mp4")]
    assert run(line) == 1
    assert f"odd.mp4 is a {kind}" in capsys.readouterr().err


def test_no_clobber_keeps_what_is_there(tmp_path: Path, hopper: Path, voice: Path, capsys) -> None:
    for name in ("out.mp4", "out.wav", "sheet.png", "out.srt", "out.json"):
        (tmp_path / name).write_text("mine")
    here = lambda name: str(tmp_path / name)  # noqa: E731
    film = ["--image", str(hopper), "--audio", str(voice)]
    text = ["--image", str(hopper), "--text", "Hi"]
    for line in (
        ["sync", *film, "-o", here("out.mp4")],
        ["sync", *text, "-o", here("new.mp4"), "--captions", here("out.srt")],
        ["sync", *film, "-o", here("new.mp4"), "--report", here("out.json")],
        ["say", "--text", "Hi", "-o", here("out.wav")],
        ["say", "--text", "Hi", "-o", here("new.wav"), "--captions", here("out.srt")],
        ["faces", str(hopper), "-o", here("sheet.png")],
        ["demo", "-o", here("out.mp4")],
    ):
        assert run([*line, "--no-clobber"]) == 2, line
        assert "is already there" in capsys.readouterr().err
    assert {path.read_text() for path in tmp_path.glob("*.*") if path != voice} == {"mine"}


def test_faces_replaces_its_own_sheet_alone(tmp_path: Path, hopper: Path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sheet = tmp_path / f"{hopper.stem}-faces.png"
    sheet.write_bytes(hopper.read_bytes())
    assert run(["faces", str(hopper)]) == 2
    assert "is no contact sheet" in capsys.readouterr().err
    assert sheet.read_bytes() == hopper.read_bytes()
    sheet.unlink()
    assert run(["faces", str(hopper)]) == run(["faces", str(hopper)]) == 0
