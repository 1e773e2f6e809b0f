"""What a viewer behind a WebSocket is sent."""

from __future__ import annotations

import asyncio
import json
import struct
from itertools import pairwise

import av
import numpy as np
import pytest
from tests.live_session import FakeSession, a_format, frames, grey

from lipwright.core.errors import MediaError
from lipwright.pipeline.live.frames import LiveFrame
from lipwright.pipeline.live.sinks.websocket import WebSocketSink, codec_string, messages


def parse(message: bytes) -> tuple[int, int, int, float, bytes]:
    """kind, flags, number, time, payload: as docs/live.md says, not as the sink does it."""
    kind, flags, zero = message[0], message[1], message[2:4]
    assert zero == b"\0\0"
    number, time = struct.unpack("<Id", message[4:16])
    return kind, flags, number, time, message[16:]


def test_a_viewer_can_decode_all_it_gets():
    got: list[str | bytes] = []

    async def send(message: str | bytes) -> None:
        got.append(message)

    async def watch() -> None:
        sink = WebSocketSink(send, session="abc")
        session = await FakeSession(sink, speed=4).start()
        await session.say("a short tone")
        while session.sent < 20:
            await asyncio.sleep(0.01)
        await session.interrupt()
        await session.close()
        assert session.error is None

    asyncio.run(watch())
    ready = json.loads(got[0])
    form = a_format()
    assert ready.pop("codec").startswith("avc1.42")
    assert ready == {
        "type": "ready", "session": "abc", "width": 96, "height": 96, "fps": "25/1", "rate": 24000
    }  # fmt: skip
    binary = [parse(message) for message in got if isinstance(message, bytes)]
    assert json.loads(next(m for m in got[1:] if isinstance(m, str)))["type"] == "interrupted"
    pictures = [one for one in binary if one[0] == 1]
    sounds = [one for one in binary if one[0] == 2]
    assert [one[2] for one in pictures] == [one[2] for one in sounds]
    assert pictures[0][1] == 1 and not any(one[1] for one in pictures[1:])
    assert [one[3] for one in pictures] == [float(one[2] / form.fps) for one in pictures]
    decoder = av.CodecContext.create("h264", "r")
    decoder.options = {"flags": "low_delay"}
    for _, _, number, _, coded in pictures:
        (image,) = decoder.decode(av.Packet(coded))
        seen = image.to_ndarray(format="bgr24")[-1, -1, 0]
        assert abs(int(seen) - grey(number)) < 12
    assert all(len(one[4]) == 2 * 960 for one in sounds)
    assert np.frombuffer(sounds[5][4], np.int16).any()


def test_a_new_viewer_asks_for_a_keyframe():
    got: list[str | bytes] = []

    async def send(message: str | bytes) -> None:
        got.append(message)

    async def watch() -> int:
        asked: list[None] = []
        sink = WebSocketSink(send)
        sink.ask_keyframe = lambda: asked.append(None)
        await sink.open(a_format())
        for frame in frames(a_format(), 5)[2:]:
            await sink.send(frame)
        await asyncio.sleep(0.01)
        await sink.close()
        return len(asked)

    assert asyncio.run(watch()) == 1
    assert got == []  # nothing that cannot be shown, and no sound before the first picture


def test_a_viewer_that_reads_nothing_is_lost_and_stops_nobody():
    async def send(message: str | bytes) -> None:
        await asyncio.sleep(60)

    async def watch() -> WebSocketSink:
        sink = WebSocketSink(send, stall_seconds=0.2)
        session = await FakeSession(sink, speed=10, keyframe_every=10).start()
        await asyncio.wait_for(sink.lost.wait(), 5)
        while session.error is None:
            await asyncio.sleep(0.01)
        await session.close()
        raise session.error

    with pytest.raises(MediaError, match="viewer has gone"):
        asyncio.run(watch())


def test_a_viewer_who_is_slow_for_a_moment_goes_on_at_a_keyframe():
    gate, got = asyncio.Event(), []

    async def send(message: str | bytes) -> None:
        await gate.wait()
        got.append(message)

    async def watch() -> tuple[WebSocketSink, FakeSession]:
        sink = WebSocketSink(send)
        session = await FakeSession(sink, speed=10).start()
        while not sink.dropped:
            await asyncio.sleep(0.01)
        gate.set()
        count = session.sent
        while session.sent < count + 10:
            await asyncio.sleep(0.01)
        await session.close()
        return sink, session

    sink, session = asyncio.run(watch())
    sent = [parse(message) for message in got if isinstance(message, bytes)]
    pictures = [one for one in sent if one[0] == 1]
    after = next(one for before, one in pairwise(pictures) if one[2] > before[2] + 1)
    assert after[1] == 1, "the first picture after the gap can be decoded"
    assert session.keyframes_asked >= 1


def test_transparency_travels_beside_the_picture():
    frame = LiveFrame(7, 0.28, b"picture", True, b"ss", b"alpha")
    kinds = {parse(message)[0]: parse(message)[4] for message in messages(frame)}
    assert kinds == {1: b"picture", 3: b"alpha", 2: b"ss"}
    assert codec_string("vp9", b"") == "vp09.00.10.08"
    assert codec_string("h264", b"\0\0\0\1\x67\x42\xc0\x1e...") == "avc1.42C01E"
