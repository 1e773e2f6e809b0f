"""A live session over a WebSocket, with a server as it is."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from tests.live_session import FakeSession
from tests.server.live.conftest import LiveServer, Viewer

from lipwright.server.live.limits import LiveLimits


def test_a_ticket_opens_a_session_that_speaks(server):
    async def visit() -> None:
        async with server.connect() as socket:
            viewer = Viewer(socket)
            ready = await viewer.until("ready")
            assert (ready["width"], ready["height"], ready["rate"]) == (96, 96, 24000)
            assert ready["fps"] == "25/1" and ready["codec"].startswith("avc1.42")
            await viewer.until("state", state="idle")
            await viewer.say("say", text="hello there")
            await viewer.until("state", state="speaking")
            await viewer.see(3)
            assert viewer.pictures[0][1], "the first picture stands alone"
            assert max(np.frombuffer(s, np.int16).max() for s in viewer.sounds) > 3000
            await viewer.say("ping", time=12.5)
            assert (await viewer.until("pong"))["time"] == 12.5
            await viewer.until("state", state="idle")
        await server.until_empty()

    asyncio.run(visit())
    (session,) = server.made
    assert session.closed and session.said == ["hello there"]
    found = server.metrics()
    assert found["lipwright_live_sessions"] == 0
    assert found["lipwright_live_sessions_total"] == 1
    assert found['lipwright_live_ends_total{reason="left"}'] == 1
    assert found["lipwright_live_first_frame_seconds_count"] == 1
    assert found["lipwright_live_first_sound_seconds_count"] == 1
    assert found["lipwright_live_first_sound_seconds_sum"] < 1
    assert found["lipwright_live_frames_total"] > 5
    assert found["lipwright_cpu_cores_used"] == 0


def test_texts_in_pieces_and_an_interruption(server):
    async def visit() -> None:
        async with server.connect() as socket:
            viewer = Viewer(socket)
            await viewer.until("state", state="idle")
            for piece in ("It is ", "a long", " story, and it takes a while."):
                await viewer.say("piece", text=piece)
            await viewer.until("state", state="speaking")
            await viewer.say("interrupt")
            await viewer.until("interrupted")
            await viewer.say("piece", text=" of which nobody hears")
            await viewer.say("end")
            await viewer.until("state", state="idle")
            await viewer.say("piece", text="Another.")
            await viewer.say("end")
            await viewer.until("state", state="speaking")

    asyncio.run(visit())
    (session,) = server.made
    assert session.interrupted == 1
    assert session.said == ["It is ", "a long", " story, and it takes a while.", "Another."]


def test_the_microphone_is_heard(server):
    async def visit() -> None:
        async with server.connect() as socket:
            viewer = Viewer(socket)
            await viewer.until("state", state="idle")
            await viewer.say("microphone", rate=16000)
            await viewer.until("state", state="listening")
            for _ in range(5):
                await socket.send(bytes(640))
            await viewer.say("microphone", rate=0)
            await viewer.until("state", state="idle")

    asyncio.run(visit())
    assert server.made[0].heard == [(640, 16000)] * 5


def test_two_at_once_and_no_more_than_there_is_room_for(tmp_path):
    async def visit(server: LiveServer) -> None:
        async with server.connect() as one, server.connect() as other:
            first, second = Viewer(one), Viewer(other)
            await first.until("ready")
            await second.until("ready")
            refused = server.post("/v1/live/tickets", json={"source": server.image})
            assert refused.status_code == 429
            assert refused.headers["content-type"] == "application/problem+json"
            assert int(refused.headers["retry-after"]) > 0
            assert "live sessions" in refused.json()["detail"]
            await first.say("say", text="only here")
            await first.until("state", state="speaking")
            await second.see(5)
            assert [session.said for session in server.made] == [["only here"], []]

    with LiveServer(tmp_path, cpu_budget=2.0) as server:
        asyncio.run(visit(server))


def test_a_ticket_without_room_when_it_is_used(tmp_path):
    async def visit(server: LiveServer) -> None:
        late = server.ticket()
        async with server.connect() as one:
            await Viewer(one).until("ready")
            async with server.connect(late) as other:
                code, (error,) = await Viewer(other).end()
        assert code == 4429 and "live sessions" in error["detail"]

    with LiveServer(tmp_path, cpu_budget=1.0) as server:
        asyncio.run(visit(server))


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"source": "nobody-knows-this-one"}, 404), ({"source": "../etc/passwd"}, 404), ({}, 422),
        ({"motion": "wild"}, 422), ({"quality": "best"}, 422),
        ({"source": "x", "transport": "pigeon"}, 422), ({"source": "x", "rate": 9}, 422),
    ],
)  # fmt: skip
def test_tickets_that_cannot_be(server, wanted, status):
    if set(wanted) <= {"motion", "quality"} and wanted:
        wanted = {"source": server.image, **wanted}
    answer = server.post("/v1/live/tickets", json=wanted)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_sound_is_no_face(server):
    answer = server.post("/v1/live/tickets", json={"source": server.add("audio")})
    assert answer.status_code == 422 and "picture" in answer.json()["detail"]


def test_a_face_that_is_not_found_is_told(server):
    async def visit() -> None:
        async with server.connect(server.ticket(voice="faceless")) as socket:
            code, (error,) = await Viewer(socket).end()
        assert code == 1011
        assert error["detail"] == "No face was found in the picture: give one with a face."
        await server.until_empty()

    asyncio.run(visit())


def test_the_page_that_leaves_frees_its_session(server):
    async def visit() -> None:
        async with server.connect() as socket:
            viewer = Viewer(socket)
            name = (await viewer.until("ready"))["session"]
            answer = await asyncio.to_thread(server.post, f"/v1/live/{name}/leave")
            assert answer.status_code == 204
            code, errors = await viewer.end()
            assert (code, errors) == (1000, [])
        assert server.post(f"/v1/live/{name}/leave").status_code == 204
        await server.until_empty()

    asyncio.run(visit())


def test_the_server_ends_with_sessions_open(tmp_path):
    async def visit(server: LiveServer) -> None:
        async with server.connect() as socket:
            await Viewer(socket).until("ready")
            await asyncio.to_thread(server.__exit__)

    server = LiveServer(tmp_path, LiveLimits())
    server.__enter__()
    asyncio.run(visit(server))
    assert all(session.closed for session in server.made)


def test_with_a_token_the_ticket_is_enough(tmp_path):
    token = "a-long-enough-token"

    async def visit(server: LiveServer, ticket: str) -> None:
        async with server.connect(ticket) as socket:
            name = (await Viewer(socket).until("ready"))["session"]
            assert server.post(f"/v1/live/{name}/leave").status_code == 204

    with LiveServer(tmp_path, token=token) as server:
        wanted = {"source": server.image}
        assert server.post("/v1/live/tickets", json=wanted).status_code == 401
        answer = server.post(
            "/v1/live/tickets", json=wanted, headers={"Authorization": f"Bearer {token}"}
        )
        asyncio.run(visit(server, answer.json()["ticket"]))


def test_a_page_may_be_silent_until_the_session_has_begun(server, monkeypatch):
    opens = FakeSession.open

    async def slowly(session: FakeSession) -> None:
        await asyncio.sleep(2)  # longer than the silence that ends a session
        await opens(session)

    monkeypatch.setattr(FakeSession, "open", slowly)

    async def visit() -> None:
        async with server.connect() as socket:
            await Viewer(socket, pings=False).until("ready")

    asyncio.run(visit())
