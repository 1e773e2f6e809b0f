"""How live sessions become a part of the server."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from lipwright.core.errors import UsageError
from lipwright.server.live.limits import LiveLimits
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
    assert (session._voice.name, session._voice.rate) == ("vikram", 1.2)
    assert (session.options.motion, session.options.quality) == ("subtle", "low")
    assert session._sink is sink and session._voices is voices and session._coding == "h264"


def test_limits_leave_room_for_people_and_tokens():
    limits = LiveLimits()
    assert limits.messages_per_second >= 50  # tokens of a fast language model
    assert limits.silence_seconds == 6.0 and limits.ticket_seconds == 60.0
    assert limits.text_characters == 20_000
