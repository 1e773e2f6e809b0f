"""What the fake HTTP services share: a server that records, checks, and fails when told to."""

from __future__ import annotations

import json
import socket
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """What a client sent. Header names are in lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What the service sends back; with ``drop`` the connection ends in the middle of it."""

    status: int = 200
    body: bytes | dict[str, Any] = b""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False

    @property
    def content(self) -> bytes:
        return json.dumps(self.body).encode() if isinstance(self.body, dict) else self.body


class FakeServer:
    """An HTTP service on this machine; a subclass says in ``answer`` what it does.

    A check that fails while answering is raised again when the server is left, so a client that
    sends something the service would not take makes its test fail.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.problems: list[Exception] = []
        self._faults: deque[Answer] = deque()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def answer(self, request: Request) -> Answer:
        """The service's answer while nothing is wrong."""
        raise NotImplementedError

    def fail(self, *faults: Answer) -> None:
        """Give these answers first."""
        self._faults.extend(faults)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self.problems and error is None:
            raise self.problems[0]

    def respond(self, request: Request) -> Answer:
        """Record a request, and answer it or fail as told."""
        self.requests.append(request)
        try:
            answer = self.answer(request)
        except Exception as problem:
            self.problems.append(problem)
            return Answer(418, {"error": str(problem)})
        return self._faults.popleft() if self._faults else answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._serve()

            def do_POST(self) -> None:
                self._serve()

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, parts.path, parse_qs(parts.query), headers, body)
                self._send(service.respond(request))

            def _send(self, answer: Answer) -> None:
                content = answer.content
                self.send_response(answer.status)
                kind = "application/json" if isinstance(answer.body, dict) else "text/plain"
                for name, value in {"Content-Type": kind, **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if answer.drop:
                    self.wfile.write(content[: len(content) // 2])
                    self.wfile.flush()
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                else:
                    self.wfile.write(content)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        return Handler
