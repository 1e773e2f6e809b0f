"""A live session over WebRTC: the offer, the channel, and the end."""

from __future__ import annotations

import asyncio
import sys

import aiortc
import pytest
from tests.pipeline.live.test_webrtc import Browser, only_here  # noqa: F401

OFFER = {"type": "offer", "sdp": "v=0"}


async def connect(server, browser: Browser) -> str:
    """Connect as a page does; return the session's id."""
    await browser.peer.setLocalDescription(await browser.peer.createOffer())
    sent = {"ticket": server.ticket(transport="webrtc"), "type": "offer"}
    sent["sdp"] = browser.peer.localDescription.sdp
    answer = await asyncio.to_thread(server.post, "/v1/live/offer", json=sent)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    await browser.peer.setRemoteDescription(aiortc.RTCSessionDescription(told["sdp"], told["type"]))
    return told["session"]


async def told(browser: Browser, kind: str) -> dict:
    async with asyncio.timeout(10):
        while True:
            for one in browser.told:
                if one["type"] == kind:
                    browser.told.remove(one)
                    return one
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("codec", ["video/H264", "video/VP8"])
def test_a_browser_sees_speaks_and_leaves(server, codec):
    async def visit() -> None:
        browser = Browser(codec, microphone=True)
        name = await connect(server, browser)
        ready = await told(browser, "ready")
        assert ready["session"] == name and (ready["width"], ready["height"]) == (96, 96)
        assert ready["codec"] == codec.removeprefix("video/").lower()
        await asyncio.wait_for(browser.see(3), 10)
        browser.channel.send('{"type":"say","text":"hello over there"}')
        while (await told(browser, "state"))["state"] != "speaking":
            pass
        browser.channel.send('{"type":"ping","time":3}')
        assert (await told(browser, "pong"))["time"] == 3
        while len(server.made[0].heard) < 2:
            await asyncio.sleep(0.02)
        await asyncio.to_thread(server.post, f"/v1/live/{name}/leave")
        await server.until_empty()
        await browser.peer.close()

    asyncio.run(visit())
    (session,) = server.made
    assert session.closed and session.said == ["hello over there"]
    assert session.heard[1] == (640, 16000)
    assert session.sink.coding == ("h264" if codec == "video/H264" else "bgr")


def test_a_browser_that_is_closed_frees_its_session(server):
    async def visit() -> None:
        browser = Browser()
        await connect(server, browser)
        await told(browser, "ready")
        await browser.peer.close()
        await server.until_empty()

    asyncio.run(visit())
    assert server.made[0].closed


def test_a_browser_without_a_word_is_gone(server):
    async def visit() -> None:
        browser = Browser()
        await connect(server, browser)
        await told(browser, "ready")
        await server.until_empty()
        await browser.peer.close()

    asyncio.run(visit())
    assert server.metrics()['lipwright_live_ends_total{reason="silent"}'] == 1


def test_a_browser_that_floods_loses_its_session(server):
    async def visit() -> None:
        browser = Browser()
        await connect(server, browser)
        await told(browser, "ready")
        for _ in range(2000):
            browser.channel.send('{"type":"ping"}')
        await server.until_empty()
        await browser.peer.close()

    asyncio.run(visit())
    ends = {name for name, count in server.metrics().items() if "live_ends_total" in name}
    assert ends <= {f'lipwright_live_ends_total{{reason="{why}"}}' for why in ("flood", "lost")}
    assert ends and server.made[0].closed


def test_an_offer_needs_its_ticket(server):
    assert server.post("/v1/live/offer", json={"ticket": "none", **OFFER}).status_code == 403
    for_socket = server.ticket()
    assert server.post("/v1/live/offer", json={"ticket": for_socket, **OFFER}).status_code == 403


def test_an_offer_that_is_none_is_a_problem(server):
    ticket = server.ticket(transport="webrtc")
    answer = server.post("/v1/live/offer", json={"ticket": ticket, **OFFER})
    assert answer.status_code == 422
    assert "browser's offer" in answer.json()["detail"]


def test_without_the_extra_there_is_no_ticket(server, monkeypatch):
    monkeypatch.setitem(sys.modules, "aiortc", None)
    monkeypatch.setattr("lipwright.server.live.sessions.has_webrtc", lambda: False)
    wanted = {"source": server.image, "transport": "webrtc"}
    answer = server.post("/v1/live/tickets", json=wanted)
    assert answer.status_code == 501 and "lipwright[live]" in answer.json()["detail"]
