"""Messages between processes arrive as they were sent, or not at all."""

from __future__ import annotations

import asyncio
import io

from lipwright.core.messages import Message, pack, read_message, receive_message

SENT = [Message("frame", {"number": 3, "late": 0.5}, b"\0\1\2"), Message("close", {}, b"")]
CONTENT = b"".join(pack(one.kind, one.payload, **one.fields) for one in SENT)


async def received(content: bytes) -> list[Message]:
    stream = asyncio.StreamReader()
    stream.feed_data(content)
    stream.feed_eof()
    found = []
    while (message := await receive_message(stream)) is not None:
        found.append(message)
    return found


def test_messages_come_as_they_were_sent() -> None:
    stream = io.BytesIO(CONTENT)
    assert [read_message(stream), read_message(stream), read_message(stream)] == [*SENT, None]
    assert asyncio.run(received(CONTENT)) == SENT


def test_a_message_that_breaks_off_is_none() -> None:
    first = pack("frame", b"\0\1\2", number=3, late=0.5)
    for length in range(len(first)):
        assert read_message(io.BytesIO(first[:length])) is None
        assert asyncio.run(received(first[:length])) == []
