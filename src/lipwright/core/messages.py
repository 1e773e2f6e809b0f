"""Messages between a process and those of ours that work for it.

A message is two lengths, a header in JSON and a payload of bytes. Nothing in it is ever executed.
"""

from __future__ import annotations

import json
import struct
from asyncio import IncompleteReadError, StreamReader
from typing import Any, BinaryIO, NamedTuple

_LENGTHS = struct.Struct("<II")


class Message(NamedTuple):
    """What one process tells another."""

    kind: str
    """What it is about, such as "frame"."""
    fields: dict[str, Any]
    """Its values, whatever JSON can hold."""
    payload: bytes = b""
    """Pictures, sound or curves."""


def pack(kind: str, payload: bytes = b"", **fields: Any) -> bytes:
    """Return a message as bytes."""
    header = json.dumps([kind, fields]).encode()
    return _LENGTHS.pack(len(header), len(payload)) + header + payload


def read_message(stream: BinaryIO) -> Message | None:
    """Return the next message of a stream; None at its end. Waits for it."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    header, payload = _LENGTHS.unpack(lengths)
    content = stream.read(header + payload)
    if len(content) < header + payload:
        return None
    return _parse(content, header)


async def receive_message(stream: StreamReader) -> Message | None:
    """Return the next message of a stream; None at its end."""
    try:
        header, payload = _LENGTHS.unpack(await stream.readexactly(_LENGTHS.size))
        return _parse(await stream.readexactly(header + payload), header)
    except (IncompleteReadError, ConnectionError):
        return None


def _parse(content: bytes, header: int) -> Message:
    kind, fields = json.loads(content[:header])
    return Message(kind, fields, content[header:])
