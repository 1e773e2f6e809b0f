"""Two peers on this machine: what the one shows is what the session drew."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from contextlib import asynccontextmanager
from typing import Any

import aiortc
import numpy as np
import pytest
from aiortc.mediastreams import AudioStreamTrack
from tests.live_session import FakeSession

from lipwright.core.errors import MissingExtraError, UsageError
from lipwright.pipeline.live.sinks.webrtc import WebRtcSink


@pytest.fixture(autouse=True)
def only_here(monkeypatch):
    """Peers meet on the loopback interface, which they leave out by themselves."""
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


class Browser:
    """The other side."""

    def __init__(self, codec: str = "video/H264", microphone: bool = False) -> None:
        self.peer = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        video = self.peer.addTransceiver("video", direction="recvonly")
        known = aiortc.RTCRtpSender.getCapabilities("video").codecs
        video.setCodecPreferences([one for one in known if one.mimeType == codec])
        self.video = video
        if microphone:
            self.peer.addTrack(AudioStreamTrack())
        else:
            self.peer.addTransceiver("audio", direction="recvonly")
        self.channel = self.peer.createDataChannel("control")
        self.told: list[dict] = []
        self.channel.on("message", lambda text: self.told.append(json.loads(text)))
        self.tracks: dict[str, Any] = {}
        self.peer.on("track", lambda track: self.tracks.__setitem__(track.kind, track))

    async def connect(self, sink: WebRtcSink) -> None:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        answer = await sink.answer(self.peer.localDescription.sdp)
        await self.peer.setRemoteDescription(aiortc.RTCSessionDescription(*answer))

    async def see(self, count: int) -> list[np.ndarray]:
        return [(await self.tracks["video"].recv()).to_ndarray(format="gray") for _ in range(count)]


@asynccontextmanager
async def connected(sink: WebRtcSink, **browser):
    viewer = Browser(**browser)
    await viewer.connect(sink)
    session = await FakeSession(sink).start()
    try:
        yield viewer, session
    finally:
        await session.close()
        await viewer.peer.close()


@pytest.mark.parametrize("codec", ["video/H264", "video/VP8"])
def test_the_viewer_sees_and_hears_the_session(codec):
    async def watch() -> None:
        sink = WebRtcSink()
        async with asyncio.timeout(20), connected(sink, codec=codec) as (viewer, session):
            await session.say("a tone for some seconds, so that there is time to hear it all")
            seen = await viewer.see(12)
            heard = [(await viewer.tracks["audio"].recv()).to_ndarray() for _ in range(30)]
            assert session.error is None
            assert sink.coding == ("h264" if codec == "video/H264" else "bgr")
        levels = [float(image[-8:].mean()) for image in seen]
        assert all(image.shape == (96, 96) for image in seen)
        steps = np.diff(levels)
        assert np.sum(np.abs(steps - np.median(steps)) < 8) >= 8  # each a step brighter
        assert 10 < np.median(steps) < 25
        assert max(np.abs(block).max() for block in heard) > 3000

    asyncio.run(watch())


def test_a_viewer_who_lost_a_picture_gets_a_keyframe():
    async def watch() -> None:
        sink = WebRtcSink()
        async with asyncio.timeout(20), connected(sink) as (viewer, session):
            await viewer.see(3)
            before = session.keyframes_asked
            receiver = viewer.video.receiver
            await receiver._send_rtcp_pli(next(iter(receiver._RTCRtpReceiver__remote_streams)))
            while session.keyframes_asked == before:
                await asyncio.sleep(0.02)

    asyncio.run(watch())


def test_words_go_both_ways_and_the_microphone_is_heard():
    async def talk() -> None:
        told, heard = [], []

        async def on_message(message):
            told.append(message)

        async def on_sound(pcm, rate):
            heard.append((len(pcm), rate))

        sink = WebRtcSink(on_message=on_message, on_sound=on_sound)
        async with asyncio.timeout(20), connected(sink, microphone=True) as (viewer, session):
            await viewer.see(1)
            while viewer.channel.readyState != "open" or sink._channel is None:
                await asyncio.sleep(0.02)
            viewer.channel.send('{"type":"say","text":"hello"}')
            viewer.channel.send(b"\\0\\1")
            await session.interrupt()
            await sink.tell("state", state="idle")
            while len(told) < 2 or len(viewer.told) < 3 or len(heard) < 5:
                await asyncio.sleep(0.02)
        assert told == ['{"type":"say","text":"hello"}', b"\\0\\1"]
        assert [one["type"] for one in viewer.told] == ["ready", "interrupted", "state"]
        assert heard[2] == (2 * 320, 16000)

    asyncio.run(talk())


def test_a_viewer_who_leaves_is_lost():
    async def watch() -> None:
        sink = WebRtcSink()
        async with asyncio.timeout(20), connected(sink) as (viewer, _):
            await viewer.see(1)
            assert not sink.lost.is_set()
            await viewer.peer.close()
            await sink.lost.wait()

    asyncio.run(watch())


@pytest.mark.parametrize("sdp", ["", "v=0", "no offer at all\r\n", "x" * 300_000])
def test_an_offer_that_is_none_is_refused(sdp):
    async def answer() -> None:
        await WebRtcSink().answer(sdp)

    with pytest.raises(UsageError, match="browser's offer"):
        asyncio.run(answer())


def test_an_offer_without_video_is_refused():
    async def answer() -> None:
        peer = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        peer.createDataChannel("control")
        await peer.setLocalDescription(await peer.createOffer())
        try:
            await WebRtcSink().answer(peer.localDescription.sdp)
        finally:
            await peer.close()

    with pytest.raises(UsageError, match="no video"):
        asyncio.run(answer())


def test_closing_frees_everything():
    async def watch() -> None:
        for _ in range(2):
            async with asyncio.timeout(20), connected(WebRtcSink()) as (viewer, _):
                await viewer.see(1)
        await asyncio.sleep(0.1)
        assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []

    before = peers()
    asyncio.run(watch())
    assert peers() <= before


def peers() -> int:
    gc.collect()
    return sum(isinstance(one, aiortc.RTCPeerConnection) for one in gc.get_objects())


def test_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "aiortc", None)
    with pytest.raises(MissingExtraError, match="live"):
        WebRtcSink()
