"""The face as a camera; the library for it is stood in for, as cameras need a driver."""

from __future__ import annotations

import asyncio
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
from tests.live_session import a_format, frames, grey
from tests.pipeline.live.test_raw_pipe import Kept

from lipwright.core.errors import MediaError, MissingExtraError
from lipwright.pipeline.live.sinks.virtual_camera import VirtualCameraSink


class Camera:
    """What pyvirtualcam gives."""

    opened: list[Camera] = []

    def __init__(self, width, height, fps, *, fmt, device=None):
        if device == "/dev/none":
            raise RuntimeError("'v4l2loopback' backend: device not found.\nsee the manual")
        self.asked = (width, height, fps, fmt, device)
        self.shown: list[int] = []
        self.closed, self.slow, self.broken = False, 0.0, False
        Camera.opened.append(self)

    def send(self, image: np.ndarray) -> None:
        if self.broken:
            raise RuntimeError("the driver was unloaded")
        assert image.shape == (96, 96, 3)
        self.shown.append(int(image[-1, 0, 0]))
        time.sleep(self.slow)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def camera(monkeypatch):
    Camera.opened.clear()
    module = SimpleNamespace(Camera=Camera, PixelFormat=SimpleNamespace(BGR="bgr"))
    monkeypatch.setitem(sys.modules, "pyvirtualcam", module)


def shown(device=None, sound=None, **state):
    async def show() -> VirtualCameraSink:
        sink = VirtualCameraSink(device, sound=sound)
        await sink.open(a_format("bgr"))
        vars(Camera.opened[0]).update(state)
        try:
            for frame in frames(a_format("bgr"), 6):
                await sink.send(frame)
                await asyncio.sleep(0.02)
            await sink.interrupt()
        finally:
            await sink.close()
        return sink

    return asyncio.run(show())


def test_the_camera_shows_every_picture(camera):
    sound = Kept()
    sink = shown("/dev/video10", sound)
    (opened,) = Camera.opened
    assert opened.asked == (96, 96, 25.0, "bgr", "/dev/video10")
    assert opened.shown == [grey(number) for number in range(6)]
    assert opened.closed and sink.dropped == 0
    assert len(sound.content) == 6 * 960 * 2


def test_a_slow_camera_misses_pictures(camera):
    sink = shown(slow=0.07)
    assert sink.dropped > 0
    assert len(Camera.opened[0].shown) == 6 - sink.dropped


def test_no_camera_is_a_sentence(camera):
    with pytest.raises(MediaError, match="no virtual camera.*device not found.*v4l2loopback on"):
        shown("/dev/none")


def test_a_camera_that_fails_is_a_sentence(camera):
    with pytest.raises(MediaError, match="camera failed .the driver was unloaded"):
        shown(broken=True)


def test_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(MissingExtraError, match="camera"):
        asyncio.run(VirtualCameraSink().open(a_format("bgr")))
