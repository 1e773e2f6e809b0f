"""Uploads: one file of a multipart form, written to disk as it comes in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import Request
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from lipwright.server.problems import Problem

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

AT_ONCE = 1 << 20
"""Bytes that are gathered before they are written."""
SILENT_SECONDS = 30.0
"""A client that sends nothing for so long is given up."""
LONGEST_LABEL = 200
MOST_HEADERS = 8192
"""Bytes of the headers of a part."""
MOST_AROUND = 64 << 10
"""Bytes of a form besides the file."""


class _Form:
    """Takes the part "file" out of a form; all else is passed over."""

    def __init__(self) -> None:
        self.label, self.found, self.done = "", False, False
        self.data = bytearray()
        self._name, self._value, self._headers = b"", b"", 0
        self._disposition = b""
        self._inside = False

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._field,
            "on_header_value": self._more,
            "on_header_end": self._header,
            "on_headers_finished": self._start,
            "on_part_data": self._data,
            "on_part_end": self._end,
        }

    def _begin(self) -> None:
        self._disposition, self._headers = b"", 0

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._name += self._counted(data[start:end])

    def _more(self, data: bytes, start: int, end: int) -> None:
        self._value += self._counted(data[start:end])

    def _counted(self, part: bytes) -> bytes:
        self._headers += len(part)
        if self._headers > MOST_HEADERS:
            raise Problem(400, "The headers of the form are too long: send a plain form.")
        return part

    def _header(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name = self._value = b""

    def _start(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._inside = options.get(b"name") == b"file" and not self.found
        if self._inside:
            self.found = True
            self.label = plain_label(options.get(b"filename", b"").decode("utf-8", "replace"))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._inside:
            self.data += data[start:end]

    def _end(self) -> None:
        self.done = self.done or self._inside
        self._inside = False


def plain_label(name: str) -> str:
    """Return a client's name for a file as it may be shown: its last part, one short line."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[:LONGEST_LABEL].strip() or "upload"


async def receive_file(request: Request, path: Path, most: int) -> tuple[str, int]:
    """Write the field "file" of a form to `path`, and return its label and size.

    most: bytes. Raises Problem: no such form, too large, or a client that sends nothing more.
    """
    parser, form = _parser(request)
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > most + MOST_AROUND:
        raise _too_large(most)
    size = seen = 0
    with path.open("xb") as file:
        async for piece in _pieces(request):
            seen += len(piece)
            if seen > most + MOST_AROUND:
                raise _too_large(most)
            try:
                parser.write(piece)
            except FormParserError:
                raise _no_form() from None
            if size + len(form.data) > most:
                raise _too_large(most)
            if len(form.data) >= AT_ONCE:
                size += await _write(file.write, form)
        size += await _write(file.write, form)
    if not form.done:
        raise _no_form()
    if not size:
        raise Problem(422, f"{form.label} is empty: give another file.", kind="MediaError")
    return form.label, size


def _parser(request: Request) -> tuple[MultipartParser, _Form]:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise _no_form()
    form = _Form()
    try:
        return MultipartParser(boundary, form.callbacks()), form
    except FormParserError:
        raise _no_form() from None


async def _pieces(request: Request):  # type: ignore[no-untyped-def]
    stream = request.stream().__aiter__()
    while True:
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                piece = await anext(stream)
            yield piece
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Problem(408, "The file did not come: send it again.") from None


async def _write(write: Callable[[bytearray], object], form: _Form) -> int:
    data, form.data = form.data, bytearray()
    await asyncio.to_thread(write, data)
    return len(data)


def _too_large(most: int) -> Problem:
    return Problem(413, f"The file is larger than {most >> 20} MB: give a smaller one.")


def _no_form() -> Problem:
    return Problem(
        400, 'This is no upload: send multipart/form-data with one file in the field "file".'
    )
