"""Who may ask: names, pages of others, the token, how often."""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect
from tests.server.conftest import URL, opened

from lipwright.core.errors import UsageError
from lipwright.server import Settings
from lipwright.server.access import Access, session_of
from lipwright.server.budget import CpuBudget
from lipwright.server.problems import Problem
from lipwright.server.rates import MOST_CLIENTS, RateLimit, client_of

TOKEN = "a-token-of-32-characters-or-more"
HERE = {"Host": "127.0.0.1:8000"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}


class LiveLike:
    """A part with a socket that needs a ticket rather than the token."""

    open_paths = ("/v1/live/socket",)

    def __init__(self) -> None:
        self.said: list[str] = []

    def routers(self):
        router = APIRouter()

        @router.websocket("/v1/live/socket")
        async def socket(connection: WebSocket) -> None:
            await connection.accept()
            await connection.send_text("hello")
            await connection.close()

        @router.websocket("/v1/live/closed")
        async def closed(connection: WebSocket) -> None:
            await connection.accept()

        return [router]

    async def start(self, services) -> None:
        self.said.append("start")
        assert services.videos.counts() == {}

    async def stop(self) -> None:
        self.said.append("stop")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    part = LiveLike()
    with opened(tmp_path_factory.mktemp("server"), [part], token=TOKEN) as found:
        yield found
    assert part.said == ["start", "stop"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/info"])
def test_what_needs_no_token(client, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/videos", "/v1/assets/x", "/v1/options", "/metrics", "/docs", "/openapi.json",
             "/v1/nothing", "/docs/style.css"],
)  # fmt: skip
def test_what_needs_the_token(client, path):
    client.cookies.clear()
    answer = client.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert "token" in answer.json()["detail"]
    assert client.get(path, headers=BEARER).status_code in (200, 404)


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": TOKEN}, {"Authorization": f"Basic {TOKEN}"}, {"Authorization": "Bearer "},
     {"Authorization": f"Bearer {TOKEN[:-1]}"}, {"Authorization": "Bearer \xff\xfe"},
     {"Cookie": f"lipwright={TOKEN}"}, {"Cookie": "lipwright="}, {"Cookie": "lipwright"},
     {"Cookie": "=;;;lipwright=\"a"}, {"Authorization": "Bearer None"}, 
     {"Cookie": "lipwright=None"}],
)  # fmt: skip
def test_what_is_not_the_token(client, headers):
    client.cookies.clear()
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    assert client.get("/v1/videos", headers=sent).status_code == 401


@pytest.mark.parametrize("way", ["login", "address"])
def test_a_browser_is_made_known_by_a_cookie(client, way):
    client.cookies.clear()
    assert client.get("/v1/info").json()["logged_in"] is False
    if way == "login":
        assert client.post("/v1/login", json={"token": "x" * 40}).status_code == 401
        answer = client.post("/v1/login", json={"token": TOKEN})
        assert answer.status_code == 204
    else:
        assert client.get("/", params={"token": "x"}, follow_redirects=False).status_code == 401
        answer = client.get("/", params={"token": TOKEN}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert TOKEN not in cookie
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(re.split("; ", cookie))
    assert "Secure" not in cookie
    assert client.get("/v1/videos").status_code == 200
    assert client.get("/v1/info").json() | {"token_needed": True, "logged_in": True} == (
        client.get("/v1/info").json()
    )
    client.cookies.clear()


def test_a_cookie_over_https_is_never_sent_without(tmp_path):
    with opened(tmp_path, token=TOKEN, secure=True) as client:
        answer = client.post("/v1/login", json={"token": TOKEN})
        assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "host, status",
    [("127.0.0.1:8000", 200), ("localhost", 200), ("[::1]:8000", 200), ("192.168.1.5:80", 200),
     ("evil.example", 403), ("127.0.0.1.evil.example", 403), ("localhost.evil.example", 403),
     ("x@127.0.0.1", 403), ("", 403), ("[::1", 403), ("app.example:443", 200)],
)  # fmt: skip
def test_names_by_which_it_may_be_called(tmp_path, host, status):
    access = Access(Settings(data=tmp_path, allowed_hosts=("app.example",)))
    assert (access.check_host(host) is None) == (status == 200)


def test_a_name_of_others_is_refused(client):
    answer = client.get("/healthz", headers={"Host": "evil.example"})
    assert (answer.status_code, "address" in answer.json()["detail"]) == (403, True)


