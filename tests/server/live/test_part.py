"""How live sessions become a part of the server."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from tests.live_session import FakeSession
from tests.server.live.conftest import LiveServer, Viewer

from lipwright.core.errors import UsageError
from lipwright.server.live.limits import LiveLimits
from lipwright.server.live.messages import parse
from lipwright.server.live.part import LivePart, ice_servers_of_environment
from lipwright.server.live.sessions import open_session
from lipwright.server.live.tickets import Order
from lipwright.server.parts import usual_parts

TURN = [{"urls": ["turn:turn.example.com:3478"], "username": "u", "credential": "secret"}]


def test_every_server_has_live_sessions():
    (part,) = [part for part in usual_parts() if isinstance(part, LivePart)]
    assert part.sessions is None


def test_ice_servers_come_from_the_environment(monkeypatch, server):
    monkeypatch.setenv("LIPWRIGHT_ICE_SERVERS", json.dumps(TURN))
    assert ice_servers_of_environment() == TURN
    monkeypatch.delenv("LIPWRIGHT_ICE_SERVERS")
    assert ice_servers_of_environment() == []


@pytest.mark.parametrize(
    "text", ["turn:x", "{}", '[{"urls": "http://x"}]', '[{"urls": []}]', '[{"secret": "s"}]', "[7]"]
)
def test_ice_servers_that_cannot_be_read(monkeypatch, text):
    monkeypatch.setenv("LIPWRIGHT_ICE_SERVERS", text)
    with pytest.raises(UsageError, match="LIPWRIGHT_ICE_SERVERS cannot be read"):
        LivePart()


def test_a_session_is_what_the_ticket_says(tmp_path):
    order = Order("face", "websocket", "vikram", 1.2, motion="subtle", quality="low")
    sink: Any = SimpleNamespace(coding="h264")
    voices: Any = object()
    session: Any = open_session(tmp_path / "face", order, sink, voices)
    speaker = session._speaker
    assert (speaker._voice.name, speaker._voice.rate) == ("vikram", 1.2)
    assert (session.options.motion, session.options.quality) == ("subtle", "low")
    assert session._sink is sink and speaker._voices is voices and session._coding == "h264"


def test_limits_leave_room_for_people_and_tokens():
    limits = LiveLimits()
    assert limits.messages_per_second >= 50  # tokens of a fast language model
    assert limits.silence_seconds == 6.0 and limits.ticket_seconds == 60.0
    assert limits.text_characters == 20_000


class Voices:
    """The process that speaks."""

    def __init__(self) -> None:
        self.pid, self.closed = 7, 0

    async def close(self) -> None:
        self.closed += 1


def test_the_voice_is_unloaded_after_a_while_without_sessions(tmp_path):
    async def visit(server: LiveServer) -> None:
        async with server.connect() as socket:
            await Viewer(socket).until("ready")
            await asyncio.sleep(0.3)
            assert voices.closed == 0, "somebody is here"
        await server.until_empty()
        await asyncio.sleep(0.5)

    voices: Any = Voices()
    with LiveServer(tmp_path, idle_seconds=0.1) as server:
        assert server.part.sessions is not None
        server.part.sessions._voices = voices
        asyncio.run(visit(server))
        assert voices.closed == 1
        assert server.part.sessions.voices_loaded


def test_a_server_that_ends_begins_no_session(server):
    server.part.sessions._ending = True

    async def visit() -> None:
        async with server.connect() as socket:
            code, (error,) = await Viewer(socket).end()
        assert code == 1013 and "ending" in error["detail"]

    asyncio.run(visit())


def test_what_the_session_refuses_before_it_begins_is_told(server):
    def opener(*_):
        raise UsageError("There is no such thing: choose another.")

    server.part.sessions._opener = opener

    async def visit() -> None:
        async with server.connect() as socket:
            code, (error,) = await Viewer(socket).end()
        assert code == 1011 and error["detail"] == "There is no such thing: choose another."

    asyncio.run(visit())
    assert server.metrics()["lipwright_cpu_cores_used"] == 0


def test_a_session_that_does_not_begin_is_given_up(tmp_path, monkeypatch):
    async def never(session: FakeSession) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(FakeSession, "open", never)

    async def visit(server: LiveServer) -> None:
        async with server.connect() as socket:
            viewer = Viewer(socket)
            await viewer.say("say", text="hello")
            code, (error,) = await viewer.end()
        assert code == 1011 and "too long to begin" in error["detail"]

    with LiveServer(tmp_path, LiveLimits(opening_seconds=0.3)) as server:
        asyncio.run(visit(server))
        assert server.made[0].said == []


def test_a_program_error_is_no_business_of_the_viewer(server, monkeypatch, caplog):
    async def broken(session: FakeSession) -> None:
        raise ZeroDivisionError("a secret of the program")

    monkeypatch.setattr(FakeSession, "open", broken)

    async def visit() -> None:
        async with server.connect() as socket:
            code, (error,) = await Viewer(socket).end()
        assert code == 1011 and error["detail"] == "Something went wrong: begin the session anew."

    asyncio.run(visit())
    assert "a secret of the program" in caplog.text


def test_messages_at_their_limits():
    with pytest.raises(UsageError, match="at most 10"):
        parse("x" * 2000, 10)
    assert parse('{"type":"ping","time":1e400}', 10).time == 0.0
    assert parse('{"type":"ping","time":%s}' % ("9" * 400), 10).time == 0.0
    assert parse('{"type":"ping","time":true}', 10).time == 0.0
    assert parse('{"type":"ping","time":2}', 10).time == 2.0
