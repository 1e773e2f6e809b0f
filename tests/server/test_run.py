"""The server as a process: how it starts, what it says, how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from tests.helpers import hopper_path
from tests.server.conftest import until
from tests.server.served import ROOT, Served, environment, free_port, is_running

from lipwright.cli import run as run_command
from lipwright.core.errors import LipwrightError, MediaError, UsageError
from lipwright.server import Settings, tls
from lipwright.server import run as module
from lipwright.server.folder import DataFolder
from lipwright.server.run import run, told

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks there")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Tests that need it in this order: the first one sees it as it starts."""
    found = Served(tmp_path_factory.mktemp("served"))
    found.wait_ready()
    yield found
    found.kill()


def order(served: Served, **more) -> str:
    files = {"file": ("a.jpg", hopper_path().read_bytes())}
    source = httpx.post(f"{served.url}/v1/assets", files=files).json()["id"]
    asked = {"source": source, "text": "Hello", **more}
    return str(httpx.post(f"{served.url}/v1/videos", json=asked, timeout=30).json()["id"])


def show(served: Served, name: str) -> dict:
    return dict(httpx.get(f"{served.url}/v1/videos/{name}").json())


@needs_proc
def test_it_is_small_while_it_waits(served):
    status = Path(f"/proc/{served.process.pid}/status").read_text()
    assert int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) < 64 * 1024, "kB, measured by coverage too"
    assert served.workers() == []


@needs_proc
def test_asked_to_end_it_gives_back_what_it_has_begun(served):
    name = order(served, text="wait")
    until(lambda: show(served, name)["frames_done"] > 3)
    workers = served.workers()
    assert len(workers) == 2
    with httpx.stream("GET", f"{served.url}/v1/videos/{name}/events", timeout=20) as watched:
        served.process.send_signal(signal.SIGTERM)
        assert sum(len(piece) for piece in watched.iter_bytes()), "ended, not cut off"
    served.process.wait(10)
    until(lambda: not any(map(is_running, workers)), 5)
    served.start()
    served.wait_ready()
    until(lambda: show(served, name)["state"] == "running")
    video = show(served, name)
    assert video["attempts"] == 1
    httpx.delete(f"{served.url}/v1/videos/{name}")


@needs_proc
def test_workers_end_when_the_server_is_killed(served):
    name = order(served, text="wait")
    until(lambda: show(served, name)["frames_done"] > 3)
    before = show(served, name)["frames_done"]
    workers = served.workers()
    served.kill()
    until(lambda: not any(map(is_running, workers)), 5)
    served.start()
    served.wait_ready()
    video = until(lambda: (v := show(served, name))["frames_done"] > before and v)
    assert (video["state"], video["attempts"]) == ("running", 2)
    httpx.delete(f"{served.url}/v1/videos/{name}")


