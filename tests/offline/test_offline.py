"""Offline means offline: nothing is looked up, sent or connected to, and nothing is left behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.helpers import hopper_path, speech_wav

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no HOME"),
]

ROOT = Path(__file__).resolve().parents[2]
STAY = 13.0
"""ONNX Runtime begins to send ten seconds after it is loaded."""
CACHES = (".cache/lipwright", "Library/Caches/lipwright")
SAYING = {
    "recording": ("--audio", "../voice.wav"),
    "text": ("--text", "Namaste! How are you?"),
}
NATIVE = (
    "import ctypes; found = ctypes.c_void_p(); "
    "ctypes.CDLL(None).getaddrinfo(b'native.invalid', None, None, ctypes.byref(found))"
)
STRAIGHT = "import socket; socket.socket().connect_ex(('192.0.2.1', 443))"


@dataclass(frozen=True)
class Run:
    """A run of lipwright in a home of its own."""

    folder: Path
    process: subprocess.Popen[str]

    def asked_by_python(self) -> list[str]:
        return json.loads((self.folder / "python.json").read_text())

    def asked(self) -> list[str]:
        return json.loads((self.folder / "trap.json").read_text())

    def left(self) -> set[str]:
        """What lies in its home, temporary and working folder, but for the cache that is ours."""
        places = {name: self.folder / name for name in ("home", "temporary", "here")}
        files = {
            f"{name}/{path.relative_to(place)}"
            for name, place in places.items()
            for path in place.rglob("*")
            if not path.is_dir()
        }
        ours = tuple(f"home/{cache}/" for cache in CACHES)
        return {file for file in files if not file.startswith(ours)}


def trap(report: Path) -> list[str]:
    """The beginning of a command that runs the rest of it where there is no network."""
    script = str(ROOT / "tests/offline/trap.py")
    return ["unshare", "--net", "--mount", "--map-root-user", sys.executable, script, str(report)]


@pytest.fixture(scope="module")
def trap_works(tmp_path_factory: pytest.TempPathFactory) -> bool:
    """Whether this system lets us make a network namespace."""
    if shutil.which("unshare") is None:
        return False
    report = tmp_path_factory.mktemp("trial") / "trap.json"
    return subprocess.run([*trap(report), "true"], capture_output=True).returncode == 0


@pytest.fixture
def needs_trap(trap_works: bool) -> None:
    if not trap_works:
        pytest.skip("no network namespaces here: what native code asks cannot be seen")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, trap_works: bool) -> Iterator[dict[str, Run]]:
    """Both ways to make a video, at the same time, and over."""
    started = {
        name: start(tmp_path_factory.mktemp(name), said, trap_works)
        for name, said in SAYING.items()
    }
    try:
        for name, run in started.items():
            output, _ = run.process.communicate(timeout=180)
            assert run.process.returncode == 0, f"{name}: {output}"
        yield started
    finally:
        for run in started.values():
            run.process.kill()


def start(folder: Path, said: tuple[str, ...], trapped: bool) -> Run:
    for name in ("home", "temporary", "here"):
        (folder / name).mkdir()
    speech_wav(folder / "voice.wav", 1.0)
    command = [
        *(trap(folder / "trap.json") if trapped else []),
        *(sys.executable, "-m", "tests.offline.stay", str(folder / "python.json"), str(STAY)),
        *("sync", "--image", str(hopper_path()), *said, "--output", "out.mp4"),
        *("--quality", "low", "--fps", "10", "--quiet"),
    ]
    process = subprocess.Popen(
        command,
        cwd=folder / "here",
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Run(folder, process)


def environment(folder: Path) -> dict[str, str]:
    """A newcomer's: ONNX Runtime is silent where it sees that tests run (CI=true and others)."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    own = {"HOME": str(folder / "home"), "TMPDIR": str(folder / "temporary"), "PYTHONPATH": path}
    return kept | own


@pytest.mark.parametrize("name", SAYING)
def test_no_library_asks_the_network(name: str, runs: dict[str, Run]) -> None:
    assert runs[name].asked_by_python() == []


@pytest.mark.parametrize("name", SAYING)
def test_no_native_code_asks_the_network(name: str, needs_trap: None, runs: dict[str, Run]) -> None:
    assert runs[name].asked() == []


@pytest.mark.parametrize("name", SAYING)
def test_nothing_is_left_but_the_video_and_the_cache(name: str, runs: dict[str, Run]) -> None:
    assert runs[name].left() == {"here/out.mp4"}


@pytest.mark.parametrize(
    ("code", "seen"), [(NATIVE, "native.invalid"), (STRAIGHT, "IpOutNoRoutes: 1")]
)
def test_the_trap_sees_what_native_code_does(
    code: str, seen: str, needs_trap: None, tmp_path: Path
) -> None:
    report = tmp_path / "trap.json"
    subprocess.run([*trap(report), sys.executable, "-c", code], check=True, timeout=60)
    assert seen in json.loads(report.read_text())
