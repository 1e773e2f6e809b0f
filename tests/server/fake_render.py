"""A renderer that draws nothing: everything around it is the real one, in a real process.

It makes a file of so many numbered lines as `seed` of the options says, one every few milliseconds,
and goes on with those that are there. What the text says makes it fail, crash, or hang.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from lipwright.core.atomic_file import atomic_write
from lipwright.core.cancellation import CancelToken
from lipwright.core.errors import FaceError
from lipwright.server.worker import render as real

JPEG = b"\xff\xd8\xff\xe0a poster\xff\xd9"
STEP_SECONDS = 0.01


def render(message: dict[str, Any], say: real.Say, token: CancelToken) -> dict[str, Any]:
    return real.render(message, say, token, make)


def make(message: dict[str, Any], work: Path, say: real.Say, token: CancelToken) -> None:
    text = message["request"].get("text") or ""
    if text == "fail":
        raise FaceError(f"No face was found in {message['source']}: give another picture.")
    if text == "crash":
        os._exit(1)
    frames = int((message["request"].get("options") or {}).get("seed", 10))
    if text == "wait":
        frames = 10_000
    parts = work / "parts"
    done = parts.read_text().count("\n") if parts.exists() else 0
    resumed = done
    with parts.open("a") as file:
        for number in range(done, frames):
            token.check()
            file.write(f"{number}\n")
            file.flush()
            say({"stage": "frames", "done": number + 1, "total": frames,
                 "progress": (number + 1) / frames})  # fmt: skip
            time.sleep(STEP_SECONDS)
    with (work.parent.parent / "made.log").open("a") as file:
        file.write(f"{message['id']}\n")
    video = work / "video.mp4"
    video.write_text(f"{message['id']}\n{parts.read_text()}")
    (work / "poster.jpg").write_bytes(JPEG)
    facts = {
        "file": video.name, "type": "video/mp4", "width": 64, "height": 64, "fps": "25",
        "frames": frames, "made": frames - resumed, "duration": frames / 25, "seconds": 1.0,
        "bytes": video.stat().st_size, "left_alone": {},
    }  # fmt: skip
    with atomic_write(work / "facts.json") as partial:
        partial.write_text(json.dumps(facts))
