"""What every request passes before it is answered, and every answer before it is sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from lipwright.server.access import NOBODY, Access
from lipwright.server.problems import Problem, busy
from lipwright.server.rates import RateLimit, client_of
from lipwright.server.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

UPLOADS = "/v1/assets"
BODY_SECONDS = 30.0
"""A client that sends nothing of a request for so long is given up."""
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self' ws: wss:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
}
CORS = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, "
    "Range",
    "Access-Control-Expose-Headers": "Location, Content-Range, Retry-After",
    "Access-Control-Max-Age": "600",
}


class Guard:
    """ASGI middleware: Host, Origin, rate, token and size of requests; headers of answers."""

    def __init__(self, app: ASGIApp, settings: Settings, access: Access) -> None:
        self._app, self._access, self._most = app, access, settings.json_bytes
        self._rate = RateLimit(settings.requests_per_second, settings.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = self._refuse(scope, headers)
        if scope["type"] == "websocket":
            if answer is not None:
                await send({"type": "websocket.close", "code": 1008, "reason": "not allowed"})
            else:
                await self._app(scope, receive, send)
            return
        guarded = self._guarded(scope, headers, send)
        if answer is None and _has_body(scope):
            try:
                receive = await self._read(headers, receive)
            except Problem as problem:
                answer = problem.response()
        if answer is not None:
            await answer(scope, receive, guarded)
        else:
            await self._app(scope, receive, guarded)

    def _refuse(self, scope: Scope, headers: Headers) -> Response | None:
        """The answer to what is not passed on."""
        path, access = scope["path"], self._access
        client = scope.get("client")
        wait = self._rate.wait(client_of(client[0] if client else ""))
        problem = access.check_host(headers.get("host", "")) or access.check_origin(headers, path)
        if problem is None and wait:
            problem = busy("So many requests at once are too many: ask more slowly.", wait)
        if problem is not None:
            return problem.response()
        preflight = "access-control-request-method" in headers
        if scope.get("method") == "OPTIONS" and preflight and "origin" in headers:
            return Response(status_code=204)
        known = access.knows_token(headers)
        scope.setdefault("state", {})["logged_in"] = known
        return NOBODY.response() if access.needs_token(path) and not known else None

    def _guarded(self, scope: Scope, headers: Headers, send: Send) -> Send:
        """Return what sends an answer with the headers that all have."""
        more = dict(HEADERS)
        origin = headers.get("origin", "")
        if origin.lower() in self._access.origins:
            more |= {**CORS, "Access-Control-Allow-Origin": origin}
            more["Cross-Origin-Resource-Policy"] = "cross-origin"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in more.items():
                    found[name] = value
                if self._access.origins:
                    found.append("Vary", "Origin")
                if scope["path"].startswith("/v1/") and "cache-control" not in found:
                    found["Cache-Control"] = "private, no-cache"
            await send(message)

        return guarded

    async def _read(self, headers: Headers, receive: Receive) -> Receive:
        """Read a body that is not too large, and return what gives it once more."""
        said = headers.get("content-length", "")
        too_large = Problem(413, f"The request is larger than {self._most >> 10} kB: send less.")
        if said.isdigit() and int(said) > self._most:
            raise too_large
        body, more = bytearray(), True
        while more:
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    message = await receive()
            except TimeoutError:
                raise Problem(408, "The request did not come: send it again.") from None
            if message["type"] == "http.disconnect":
                break
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._most:
                raise too_large
        given = False

        async def again() -> Message:
            nonlocal given
            if given or more:
                return await receive() if not more else {"type": "http.disconnect"}
            given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        return again


def _has_body(scope: Scope) -> bool:
    """Whether a request's body is read here: uploads are written to disk as they come."""
    upload = scope["path"] == UPLOADS and scope["method"] == "POST"
    return scope["method"] not in ("GET", "HEAD", "OPTIONS") and not upload