def test_a_client_that_floods_or_leaves_holds_nobody_up(served):
    """Some stop reading, some send half a request; bounded, on this machine alone."""
    address = ("127.0.0.1", served.port)
    half = b"POST /v1/assets HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\nabc"
    with socket.create_connection(address) as first, socket.create_connection(address) as second:
        first.sendall(half)
        second.sendall(b"GET /v1/videos HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50)
        third = socket.create_connection(address)
        third.sendall(half)
        third.close()
        began = time.monotonic()
        assert httpx.get(f"{served.url}/healthz").status_code == 200
        assert time.monotonic() - began < 5
    assert httpx.get(f"{served.url}/readyz").status_code == 200


def test_one_folder_has_one_server(served):
    code = "import sys; from lipwright.cli import run; sys.exit(run(sys.argv[1:]))"
    again = subprocess.run(
        [sys.executable, "-c", code, "serve", "--data", served.data, "--port", str(free_port())],
        env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert again.returncode == 1
    assert "used by another server" in again.stderr and "Traceback" not in again.stderr


def test_https_with_a_certificate_of_its_own(tmp_path):
    certificate = tls.certificate_for(Settings(data=tmp_path))[0]
    served = Served(tmp_path, tls=True, token="0123456789abcdef0123")
    context = ssl.create_default_context(cafile=str(certificate))
    try:
        url = served.url.replace("http:", "https:")

        def answered():
            try:
                return httpx.get(f"{url}/v1/info", verify=context)
            except httpx.HTTPError:
                return None

        assert until(answered).json()["token_needed"] is True
        answer = httpx.get(
            f"{url}/?token=0123456789abcdef0123", verify=context, follow_redirects=False
        )
        assert "Secure" in answer.headers["set-cookie"]
    finally:
        served.kill()


def test_a_certificate_is_kept_and_made_anew_where_it_must_be(tmp_path):
    settings = Settings(data=tmp_path)
    certificate, key = tls.certificate_for(settings)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 or os.name == "nt"
    first = certificate.read_bytes()
    assert tls.certificate_for(settings)[0].read_bytes() == first
    more = Settings(data=tmp_path, allowed_hosts=("studio.example",))
    assert tls.certificate_for(more)[0].read_bytes() != first
    certificate.write_text("nonsense")
    assert tls.certificate_for(settings)[0].read_bytes().startswith(b"-----BEGIN")


def start(tmp_path, said=None, **more):
    lines = [] if said is None else said
    usual = dict(host="127.0.0.1", port=0, data=tmp_path, token=None, tls=False, certificate=None,
                 key=None, quiet=False)  # fmt: skip
    run(**{**usual, **more}, say=lines.append)


@pytest.fixture
def not_served(monkeypatch):
    configs = []

    def note(config, listener):
        configs.append(config)
        listener.close()

    monkeypatch.setattr(module, "_serve", note)
    monkeypatch.setattr(module, "own_address", lambda: "192.168.1.5")
    return configs


def test_on_this_computer_alone_there_is_no_token(tmp_path, not_served):
    said: list[str] = []
    start(tmp_path, said)
    assert len(said) == 1 and re.fullmatch(r"The studio: http://127.0.0.1:\d+/", said[0])


def test_beyond_it_a_token_is_made_and_told(tmp_path, not_served):
    said: list[str] = []
    start(tmp_path, said, host="0.0.0.0")
    token = re.findall(r"\?token=([\w-]{32})$", said[0])[0]
    assert said[1].startswith("The studio: http://192.168.1.5:") and token in said[1]
    assert said[2] == f"The token, made for this run: {token}"
    assert "microphone" in said[3]


def test_a_token_that_was_given_is_not_told(tmp_path, not_served):
    said: list[str] = []
    start(tmp_path, said, host="0.0.0.0", token="0123456789abcdef")
    assert "0123456789abcdef" not in "".join(said)
    start(tmp_path, said, quiet=True)
    assert len(said) == 3


def test_https_is_told(tmp_path):
    settings = Settings(data=tmp_path, host="::1", secure=True)
    assert told(settings, 8000, False) == ["The studio: https://[::1]:8000/"]


@pytest.mark.parametrize("name", ["certificate", "key"])
def test_half_a_certificate(tmp_path, name, not_served):
    with pytest.raises(UsageError, match="both"):
        start(tmp_path, **{name: tmp_path / "a.pem"})


def test_a_certificate_that_is_none(tmp_path, not_served):
    (tmp_path / "a.pem").write_text("nonsense")
    for path in (tmp_path / "a.pem", tmp_path / "missing.pem"):
        with pytest.raises(UsageError, match="cannot be used for HTTPS"):
            start(tmp_path, certificate=path, key=path)


def test_a_port_that_is_taken(tmp_path, not_served):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(LipwrightError, match="cannot listen"):
            start(tmp_path, port=taken.getsockname()[1])


def test_a_folder_that_cannot_be(tmp_path, not_served):
    (tmp_path / "file").write_text("")
    with pytest.raises(MediaError, match="cannot be used"):
        start(tmp_path / "file")
    with pytest.raises(ValueError):
        DataFolder(tmp_path / "good").asset("../ledger.sqlite")


def test_the_command(tmp_path, not_served, capsys, monkeypatch):
    monkeypatch.setenv("LIPWRIGHT_HOME", str(tmp_path))
    assert run_command(["serve", "--port", "0", "--workers", "2"]) == 0
    assert "The studio: http://127.0.0.1:" in capsys.readouterr().out
    assert (tmp_path / "server" / "assets").is_dir()
    assert run_command(["serve", "--port", "0", "--token", "short"]) == 2
    assert "(--token)" in capsys.readouterr().err
