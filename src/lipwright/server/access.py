"""Who may ask: the names and pages the server answers to, and the token."""

from __future__ import annotations

import hashlib
import hmac
import re
import socket
from collections.abc import Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from lipwright.server.addresses import is_ip
from lipwright.server.problems import Problem
from lipwright.server.settings import Settings

COOKIE = "lipwright"
CLOSED = ("/v1/", "/metrics", "/docs", "/openapi.json")
"""What needs the token; everything else is the studio's page and what says that the server runs."""
OPEN = ("/v1/login", "/v1/info")
NOBODY = Problem(
    401,
    "This needs the server's token: send it as a bearer token, or log in.",
    headers={"WWW-Authenticate": "Bearer"},
)


class Access:
    """Says of a request whether it may be answered."""

    def __init__(self, settings: Settings, open_paths: Iterable[str] = ()) -> None:
        """open_paths: regular expressions of paths that need no token."""
        self._token = None if settings.token is None else _digest(settings.token)
        self._session = None if settings.token is None else session_of(settings.token)
        own = (settings.host, "localhost", socket.gethostname(), f"{socket.gethostname()}.local")
        self._hosts = {name.lower() for name in (*own, *settings.allowed_hosts)}
        self.origins = frozenset(one.lower().rstrip("/") for one in settings.allowed_origins)
        self._open = [re.compile(one) for one in open_paths]

    def check_host(self, host: str) -> Problem | None:
        """Refuse a name that is not the server's: another's page may have been made to lead here.

        Addresses are taken as they are: what a name server says can only change names.
        """
        name = host_name(host)
        if name is not None and (name in self._hosts or is_ip(name)):
            return None
        return Problem(
            403, "The server is not known by this name: call it by its address, or allow the name."
        )

    def check_origin(self, headers: Mapping[str, str], path: str) -> Problem | None:
        """Refuse what the pages of others ask for."""
        origin = headers.get("origin")
        if origin is not None and origin.lower() in self.origins:
            return None
        foreign = Problem(403, "Another web page asked for this: that is not allowed here.")
        if origin is not None:
            parts = origin.lower().partition("://")
            same = parts[0] in ("http", "https") and parts[2] == headers.get("host", "").lower()
            return None if same else foreign
        crossing = headers.get("sec-fetch-site") == "cross-site"
        return foreign if crossing and path.startswith(CLOSED) else None

    def needs_token(self, path: str) -> bool:
        """Return whether a path is answered only to those who know the token."""
        if self._token is None or path in OPEN or not path.startswith(CLOSED):
            return False
        return not any(one.fullmatch(path) for one in self._open)

    def knows_token(self, headers: Mapping[str, str]) -> bool:
        """Return whether a request has the token, or the cookie of who had it."""
        if self._token is None:
            return True
        kind, _, given = headers.get("authorization", "").partition(" ")
        bearer = given.strip() if kind.lower() == "bearer" else ""
        session = _cookie(headers.get("cookie", ""))
        # both are compared, whichever comes, and in a time that tells nothing
        by_token = self.is_token(bearer)
        by_session = hmac.compare_digest(_digest(session), _digest(str(self._session)))
        return by_token or by_session

    def is_token(self, given: str) -> bool:
        """Return whether this is the token; without one everything is."""
        return self._token is None or hmac.compare_digest(_digest(given), self._token)


def session_of(token: str) -> str:
    """Return what the cookie holds instead of the token."""
    return hmac.new(token.encode(), b"lipwright session", hashlib.sha256).hexdigest()


def cookie_of(token: str, secure: bool) -> str:
    """Return the header that makes a browser known. secure: it is never sent without TLS."""
    ending = "; Secure" if secure else ""
    attributes = "HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000"
    return f"{COOKIE}={session_of(token)}; {attributes}{ending}"


def host_name(host: str) -> str | None:
    """Return the name of a Host header without its port, in lower case; None for what is none."""
    try:
        return urlsplit(f"//{host}").hostname if host and "@" not in host else None
    except ValueError:
        return None


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value
