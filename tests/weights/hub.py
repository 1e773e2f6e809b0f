"""A small Hugging Face hub on this machine, with all the faults of a network.

Two servers, as in life: the hub answers for a file with its facts and a redirect, and a store of
large files, on another port, gives the bytes, by range where asked. What the client asked is kept
in `requests`, so that a test can see a resumed download and who was shown a token.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

COMMIT = "c0ffee" + 34 * "0"
PAGE = 1 << 14


@dataclass
class Request:
    """What a client asked."""

    server: str
    method: str
    path: str
    range: str | None
    authorised: bool
    agent: str


@dataclass
class Fault:
    """What goes wrong when the bytes (or with `head` the facts) of a file are asked for next."""

    status: int = 0
    """Answer with this status instead."""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    """Close the connection after so many bytes."""
    content: bytes | None = None
    """Send these bytes instead."""
    drop: bool = False
    """Close the connection without an answer."""
    no_range: bool = False
    """Ignore that a part was asked for."""
    head: bool = False
    gate: threading.Event | None = None
    """Wait for this in the middle of the bytes."""


class Hub:
    """Files by "owner/name/path", and the faults that wait for their next requests."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list[Fault]] = {}
        self.requests: list[Request] = []
        self.small: set[str] = set()
        """Files that the hub itself gives, with a git sum for an ETag."""
        self.lies: dict[str, dict[str, str | None]] = {}
        """Headers that the hub gives instead of the true ones; None: does not give."""
        self.lock = threading.Lock()
        self.front = self._serve("hub")
        self.store = self._serve("store")
        self.endpoint = f"http://127.0.0.1:{self.front.server_port}"

    def add(self, name: str, content: bytes, *faults: Fault) -> None:
        self.files[name] = content
        self.faults.setdefault(name, []).extend(faults)

    def gets(self, server: str = "store") -> list[Request]:
        return [r for r in self.requests if r.method == "GET" and r.server == server]

    def close(self) -> None:
        for server in (self.front, self.store):
            server.shutdown()
            server.server_close()

    def _serve(self, kind: str) -> ThreadingHTTPServer:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                self._handle()

            def do_GET(self) -> None:
                self._handle()

            def log_message(self, *_: object) -> None:
                pass

            def _handle(self) -> None:
                with hub.lock:
                    hub.requests.append(
                        Request(
                            kind,
                            self.command,
                            self.path,
                            self.headers.get("Range"),
                            "Authorization" in self.headers,
                            self.headers.get("User-Agent", ""),
                        )
                    )
                try:
                    hub._front(self) if kind == "hub" else hub._store(self)
                except (BrokenPipeError, ConnectionResetError):
                    pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    def _next_fault(self, name: str, head: bool) -> Fault | None:
        with self.lock:
            for fault in self.faults.get(name, []):
                if fault.head == head:
                    self.faults[name].remove(fault)
                    return fault
        return None

    def _front(self, handler: BaseHTTPRequestHandler) -> None:
        match = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", unquote(handler.path))
        assert match is not None, handler.path
        repository, revision, path = match.groups()
        name = f"{repository}/{path}"
        if handler.command == "HEAD" and (fault := self._next_fault(name, head=True)):
            return _fail(handler, fault)
        if not any(known.startswith(f"{repository}/") for known in self.files):
            return _answer(handler, 401, {"X-Error-Code": "RepoNotFound"})
        if revision == "gone":
            return _answer(handler, 404, {"X-Error-Code": "RevisionNotFound"})
        if name not in self.files:
            return _answer(handler, 404, {"X-Error-Code": "EntryNotFound"})
        content = self.files[name]
        facts = {"X-Repo-Commit": COMMIT}
        if name in self.small:
            facts["ETag"] = f'"{hashlib.sha1(content).hexdigest()}"'
            return self._send(handler, name, content, self._lie(name, facts))
        facts |= {
            "X-Linked-Size": str(len(content)),
            "X-Linked-ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            "ETag": '"of the pointer"',
            "Location": f"http://127.0.0.1:{self.store.server_port}/{name}?signature=secret",
        }
        return _answer(handler, 302, self._lie(name, facts))

    def _lie(self, name: str, facts: dict[str, str]) -> dict[str, str]:
        told = facts | self.lies.get(name, {})
        return {key: value for key, value in told.items() if value is not None}

    def _store(self, handler: BaseHTTPRequestHandler) -> None:
        name = unquote(handler.path[1:].split("?")[0])
        self._send(handler, name, self.files[name], {"ETag": '"of the store"'})

    def _send(
        self, handler: BaseHTTPRequestHandler, name: str, content: bytes, facts: dict[str, str]
    ) -> None:
        fault = self._next_fault(name, head=False) if handler.command == "GET" else None
        fault = fault or Fault()
        if fault.status or fault.drop:
            return _fail(handler, fault)
        content = content if fault.content is None else fault.content
        start = 0
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        if asked and not fault.no_range:
            start = int(asked.group(1))
            if start >= len(content):
                return _answer(handler, 416, {})
            facts["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.send_response(206 if start else 200)
        for key, value in (facts | {"Content-Length": str(len(content) - start)}).items():
            handler.send_header(key, value)
        handler.end_headers()
        if handler.command == "HEAD":
            return
        end = len(content) if fault.cut is None else min(len(content), start + fault.cut)
        for place in range(start, end, PAGE):
            if fault.gate is not None and place > start:
                fault.gate.wait(10)
            handler.wfile.write(content[place : min(place + PAGE, end)])
        if fault.cut is not None:
            handler.close_connection = True


def _fail(handler: BaseHTTPRequestHandler, fault: Fault) -> None:
    if fault.drop:
        handler.close_connection = True
    else:
        _answer(handler, fault.status, fault.headers)


def _answer(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for key, value in (headers | {"Content-Length": "0"}).items():
        handler.send_header(key, value)
    handler.end_headers()


@contextmanager
def serving() -> Iterator[Hub]:
    hub = Hub()
    try:
        yield hub
    finally:
        hub.close()


def manifest_text(entries: list[dict[str, object]]) -> str:
    """A manifest in which every model has one file; keys as in the real one."""
    lines: list[str] = []
    for entry in entries:
        file_keys = ("file", "bytes", "sha256", "sha256_from", "repository", "revision", "path")
        model: dict[str, object] = {
            "for": 'engine "test"',
            "licence": "MIT",
            "licence_url": "https://x.test",
        }
        model |= {"commercial": True} | {
            key: value for key, value in entry.items() if key not in (*file_keys, "mirrors")
        }
        file: dict[str, object] = {"revision": "main", "repository": "a/b", "path": entry["file"]}
        if "page" in entry:
            file = {"page": model.pop("page")}
        file |= {key: value for key, value in entry.items() if key in (*file_keys, "mirrors")}
        lines += ["[[models]]", *map(_line, model.items())]
        lines += ["[[models.files]]", *map(_line, file.items())]
    return "\n".join(lines)


def _line(item: tuple[str, object]) -> str:
    key, value = item
    return f"{key} = {json.dumps(value)}"
