"""Webhooks: signed, tried again, and never sent into the server's own network."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tests.server.conftest import opened, until

from lipwright.core.errors import UsageError
from lipwright.server.folder import new_id
from lipwright.server.ledger.deliveries import Delivery
from lipwright.server.webhooks import Refused, check_url, is_public, post

SECRET = "a secret of the client"


class Receiver:
    """A client's server on the loopback, which answers with these statuses in turn."""

    def __init__(self, *statuses: int) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        left = list(statuses)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                self.send_response(left.pop(0) if len(left) > 1 else left[0])
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=b"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(request: pytest.FixtureRequest) -> Iterator[Receiver]:
    found = Receiver(*getattr(request, "param", (200,)))
    yield found
    found.server.shutdown()
    found.server.server_close()


def order(client, url: str) -> str:
    """A video of which the end is to be told, and that has ended."""
    services, source = client.app.state.services, new_id()
    facts = {"kind": "image", "type": "image/png"}
    services.assets.add(source, facts, "a.png", 5)
    request = {"source": source, "text": "Hello"}
    video, _ = services.videos.add(request, "a", webhook=(url, SECRET))
    services.videos.cancel(video.id)
    return video.id


@pytest.mark.parametrize("receiver", [(500, 302, 200)], indirect=True)
def test_the_end_of_a_video_is_told_until_it_is_taken(tmp_path, receiver, monkeypatch):
    monkeypatch.setattr("lipwright.server.ledger.deliveries.WAITS", (0.01,) * 6)
    monkeypatch.setattr("lipwright.server.webhooks.POLL_SECONDS", 0.05)
    with opened(tmp_path, private_webhooks=True) as client:
        name = order(client, receiver.url)
        until(lambda: len(receiver.got) == 3)
        database = client.app.state.services.database
        until(lambda: database.row("SELECT state FROM deliveries")[0] == "done")
        assert 'lipwright_webhooks_total{state="done"} 1' in client.get("/metrics").text
    assert len({headers["Lipwright-Delivery"] for headers, _ in receiver.got}) == 1
    for headers, body in receiver.got:
        signed = f"{headers['Lipwright-Timestamp']}.".encode() + body
        expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        assert headers["Lipwright-Signature"] == f"v1={expected}"
        told = json.loads(body)
        assert (told["type"], told["video"]["id"]) == ("video.cancelled", name)
        assert told["id"] == headers["Lipwright-Delivery"]
    assert b"elsewhere" not in b"".join(body for _, body in receiver.got)


def test_nothing_is_sent_to_an_address_that_is_not_public(tmp_path, receiver, monkeypatch):
    monkeypatch.setattr("lipwright.server.webhooks.POLL_SECONDS", 0.05)
    with opened(tmp_path) as client:
        order(client, receiver.url)
        database = client.app.state.services.database
        until(lambda: database.row("SELECT state FROM deliveries WHERE state = 'refused'"))
    assert receiver.got == []


@pytest.mark.parametrize("found", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::1"]])
def test_what_a_name_leads_to_is_looked_at(monkeypatch, found):
    """Each address that the name has, whatever the name says."""
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(Refused):
        post(Delivery("id", "https://public.example.com/", SECRET, "{}", 0), private=False)


def test_the_address_that_was_looked_at_is_the_one_that_is_called(monkeypatch):
    called = []
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)

    def connect(address, timeout):
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(ConnectionRefusedError):
        post(Delivery("id", "http://public.example.com/", SECRET, "{}", 0), private=False)
    assert called == [("93.184.216.34", 80)]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "0.0.0.0",
     "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0",
     "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
     "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1", "192.0.2.1"],
)  # fmt: skip
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111"])
def test_addresses_that_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com", "https://", "example.com", "https://u:p@example.com", "http://[::1",
     "https://example.com:99999", "https://example.com:0", "javascript:alert(1)",
     "https://example.com/" + "x" * 2000, "https://example.com/\r\nX: y", "https://exämple.com"],
)  # fmt: skip
def test_addresses_that_are_none(url):
    with pytest.raises(UsageError):
        check_url(url)


def test_who_orders_a_video_can_have_its_end_told(client, picture):
    hook = {"url": "https://example.com/hook", "secret": SECRET}
    order = {"source": picture, "text": "wait", "webhook": hook}
    answer = client.post("/v1/videos", json=order)
    assert answer.status_code == 202
    assert SECRET not in answer.text and "webhook" not in answer.text
    services = client.app.state.services
    client.portal.call(services.webhooks.stop)  # nobody's server is to be called
    client.post(f"/v1/videos/{answer.json()['id']}/cancel")
    row = services.database.row("SELECT url, secret FROM deliveries")
    assert tuple(row) == ("https://example.com/hook", SECRET)
