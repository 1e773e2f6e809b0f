"""A session as a stream: to a server on this machine, and to files."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import replace

import av
import numpy as np
import pytest
from tests.live_session import FakeSession, a_format, filler, frames, grey

from lipwright.core.errors import MediaError, UsageError
from lipwright.pipeline.live.frames import LiveFrame
from lipwright.pipeline.live.sinks.rtmp import RtmpSink

SERVER = """
import sys, av, json
url, most = sys.argv[1], int(sys.argv[2])
seen = []
with av.open(url, options={"listen": "1", "timeout": "20"}) as stream:
    video, audio = stream.streams.video[0], stream.streams.audio[0]
    for packet in stream.demux():
        if packet.size:
            seen.append((packet.stream.type, float(packet.pts * packet.time_base)))
        if len(seen) >= most:
            break
    codecs = [video.codec_context.name, audio.codec_context.name, video.width]
print(json.dumps({"codecs": codecs, "seen": seen}))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listen(url: str, most: int) -> subprocess.Popen[str]:
    """A media server for one stream, which leaves after so many packets."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, url, str(most)], stdout=subprocess.PIPE, text=True
    )
    port = int(url.split(":")[2].split("/")[0])
    wait_until_bound(port)
    return server


def wait_until_bound(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return
        time.sleep(0.02)
    raise AssertionError("the server did not come up")


def result(server: subprocess.Popen[str]) -> dict:
    out, _ = server.communicate(timeout=20)
    return json.loads(out)


def test_a_server_gets_picture_and_sound_on_one_clock():
    url = f"rtmp://127.0.0.1:{free_port()}/live/key"
    server = listen(url, 60)

    async def stream() -> RtmpSink:
        sink = RtmpSink(url)
        session = await FakeSession(sink, speed=2).start()
        await session.say("a tone of a second or so")
        while server.poll() is None and session.error is None and session.sent < 500:
            await asyncio.sleep(0.05)
        await session.close()
        return sink

    sink = asyncio.run(stream())
    got = result(server)
    assert got["codecs"] == ["h264", "aac", 96]
    video = [at for kind, at in got["seen"] if kind == "video"]
    audio = [at for kind, at in got["seen"] if kind == "audio"]
    assert np.allclose(np.diff(video), 0.04, atol=0.002)
    assert video[0] - audio[0] == pytest.approx(1024 / 48000, abs=0.002)  # AAC's own run-in
    assert abs(video[-1] - audio[-1]) < 0.2
    assert sink.connections == 1 and sink.dropped == 0


def test_a_lost_connection_is_made_again():
    port = free_port()
    url = f"rtmp://127.0.0.1:{port}/live/key"
    first = listen(url, 30)

    async def stream() -> int:
        sink = RtmpSink(url)
        session = await FakeSession(sink).start()
        while first.poll() is None:
            await asyncio.sleep(0.05)
        second = await asyncio.to_thread(listen, url, 30)
        until = time.monotonic() + 20
        while second.poll() is None and time.monotonic() < until:
            await asyncio.sleep(0.05)
        assert session.error is None
        assert session.keyframes_asked >= 2  # each connection begins with a keyframe
        await session.close()
        got = await asyncio.to_thread(result, second)
        assert min(at for _, at in got["seen"]) == pytest.approx(0, abs=0.05)
        return sink.connections

    assert asyncio.run(stream()) == 2


def test_a_server_that_is_not_there_is_named_and_the_key_is_not():
    port = free_port()

    async def stream() -> None:
        sink = RtmpSink(f"rtmp://127.0.0.1:{port}/live/secret-key")
        session = await FakeSession(sink).start()
        until = time.monotonic() + 10
        while session.error is None and time.monotonic() < until:
            await asyncio.sleep(0.05)
        await session.close()
        assert session.error is not None
        raise session.error

    with pytest.raises(MediaError, match=rf"rtmp://127.0.0.1:{port} did not take") as caught:
        asyncio.run(stream())
    assert "secret" not in str(caught.value)
    assert "refused" in str(caught.value)


def amf(*values: object) -> bytes:
    """Values as an RTMP server sends them."""
    coded = b""
    for value in values:
        if isinstance(value, str):
            coded += b"\x02" + struct.pack(">H", len(value)) + value.encode()
        elif isinstance(value, float):
            coded += b"\x00" + struct.pack(">d", value)
        elif isinstance(value, dict):
            pairs = (struct.pack(">H", len(k)) + k.encode() + amf(v) for k, v in value.items())
            coded += b"\x03" + b"".join(pairs) + b"\0\0\x09"
        else:
            coded += b"\x05"
    return coded


def refuse(listener: socket.socket, why: str) -> None:
    """Shake hands with one client, and refuse what it asks for."""
    client, _ = listener.accept()
    with client, client.makefile("rb") as asked:
        asked.read(1537)
        client.sendall(b"\x03" + bytes(1536) + bytes(1536))
        asked.read(1536 + 12)
        answer = amf("_error", 1.0, None, {"level": "error", "description": why})
        head = b"\x03\0\0\0" + len(answer).to_bytes(3, "big") + b"\x14" + bytes(4)
        client.sendall(head + answer)
        client.settimeout(5)
        with contextlib.suppress(OSError):
            while client.recv(4096):
                pass


def test_what_a_server_says_is_told_without_the_key():
    async def stream(port: int) -> None:
        sink = RtmpSink(f"rtmp://127.0.0.1:{port}/live/abc123")
        session = await FakeSession(sink).start()
        until = time.monotonic() + 10
        while session.error is None and time.monotonic() < until:
            await asyncio.sleep(0.05)
        await session.close()
        assert session.error is not None
        raise session.error

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = threading.Thread(target=refuse, args=(listener, "abc123 is not live"))
        server.start()
        with pytest.raises(MediaError, match=r"did not take .*Server error: \.\.\. is not live"):
            asyncio.run(stream(listener.getsockname()[1]))
        server.join(10)


def test_a_server_that_never_answers_stops_nobody():
    """FFmpeg would wait for it for ever, and all of Python with it."""

    async def stream(port: int) -> None:
        sink = RtmpSink(f"rtmp://127.0.0.1:{port}/live/key", connect_seconds=0.5)
        session = await FakeSession(sink, speed=2).start()
        worst, until = 0.0, time.monotonic() + 10
        while session.error is None and time.monotonic() < until:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            worst = max(worst, time.monotonic() - before)
        await session.close()
        assert worst < 0.5
        assert session.error is not None
        raise session.error

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(MediaError, match="does not answer"):
            asyncio.run(stream(silent.getsockname()[1]))


def heavy(frame: LiveFrame) -> LiveFrame:
    """The same picture, coded in 60 kB."""
    return replace(frame, picture=frame.picture + filler(60_000))


def test_a_server_that_takes_no_more_loses_pictures_and_then_the_connection():
    """Over tcp:// there is no handshake: a plain listener that never reads will do."""
    made = [heavy(frame) for frame in frames(a_format(), 50)]

    async def stream(port: int) -> RtmpSink:
        asked: list[None] = []
        sink = RtmpSink(f"tcp://127.0.0.1:{port}", stall_seconds=0.5, patience=0.1)
        sink.ask_keyframe = lambda: asked.append(None)
        await sink.open(a_format())
        with pytest.raises(MediaError, match="lost the stream .it takes no more"):
            for number in range(4000):
                await sink.send(replace(made[number % 50], number=number))
                await asyncio.sleep(0.002)
        await sink.close()
        assert len(asked) >= 2  # at the beginning, and after pictures were dropped
        return sink

    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        sink = asyncio.run(stream(deaf.getsockname()[1]))
    assert sink.connections == 1
    assert sink.dropped > 0


