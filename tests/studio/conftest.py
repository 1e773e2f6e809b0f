"""A server as a user starts it, and Chromium with a camera and a microphone that it makes up."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.helpers import unmeasured

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
START_SECONDS = 60


@contextmanager
def running_server(folder: Path, *options: str) -> Iterator[str]:
    """The address of a server that ends with the block."""
    command = [sys.executable, "-m", "lipwright", "serve", "--port", "0", "--data", str(folder)]
    environment = {**unmeasured(), "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [*command, *options],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    late = threading.Timer(START_SECONDS, process.kill)
    late.start()
    said: list[str] = []
    address = None
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"https?://[^\s/]+", line):
            address = found.group()
            break
    late.cancel()
    assert address, f"the server did not start: {''.join(said)}"
    wait_until_it_listens(int(address.rpartition(":")[2]))
    # What it says from now on is read, so that it never waits for a full pipe.
    reader = threading.Thread(target=process.stdout.read, daemon=True)
    reader.start()
    try:
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def wait_until_it_listens(port: int) -> None:
    """The address is said as soon as it is known, which is a little earlier."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server whose library is empty at first."""
    with running_server(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser of the system: nothing is downloaded for it."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "the tests of the studio need chromium: install it (Debian: apt install chromium)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_studio(chromium: Any, server: str) -> Iterator[Callable[..., Any]]:
    """Open the page as somebody who was never there; what the page complains of fails the test."""
    contexts, complaints = [], []

    def open_page(path: str = "/", **options: Any) -> Any:
        options.setdefault("service_workers", "block")
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(server + path)
        page.wait_for_selector("#voice option", state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
