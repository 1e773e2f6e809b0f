"""Uploads in the ledger."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import asdict, dataclass
from typing import Any, Literal

from lipwright.server.ledger.database import Database

Kind = Literal["image", "audio", "video"]


@dataclass(frozen=True)
class Asset:
    """A picture, a sound or a video that was uploaded."""

    id: str
    kind: Kind
    type: str
    """Its media type, such as image/png, found by its content."""
    name: str
    """What the client called it: a label, never a path."""
    bytes: int
    width: int | None
    height: int | None
    duration: float | None
    """Seconds."""
    created: float
    """Seconds since 1970."""

    @classmethod
    def of(cls, row: sqlite3.Row) -> Asset:
        """Read a row of the table."""
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})

    def shown(self) -> dict[str, Any]:
        """Return what clients see of it."""
        return asdict(self)


class InUse(Exception):
    """A video that waits or is being made needs the asset."""


class Assets:
    """The ledger's table of uploads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, found: dict[str, Any], label: str, size: int) -> Asset:
        """Note an upload. found: its kind, type, width, height and duration."""
        with self._database.change() as base:
            base.execute(
                "INSERT INTO assets (id, kind, type, name, bytes, width, height, duration, created)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (name, found["kind"], found["type"], label, size, found.get("width"),
                 found.get("height"), found.get("duration"), time.time()),
            )  # fmt: skip
        asset = self.get(name)
        assert asset is not None
        return asset

    def get(self, name: str) -> Asset | None:
        """Return an upload by its id."""
        row = self._database.row("SELECT * FROM assets WHERE id = ?", (name,))
        return None if row is None else Asset.of(row)

    def ids(self) -> set[str]:
        """Return the ids of all uploads."""
        return {row["id"] for row in self._database.rows("SELECT id FROM assets")}

    def delete(self, name: str) -> bool:
        """Forget an upload; False where there is none. Raises InUse."""
        with self._database.change() as base:
            used = base.execute(
                "SELECT 1 FROM videos WHERE state IN ('queued', 'running') AND (source = ? OR"
                " audio = ?)",
                (name, name),
            ).fetchone()
            if used is not None:
                raise InUse
            return base.execute("DELETE FROM assets WHERE id = ?", (name,)).rowcount > 0
