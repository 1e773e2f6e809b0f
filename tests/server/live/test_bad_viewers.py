"""Viewers that do what they should not: they end, with a sentence, and nobody else notices."""

from __future__ import annotations

import asyncio
import os
import socket as sockets
import time
from contextlib import asynccontextmanager

import pytest
import websockets
from tests.server.live.conftest import LiveServer, Viewer

from lipwright.server.live.limits import Allowance, LiveLimits
from lipwright.server.live.tickets import Order, Tickets
from lipwright.server.problems import Problem


@asynccontextmanager
async def bystander(server: LiveServer):
    """Somebody else, whose session goes on without a gap."""
    async with server.connect() as socket:
        viewer = Viewer(socket)
        await viewer.until("ready")
        began = time.monotonic()

        async def watch() -> None:
            while True:
                await viewer.see(5)

        watching = asyncio.create_task(watch())
        yield
        seconds = time.monotonic() - began
        await asyncio.sleep(0.3)
        assert not watching.done(), watching
        watching.cancel()
        numbers = [number for number, _ in viewer.pictures]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert len(numbers) > 15 * seconds


def bad(server: LiveServer, misbehave, expected: str, code: int) -> None:
    """One viewer misbehaves while another watches."""

    async def visit() -> None:
        async with bystander(server):
            async with server.connect() as socket:
                viewer = Viewer(socket)
                await viewer.until("ready")
                task = asyncio.create_task(misbehave(viewer))
                closed, errors = await viewer.end()
                task.cancel()
                assert closed == code
                assert any(expected in error["detail"] for error in errors), errors

    asyncio.run(visit())


def test_a_flood_of_messages_ends_its_session(server):
    async def flood(viewer: Viewer) -> None:
        for _ in range(5000):
            await viewer.say("ping", time=1)

    bad(server, flood, "faster than they can be taken", 1008)


def test_a_flood_of_sound_ends_its_session(server):
    async def flood(viewer: Viewer) -> None:
        await viewer.say("microphone", rate=16000)
        for _ in range(5000):
            await viewer.socket.send(bytes(640))

    bad(server, flood, "faster than it can be", 1008)


def test_junk_ends_its_session(server):
    async def junk(viewer: Viewer) -> None:
        for _ in range(10):
            await viewer.socket.send(os.urandom(100))

    bad(server, junk, "no microphone is on", 1008)


def test_a_message_that_is_far_too_large_ends_its_session(server):
    async def shout(viewer: Viewer) -> None:
        with pytest.raises(websockets.ConnectionClosed):
            await viewer.say("say", text="x" * (2 << 20))
            await asyncio.sleep(5)

    async def visit() -> None:
        async with bystander(server), server.connect() as socket:
            viewer = Viewer(socket)
            await viewer.until("ready")
            task = asyncio.create_task(shout(viewer))
            code, _ = await viewer.end()
            task.cancel()
            assert code in (1009, 1006)  # unread bytes may reset the connection first

    asyncio.run(visit())


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("nonsense", "no JSON"), ("[" * 5000, "no JSON"), ("[]", "no type"), ("{}", "no type"),
        ('{"type":"dance"}', "no type"), ('{"type":"say"}', "no text"),
        ('{"type":"say","text":7}', "no text"), ('{"type":"say","text":"  "}', "no text"),
        ('{"type":"say","text":"\\ud800"}', "half a character"),
        ('{"type":"say","text":"%s"}' % ("x" * 20_001), "at most 20000"),
        ('{"type":"say","text":"unspeakable"}', "nothing to say"),
        ('{"type":"microphone","rate":"high"}', "no whole number"),
        ('{"type":"microphone","rate":4000}', "4000 Hz cannot be heard"),
        (b"", "no microphone is on"),
    ],
    ids=range(14),
)  # fmt: skip
def test_what_cannot_be_used_is_told_and_the_session_goes_on(server, message, sentence):
    async def visit() -> None:
        async with server.connect() as socket:
            viewer = Viewer(socket)
            await viewer.until("ready")
            await socket.send(message)
            assert sentence in (await viewer.until("error"))["detail"]
            await viewer.say("say", text="still here")
            await viewer.until("state", state="speaking")

    asyncio.run(visit())


def test_half_a_sample_is_told(server):
    async def visit() -> None:
        async with server.connect() as socket:
            viewer = Viewer(socket)
            await viewer.until("ready")
            await viewer.say("microphone", rate=8000)
            await socket.send(b"\0\0\0")
            assert "within a sample" in (await viewer.until("error"))["detail"]
            await socket.send(bytes(320))
            await viewer.see(2)
            assert server.made[0].heard == [(320, 8000)]

    asyncio.run(visit())


