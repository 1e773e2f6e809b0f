"""A server in a process of its own, on a loopback port, that can be killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
CODE = """
import sys, json
from pathlib import Path
from lipwright.server.run import run
given = json.loads(sys.argv[1])
usual = dict(host="127.0.0.1", token=None, tls=False, certificate=None, key=None, quiet=True,
             say=print)
run(**{**usual, **given, "data": Path(given["data"])})
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment() -> dict[str, str]:
    """With which workers find the renderer of the tests."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "LIPWRIGHT_CACHE_MB": "0"}


class Served:
    """A running server."""

    def __init__(self, data: Path, **more: Any) -> None:
        import json

        self.port, self.data = free_port(), str(data)
        self.url = f"http://127.0.0.1:{self.port}"
        given = {"data": str(data), "port": self.port, **more}
        given.setdefault("renderer", "tests.server.fake_render:render")
        self._command = [sys.executable, "-c", CODE, json.dumps(given)]
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        self.process = subprocess.Popen(
            self._command, env=environment(), stdout=subprocess.DEVNULL, cwd=ROOT
        )
        return self.process

    def wait_ready(self, seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            assert self.process.poll() is None, "the server has ended"
            time.sleep(0.02)
        raise AssertionError("the server does not answer")

    def workers(self) -> list[int]:
        """Processes that the server has started."""
        return children(self.process.pid)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self, seconds: float = 10.0) -> int:
        """Ask it to end, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


def children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
