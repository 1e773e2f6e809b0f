"""A server in the test's own process, whose workers are real and whose renderer draws nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.helpers import hopper_path, speech_wav
from tests.server.served import environment

from lipwright.server import Settings, create_app

URL = "http://127.0.0.1:8000"
RENDERER = "tests.server.fake_render:render"
Open = Callable[..., Any]


@contextmanager
def opened(data: Path, parts: Any = (), **more: Any) -> Iterator[Any]:
    """A client of a running server."""
    given = {"renderer": RENDERER, "requests_per_second": 1000.0, "burst": 10_000, **more}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "PYTHONPATH", environment()["PYTHONPATH"])
        app = create_app(Settings(data=data, **given), parts)
        with TestClient(app, base_url=URL, raise_server_exceptions=False) as client:
            yield client


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with opened(tmp_path_factory.mktemp("server")) as found:
        yield found


def send(client: Any, name: str, content: bytes, **more: Any) -> Any:
    return client.post("/v1/assets", files={"file": (name, content)}, **more)


@pytest.fixture(scope="module")
def picture(client: Any) -> str:
    """The id of an uploaded portrait."""
    return str(send(client, "grace.jpg", hopper_path().read_bytes()).json()["id"])


@pytest.fixture(scope="module")
def sound(client: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of an uploaded second of sound."""
    path = speech_wav(tmp_path_factory.mktemp("sound") / "voice.wav", 1.0)
    return str(send(client, "voice.wav", path.read_bytes()).json()["id"])


def ended(client: Any, name: str, seconds: float = 30.0) -> dict[str, Any]:
    """A video, once it has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        video: dict[str, Any] = client.get(f"/v1/videos/{name}").json()
        if video["state"] in ("done", "failed", "cancelled"):
            return video
        time.sleep(0.02)
    raise AssertionError(f"the video is not finished: {video}")


def until(reached: Callable[[], Any], seconds: float = 20.0) -> Any:
    """What a function returns, once that is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = reached()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come to that")