def test_a_text_in_pieces_that_never_ends_is_cut_off(tmp_path):
    async def visit(server: LiveServer) -> None:
        async with server.connect() as socket:
            viewer = Viewer(socket)
            await viewer.until("ready")
            for _ in range(4):
                await viewer.say("piece", text="x" * 400)
            assert "more than 1000 characters" in (await viewer.until("error"))["detail"]
            await viewer.say("end")
            await viewer.say("say", text="short")
            await viewer.until("state", state="speaking")
            await viewer.see(2)
        assert "".join(server.made[0].said) == "x" * 800 + "short"

    with LiveServer(tmp_path, LiveLimits(text_characters=1000)) as server:
        asyncio.run(visit(server))


def test_too_many_texts_at_once_are_refused(server):
    async def visit() -> None:
        async with server.connect() as socket:
            viewer = Viewer(socket)
            await viewer.until("ready")
            await viewer.say("piece", text="never ends")
            for _ in range(9):
                await viewer.say("say", text="more")
            assert "Too many texts" in (await viewer.until("error"))["detail"]
            await viewer.say("interrupt")
            await viewer.until("interrupted")
            await viewer.say("end")
            await viewer.say("say", text="again")
            await viewer.see(3)
        assert server.made[0].said == ["never ends", "again"]

    asyncio.run(visit())


def test_a_viewer_that_stops_reading_is_given_up(tmp_path):
    limits = LiveLimits(silence_seconds=60, stall_seconds=2.0)

    async def visit(server: LiveServer) -> None:
        async with bystander(server):
            ticket = server.ticket(voice="heavy")
            host, port = server.address.split(":")
            deaf = sockets.socket()
            deaf.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
            deaf.connect((host, int(port)))
            deaf.setblocking(False)
            async with server.connect(ticket, sock=deaf, max_queue=1) as socket:
                await Viewer(socket).until("ready")
                socket.transport.pause_reading()
                async with asyncio.timeout(20):
                    while server.running() > 1:
                        await Viewer(socket).say("ping", time=0)
                        await asyncio.sleep(0.1)
                socket.transport.abort()

    with LiveServer(tmp_path / "data", limits) as server:
        asyncio.run(visit(server))
        assert server.ends()["lost"] == 1
        assert server.metrics()["lipwright_live_dropped_total"] > 0


def test_a_viewer_without_a_word_is_gone(server):
    async def visit() -> None:
        async with bystander(server), server.connect() as socket:
            began = time.monotonic()
            code, _ = await Viewer(socket, pings=False).end()
            assert code == 1001
            assert 1.4 < time.monotonic() - began < 4

    asyncio.run(visit())
    assert server.metrics()['lipwright_live_ends_total{reason="silent"}'] == 1


def test_a_viewer_that_vanishes_in_the_middle_frees_its_session(server):
    async def visit() -> None:
        async with bystander(server):
            async with server.connect() as socket:
                viewer = Viewer(socket)
                await viewer.until("ready")
                await viewer.say("say", text="a long text " * 20)
                await viewer.see(2)
                socket.transport.write(b"\x81\xfe\x10")  # the beginning of a frame, and no more
                socket.transport.abort()
            while server.running() > 1:
                await asyncio.sleep(0.02)

    asyncio.run(asyncio.wait_for(visit(), 10))
    assert server.made[1].closed


def test_a_ticket_opens_one_session_only(server):
    async def visit() -> None:
        async with bystander(server):
            ticket = server.ticket()
            async with server.connect(ticket) as socket:
                first = Viewer(socket)
                await first.until("ready")
                for used in (ticket, "", "x" * 1000, server.ticket(transport="webrtc")):
                    async with server.connect(used) as second:
                        code, (error,) = await Viewer(second).end()
                    assert code == 4403 and "ask for a new one" in error["detail"]
                await first.see(2)

    asyncio.run(visit())
    assert len(server.made) == 2


def test_tickets_grow_old_and_are_not_endless():
    now = [0.0]
    tickets = Tickets(LiveLimits(ticket_seconds=60, tickets=2), lambda: now[0])
    order = Order("face", "websocket")
    old = tickets.issue(order)
    now[0] = 59
    tickets.issue(order)
    with pytest.raises(Problem, match="Too many tickets") as refused:
        tickets.issue(order)
    assert refused.value.status == 429
    now[0] = 60
    with pytest.raises(Problem, match="too old"):
        tickets.use(old, "websocket")
    assert tickets.use(tickets.issue(order), "websocket") == order
    assert len(tickets) == 1


def test_an_allowance_grows_back():
    now = [0.0]
    allowance = Allowance(10, 5, lambda: now[0])
    assert [allowance.take() for _ in range(6)] == [True] * 5 + [False]
    now[0] = 0.25
    assert [allowance.take() for _ in range(3)] == [True, True, False]
    now[0] = 100
    assert allowance.take(5) and not allowance.take()
