"""The server that `live.py` measures: as it is, with numbered frames and a page that reads them.

Not to be started by hand: `live.py` does.
"""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from lipwright.pipeline.live.begin import live
from lipwright.pipeline.live.frames import LiveFrame
from lipwright.server.app import create_app
from lipwright.server.live.part import LivePart
from lipwright.server.settings import Settings

LOUD = 400
"""Of int16: louder than this a frame is heard."""
PAGE = Path(__file__).with_name("live_page.html")


class Recorder:
    """When which frame of the newest session was sent, and how loud it is."""

    def __init__(self) -> None:
        self.frames: list[tuple[int, float, bool, bool]] = []
        self.session: Any = None

    def wrap(self, sink: Any) -> None:
        """Take notes of what a sink is given from now on."""
        self.frames, send = [], sink.send

        async def noting(frame: LiveFrame) -> None:
            samples = memoryview(frame.sound).cast("h")
            loud = any(abs(samples[place]) > LOUD for place in range(0, len(samples), 4))
            self.frames.append((frame.number, time.time(), loud, bool(frame.picture)))
            await send(frame)

        sink.send = noting


def make_opener(recorder: Recorder) -> Any:
    """Return what opens sessions with numbered frames and a head that is held still."""

    def opener(source: Path, order: Any, sink: Any, voices: Any) -> Any:
        recorder.wrap(sink)
        recorder.session = live(
            source, voice=order.voice, sink=sink, voices=voices, marker=True, **order.options
        )
        return recorder.session

    return opener


class BenchPart:
    """The page and the records, beside live sessions."""

    open_paths: Sequence[str] = ()

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def routers(self) -> Sequence[APIRouter]:
        router = APIRouter(prefix="/bench")

        @router.get("/page")
        async def page() -> HTMLResponse:
            return HTMLResponse(PAGE.read_text(encoding="utf-8"))

        @router.get("/frames")
        async def frames() -> dict[str, Any]:
            session = self._recorder.session
            return {
                "frames": self._recorder.frames,
                "pids": session.pids if session is not None else [],
                "late": session.late if session is not None else 0,
            }

        return [router]

    async def start(self, services: Any) -> None: ...

    async def stop(self) -> None: ...


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("port", type=int)
    given = parser.parse_args()
    recorder = Recorder()
    settings = Settings(data=given.data, port=given.port, cpu_budget=64.0)
    app = create_app(settings, [LivePart(opener=make_opener(recorder)), BenchPart(recorder)])
    config = uvicorn.Config(
        app, port=given.port, log_level="warning", access_log=False, ws_per_message_deflate=False
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