@pytest.mark.parametrize("name", ["evening.flv", "evening.ts", "evening.mkv"])
def test_a_file_holds_every_frame_and_the_whole_sound(tmp_path, name):
    form = a_format()

    async def write() -> None:
        sink = RtmpSink(tmp_path / name)
        await sink.open(form)
        for frame in frames(form, 12):
            await sink.send(frame)
        await sink.close()

    asyncio.run(write())
    with av.open(str(tmp_path / name)) as container:
        shown = [frame.to_ndarray(format="gray").mean() for frame in container.decode(video=0)]
    assert len(shown) == 12
    assert np.argmax(shown) == 9 and shown[0] < shown[4] < shown[8]
    assert grey(9) > grey(0)
    with av.open(str(tmp_path / name)) as container:
        sound = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    assert len(sound) >= 0.48 * 48000
    assert np.abs(sound).max() > 0.1


def test_frames_that_were_dropped_leave_silence_and_no_drift(tmp_path):
    form = a_format()
    made = frames(form, 20)

    async def write() -> None:
        sink = RtmpSink(tmp_path / "gap.mkv")
        await sink.open(form)
        for frame in made[:5] + made[15:]:
            await sink.send(frame)
        await sink.close()

    asyncio.run(write())
    with av.open(str(tmp_path / "gap.mkv")) as container:
        ends = {}
        for packet in container.demux():
            if packet.size:
                end = (packet.pts + (packet.duration or 0)) * packet.time_base
                ends[packet.stream.type] = float(end)
    assert ends["video"] == pytest.approx(0.8, abs=0.07)
    assert ends["audio"] == pytest.approx(0.8, abs=0.07)


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    async def write() -> None:
        form = a_format()
        sink = RtmpSink(tmp_path / "nowhere" / "a.flv")
        await sink.open(form)
        for frame in frames(form, 3):
            await sink.send(frame)
        for _ in range(200):
            await asyncio.sleep(0.05)
            with contextlib.suppress(StopIteration):
                await sink.send(frame)

    with pytest.raises(MediaError, match="Cannot write .*nowhere.*No such file"):
        asyncio.run(write())


def test_an_address_whose_container_is_not_known_asks_for_it():
    with pytest.raises(UsageError, match="container"):
        RtmpSink("gopher://example.invalid/x")
