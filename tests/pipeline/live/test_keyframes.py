"""A sink asks its session for a keyframe."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import lipwright
from lipwright.pipeline.live.sinks.rtmp import RtmpSink


def test_a_sink_is_given_a_way_to_ask(tmp_path):
    async def ask() -> list[str]:
        sent: list[str] = []

        async def send(kind: str, *_: Any, **__: Any) -> None:
            sent.append(kind)

        async def ready():
            yield SimpleNamespace(kind="ready", fields={"width": 96, "height": 96})

        sink = RtmpSink(tmp_path / "a.flv")
        session: Any = lipwright.live("face.jpg", sink=sink)
        session._child = SimpleNamespace(send=send, messages=ready)
        await session._open_child(b"picture")
        sink.ask_keyframe()
        await asyncio.sleep(0)
        await sink.close()
        for task in session._tasks:
            task.cancel()
        return sent

    assert set(asyncio.run(ask())) == {"open", "keyframe"}
