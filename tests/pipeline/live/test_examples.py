"""The examples of docs/live.md, with stand-ins for the libraries of others."""

from __future__ import annotations

import asyncio
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from tests.documentation import ROOT
from tests.live_session import FakeSession, grey

EXAMPLES = sorted((ROOT / "docs/examples").glob("*.py"))


def load(name: str) -> ModuleType:
    path = ROOT / "docs/examples" / f"{name}.py"
    module = ModuleType(name)
    SourceFileLoader(name, str(path)).exec_module(module)
    return module


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_page_shows_the_example_as_it_is(path):
    page = (ROOT / "docs/live.md").read_text(encoding="utf-8")
    assert f"```py\n{path.read_text(encoding='utf-8')}```" in page


def test_a_language_model_is_spoken_as_it_writes():
    asked = []

    async def create(**given):
        asked.append(given)

        async def events():
            for word in ["Of ", "course", None, "."]:
                delta = SimpleNamespace(content=word)
                yield SimpleNamespace(choices=[SimpleNamespace(delta=delta)])
            yield SimpleNamespace(choices=[])

        return events()

    client = SimpleNamespace(chat=SimpleNamespace(completions=SimpleNamespace(create=create)))

    async def talk() -> FakeSession:
        session = await FakeSession(coding="bgr").start()
        await load("language_model").answer(session, client, "some-model", "Can you speak?")
        await session.close()
        return session

    session = asyncio.run(talk())
    assert session.said == ["Of ", "course", "."]
    assert session.interrupted == 1
    (given,) = asked
    assert given["stream"] is True and given["messages"][0]["content"] == "Can you speak?"


class SegmentEnd:
    pass


class VideoFrame:
    def __init__(self, *values):
        self.values = values


class AudioFrame(VideoFrame):
    pass


@pytest.fixture
def livekit(monkeypatch):
    """What the example uses of LiveKit."""

    rtc = SimpleNamespace(
        VideoFrame=VideoFrame,
        AudioFrame=AudioFrame,
        VideoBufferType=SimpleNamespace(RGB24="rgb24"),
    )
    avatar = SimpleNamespace(AudioSegmentEnd=SegmentEnd, VideoGenerator=object)
    for name in ("livekit", "livekit.agents", "livekit.agents.voice"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setattr(sys.modules["livekit"], "rtc", rtc, raising=False)
    monkeypatch.setitem(sys.modules, "livekit.rtc", rtc)
    monkeypatch.setitem(sys.modules, "livekit.agents.voice.avatar", avatar)


def test_livekit_gets_a_face_for_its_voice(livekit):
    block = SimpleNamespace(data=memoryview(bytes(960)), sample_rate=24000)

    async def talk():
        session = await FakeSession(coding="bgr", speed=10).start()
        avatar = load("livekit_avatar").LipwrightAvatar(session)
        await avatar.push_audio(block)
        await avatar.push_audio(SegmentEnd())
        got = []
        async for frame in avatar:
            got.append(frame)
            if isinstance(frame, SegmentEnd):
                break
        await avatar.clear_buffer()
        await session.close()
        return session, got

    session, got = asyncio.run(asyncio.wait_for(talk(), 10))
    assert session.heard == [(960, 24000)] and session.interrupted == 1
    assert isinstance(got[-1], SegmentEnd) and len(got) > 20
    video, audio = got[0], got[1]
    assert (type(video), type(audio)) == (VideoFrame, AudioFrame)
    width, height, layout, pixels = video.values
    assert (width, height, layout) == (96, 96, "rgb24")
    assert np.frombuffer(pixels, np.uint8).reshape(96, 96, 3)[-1, 0, 0] in map(grey, range(40))
    assert audio.values[1:] == (24000, 1, 960)