@pytest.mark.parametrize(
    "origin, status",
    [(URL, 200), ("http://evil.example", 403), ("null", 403), ("http://127.0.0.1:9999", 403),
     ("file://", 403), ("http://127.0.0.1:8000.evil.example", 403)],
)  # fmt: skip
@pytest.mark.parametrize("method", ["get", "post"])
def test_pages_of_others_get_nothing(client, origin, status, method):
    headers = {"Origin": origin, **BEARER}
    path, body = (
        ("/v1/videos", {}) if method == "get" else ("/v1/login", {"json": {"token": TOKEN}})
    )
    answer = getattr(client, method)(path, headers=headers, **body)
    assert answer.status_code == (status if method == "get" or status != 200 else 204)
    assert "access-control-allow-origin" not in answer.headers
    client.cookies.clear()


def test_what_another_page_embeds_is_refused(client):
    headers = {"Sec-Fetch-Site": "cross-site", **BEARER}
    assert client.get("/v1/videos", headers=headers).status_code == 403
    assert client.get("/healthz", headers=headers).status_code == 200


def test_a_page_that_is_allowed_is_answered_and_no_other(tmp_path):
    origin = "https://app.example.com"
    with opened(tmp_path, allowed_origins=(origin,), token=TOKEN) as client:
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        preflight = client.options("/v1/videos", headers=asked)
        assert preflight.status_code == 204
        assert "Authorization" in preflight.headers["access-control-allow-headers"]
        answer = client.get("/v1/videos", headers={"Origin": origin, **BEARER})
        assert answer.headers["access-control-allow-origin"] == origin
        assert "Origin" in answer.headers["vary"]
        asked["Origin"] = "https://evil.example.com"
        assert client.options("/v1/videos", headers=asked).status_code == 403


def test_sockets_are_guarded_too(client):
    with client.websocket_connect("/v1/live/socket", headers=HERE) as socket:
        assert socket.receive_text() == "hello"
    for path, headers in (
        ("/v1/live/closed", {}),
        ("/v1/live/socket", {"Origin": "http://evil.example"}),
        ("/v1/live/socket", {"Host": "evil.example"}),
    ):
        sent = {**HERE, **headers}
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(path, headers=sent):
            pass
    with client.websocket_connect("/v1/live/closed", headers=HERE | BEARER):
        pass


def test_every_answer_is_guarded_in_browsers(client):
    for answer in (client.get("/healthz"), client.get("/nothing"), client.get("/v1/videos")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy and "*" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "server" not in answer.headers


def test_who_asks_too_much_is_told_when_to_ask_again(tmp_path):
    with opened(tmp_path, requests_per_second=0.5, burst=3) as client:
        assert [client.get("/healthz").status_code for _ in range(3)] == [200] * 3
        answer = client.get("/healthz")
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "2"


def test_rates_count_each_client_for_itself():
    now = [0.0]
    limit = RateLimit(1.0, 2, lambda: now[0])
    assert [limit.wait("a") for _ in range(3)] == [0.0, 0.0, 1.0]
    assert limit.wait("b") == 0.0
    now[0] = 1.0
    assert [limit.wait("a"), limit.wait("a") > 0] == [0.0, True]
    for number in range(MOST_CLIENTS + 50):
        limit.wait(str(number))
    assert len(limit._buckets) == MOST_CLIENTS


@pytest.mark.parametrize(
    "address, client",
    [("10.0.0.1", "10.0.0.1"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("testclient",) * 2,
     ("fe80::1%eth0", "fe80::/64")],
)  # fmt: skip
def test_a_network_is_one_client(address, client):
    assert client_of(address) == client


@pytest.mark.parametrize(
    "change, option",
    [({"token": "short"}, "token"), ({"token": "ü" * 20}, "token"), ({"workers": 0}, "workers"),
     ({"port": 70000}, "port"), ({"allowed_origins": ("*",)}, "allow-origin"),
     ({"allowed_origins": ("app.example",)}, "allow-origin")],
)  # fmt: skip
def test_settings_that_cannot_be(tmp_path, change, option):
    with pytest.raises(UsageError) as caught:
        Settings(data=tmp_path, **change)
    assert caught.value.option == option


def test_a_session_says_nothing_of_the_token():
    assert TOKEN not in session_of(TOKEN) and session_of(TOKEN) != session_of(TOKEN + "x")


@contextmanager
def refused():
    with pytest.raises(Problem) as caught:
        yield
    assert caught.value.status == 429 and int(caught.value.headers["Retry-After"]) > 0


def test_live_sessions_get_as_many_cores_as_there_are():
    budget = CpuBudget(2.0)
    with budget.live(), budget.live():
        with refused(), budget.live():
            pass
        assert budget.used == 2.0
    with budget.live(5.0):  # the first one always gets in
        with refused(), budget.live():
            pass
    assert budget.used == 0.0
