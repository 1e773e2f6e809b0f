"""lipwright models: list, download, verify, path, remove, and python download_models.py."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tests.weights.conftest import CONTENT, SUM, entry
from tests.weights.hub import Fault

from lipwright.cli import run, run_download

ROOT = Path(__file__).resolve().parents[2]
RESEARCH = {"licence": "for research", "licence_url": "https://r.test", "commercial": False}
MANAGER = """
import sys
from lipwright.weights import manifest
manifest.MANIFEST = manifest.Path(sys.argv.pop(1))
from lipwright.cli import run
sys.exit(run())
"""
"""The command with the manifest of a test."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of this test's own."""
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "models"


class Terminal(io.StringIO):
    """Standard input of a person who types."""

    def isatty(self) -> bool:
        return True


def start(manifest: Path, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", MANAGER, str(manifest), "models", *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_list_tells_the_whole_story(capsys):
    assert run(["models", "list"]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines[0].split() == ["name", "for", "size", "licence", "commercial", "use", "installed"]
    wav2lip = next(line for line in lines if line.startswith("wav2lip "))
    assert "436 MB" in wav2lip and wav2lip.split()[-2:] == ["no", "no"]
    assert "lipwright models download NAME" in out


def test_list_for_a_machine(capsys):
    assert run(["models", "list", "--json"]) == 0
    listed = {model["name"]: model for model in json.loads(capsys.readouterr().out)}
    assert listed["wav2lip"]["commercial"] is False and listed["syncnet"]["commercial"] is None
    assert listed["wav2lip"]["installed"] is False
    file = listed["wav2lip"]["files"][0]
    assert file["bytes"] == 435_807_851 and file["sha256_from"] == "third party"
    assert file["state"] == "missing" and file["path"].endswith("wav2lip.pth")


def test_the_life_of_a_model(catalogue, shelf, home, capsys):
    assert run(["models", "path", "test"]) == 1
    assert capsys.readouterr().err == (
        'error: Engine "test" needs weights.bin (300 kB, licence: MIT, commercial use allowed): '
        "run lipwright models download test.\n"
    )
    assert run(["models", "download", "test", "--from", str(shelf)]) == 0
    path = home / "test" / "weights.bin"
    assert capsys.readouterr().out == f"{path}: verified\n"
    assert run(["models", "path", "test"]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    assert run(["models", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[-2:] == ["yes", "yes"]
    assert run(["models", "verify"]) == 0
    assert capsys.readouterr().out == f"{path}: good, by the sum of its publisher\n"
    path.write_bytes(b"broken")
    assert run(["models", "verify", "test"]) == 1
    assert "damaged" in capsys.readouterr().err
    assert run(["models", "list"]) == 0
    assert "not verified" in capsys.readouterr().out
    assert run(["models", "remove", "test"]) == 0
    assert capsys.readouterr().out == "test: 6 B freed\n"
    assert run(["models", "remove", "test"]) == 0
    assert capsys.readouterr().out == "test was not here\n"
    assert run(["models", "verify"]) == 0
    assert "nothing to verify" in capsys.readouterr().out


def test_the_same_for_a_machine(catalogue, shelf, home, capsys):
    def answer(*arguments: str) -> Any:
        assert run(["models", *arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    path = str(home / "test" / "weights.bin")
    assert answer("download", "test", "--from", str(shelf)) == [path]
    assert answer("path", "test") == [path]
    (verified,) = answer("verify", "test")
    assert verified["ok"] is True and verified["sha256"] == SUM and verified["problem"] is None
    assert answer("remove", "test") == {"test": len(CONTENT)}


def test_quiet_says_nothing(catalogue, shelf, capsys):
    assert run(["models", "download", "test", "--from", str(shelf), "--quiet"]) == 0
    assert run(["models", "verify", "--quiet"]) == 0
    assert run(["models", "remove", "test", "--quiet"]) == 0
    assert "".join(capsys.readouterr()) == ""


def test_a_licence_is_asked_for_on_a_terminal_once(
    catalogue,
    shelf,
    capsys,
    monkeypatch,
):
    catalogue(entry(**RESEARCH, note="Trained on what is not free."))
    command = ["models", "download", "test", "--from", str(shelf)]
    assert run(command) == 1
    assert "read and accept them first (--accept-licence).\n" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert run(command) == 1
    err = capsys.readouterr().err
    assert "no commercial use" in err and "https://r.test" in err and "not free" in err
    assert "was not accepted" in err
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert run(command) == 0
    assert run(["models", "remove", "test"]) == 0
    monkeypatch.setattr("sys.stdin", Terminal())
    assert run(command) == 0


def test_a_script_accepts_by_the_option(catalogue, shelf, capsys):
    catalogue(entry(**RESEARCH))
    assert run(["models", "download", "test", "--from", str(shelf), "--accept-licence"]) == 0


def test_download_says_what_it_does(catalogue, hub, capsys):
    catalogue(entry(repository="gone/gone", mirrors=["a/b@main:weights.bin"]))
    assert run(["models", "download", "test"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "notice: Downloading weights.bin (300 kB) from gone/gone.",
        "warning: gone/gone does not exist, or is private: trying a/b.",
        "notice: Downloading weights.bin (300 kB) from a/b.",
    ]


def test_wrong_bytes_are_one_line_and_leave_nothing(catalogue, hub, home, capsys):
    hub.add("a/b/weights.bin", CONTENT, Fault(content=bytes(len(CONTENT))))
    assert run(["models", "download", "test", "--quiet"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert hashlib.sha256(bytes(len(CONTENT))).hexdigest() in err and SUM in err
    assert list((home / "test").iterdir()) == []


def test_an_unknown_model_is_a_wrong_use(capsys):
    assert run(["models", "download", "wav2lipp"]) == 2
    assert "did you mean wav2lip?" in capsys.readouterr().err
    assert run(["models"]) == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
@pytest.mark.parametrize(
    ("sent", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)],
    ids=["ctrl-c", "terminate", "kill"],
)
def test_a_stopped_download_starts_over_later(
    catalogue,
    hub,
    home,
    sent,
    status,
    tmp_path,
):
    gate = threading.Event()
    hub.add("a/b/weights.bin", CONTENT, Fault(gate=gate))
    process = start(tmp_path / "manifest.toml", "download", "test")
    wait_for(lambda: len(hub.gets()) == 1)
    process.send_signal(sent)
    out, err = process.communicate(timeout=20)
    gate.set()
    assert process.returncode == status and out == ""
    if status > 0:
        assert list((home / "test").iterdir()) == []
        assert err.splitlines()[-1] == (
            "error: stopped: files that came are kept, the same command fetches the rest."
        )
    assert run(["models", "download", "test"]) == 0
    assert [path.name for path in (home / "test").iterdir()] == ["weights.bin"]
    assert (home / "test" / "weights.bin").read_bytes() == CONTENT


def test_two_processes_fetch_it_once(catalogue, hub, home, tmp_path):
    gate = threading.Event()
    hub.add("a/b/weights.bin", CONTENT, Fault(gate=gate))
    first = start(tmp_path / "manifest.toml", "download", "test")
    wait_for(lambda: len(hub.gets()) == 1)
    second = start(tmp_path / "manifest.toml", "download", "test")
    assert second.stderr is not None and "waiting for it" in second.stderr.readline()
    gate.set()
    for process in (first, second):
        out, err = process.communicate(timeout=20)
        assert process.returncode == 0, err
        assert out == f"{home / 'test' / 'weights.bin'}: verified\n"
    assert len(hub.gets()) == 1


def test_nothing_but_files_is_asked_for(catalogue, hub, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))  # nothing remembered from other times
    process = start(tmp_path / "manifest.toml", "download", "test")
    assert process.wait(20) == 0
    assert len(hub.requests) == 2
    assert all("/resolve/" in request.path for request in hub.requests if request.server == "hub")
    assert not (tmp_path / "hf").exists()


def test_the_door_at_the_root_lists_and_fetches(
    catalogue,
    shelf,
    home,
    capsys,
    monkeypatch,
):
    assert run_download([]) == 0
    out = capsys.readouterr().out
    assert out.startswith("lipwright works as it is") and "download_models.py NAME" in out
    assert not home.exists()
    assert run_download(["test", "--from", str(shelf)]) == 0
    assert capsys.readouterr().out.endswith("weights.bin: verified\n")
    monkeypatch.setattr("sys.stdin", Terminal("\n"))
    assert run_download([]) == 0
    monkeypatch.setattr("sys.stdin", Terminal("test\n"))
    assert run_download([]) == 0
    assert capsys.readouterr().out.endswith("weights.bin: verified\n")


def test_the_bar_of_a_terminal(catalogue, hub, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert run(["models", "download", "test"]) == 0
    assert "weights.bin" in capsys.readouterr().err
