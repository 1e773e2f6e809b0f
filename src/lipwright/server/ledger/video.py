"""A video as the ledger has it, and as clients see it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["queued", "running", "done", "failed", "cancelled"]
FINAL = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Video:
    """One line of the ledger."""

    id: str
    state: State
    request: Mapping[str, Any]
    """What was asked for: source, audio or text, voice, rate, language, options."""
    name: str
    created: float
    """Seconds since 1970, as all times here."""
    started: float | None
    finished: float | None
    attempts: int
    stage: str
    """What is being done: "waiting", "portrait", "film", "frames" and so on."""
    progress: float
    """0 to 1."""
    frames_done: int
    frames: int | None
    error: str | None
    option: str | None
    facts: Mapping[str, Any]
    """What was made: width, height, fps, duration, bytes, file and type."""
    claim: str | None
    """What the attempt at hand is known by; None where nobody works on it."""
    version: int
    """Counts changes; the ids of events."""

    @classmethod
    def of(cls, row: sqlite3.Row) -> Video:
        """Read a row of the table."""
        read = {name: row[name] for name in cls.__dataclass_fields__}
        return cls(
            **{**read, "request": json.loads(row["request"]), "facts": json.loads(row["facts"])}
        )

    @property
    def is_final(self) -> bool:
        """Whether nothing happens any more unless somebody asks for it."""
        return self.state in FINAL

    def shown(self) -> dict[str, Any]:
        """Return what clients see of it."""
        place = f"/v1/videos/{self.id}"
        done = self.state == "done"
        facts = {
            name: self.facts.get(name)
            for name in ("width", "height", "fps", "duration", "bytes", "left_alone")
        }
        return {
            "id": self.id,
            "state": self.state,
            "progress": round(self.progress, 4),
            "stage": self.stage,
            "frames_done": self.frames_done,
            "frames": self.frames,
            "created": self.created,
            "started": self.started,
            "finished": self.finished,
            "attempts": self.attempts,
            "error": self.error,
            "option": self.option,
            "name": self.name,
            "source": self.request["source"],
            "audio": self.request.get("audio"),
            "voice": self.request.get("voice") if self.request.get("text") else None,
            "text": self.request.get("text"),
            "options": self.request.get("options") or {},
            **facts,
            "links": {
                "content": f"{place}/content" if done else None,
                "poster": f"{place}/poster" if done else None,
                "events": f"{place}/events",
            },
        }
