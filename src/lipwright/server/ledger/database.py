"""The ledger's file: SQLite with a write-ahead log, used from any thread, one at a time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lipwright.core.database import open_database, transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS assets (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,
    type TEXT NOT NULL, name TEXT NOT NULL, bytes INTEGER NOT NULL, width INTEGER, height INTEGER,
    duration REAL, created REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS videos (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, state TEXT NOT NULL,
    request TEXT NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL, audio TEXT,
    created REAL NOT NULL, started REAL, finished REAL, attempts INTEGER NOT NULL DEFAULT 0,
    stage TEXT NOT NULL DEFAULT '', progress REAL NOT NULL DEFAULT 0,
    frames_done INTEGER NOT NULL DEFAULT 0, frames INTEGER, error TEXT, option TEXT,
    facts TEXT NOT NULL DEFAULT '{}', owner TEXT, claim TEXT, lease REAL,
    version INTEGER NOT NULL DEFAULT 1, key TEXT UNIQUE, digest TEXT,
    webhook TEXT, secret TEXT
);
CREATE INDEX IF NOT EXISTS videos_by_state ON videos (state, number);
CREATE TABLE IF NOT EXISTS events (
    video TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE, version INTEGER NOT NULL,
    data TEXT NOT NULL, PRIMARY KEY (video, version)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries (
    id TEXT PRIMARY KEY NOT NULL, video TEXT NOT NULL, url TEXT NOT NULL, secret TEXT NOT NULL,
    body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting', said TEXT
);
"""


class Database:
    """An open ledger.

    Every change is one transaction that is on disk when it returns: a process that is killed, or
    a machine without power, leaves it as before or as after.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = open_database(path, SCHEMA, "foreign_keys=ON")
        self._changed: set[str] = set()
        self.listener: Callable[[str], None] = lambda name: None
        """Told, in any thread, which video a finished change was about."""

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection for one transaction, which an error undoes."""
        with self._lock:
            self._changed.clear()
            with transaction(self._connection):
                yield self._connection
            told = list(self._changed)
        for name in told:
            self.listener(name)

    def tell(self, name: str) -> None:
        """Have the listener told of a video when the transaction at hand is done."""
        self._changed.add(name)

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Return what a query finds."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def row(self, query: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        """Return the first row that a query finds, or None."""
        return next(iter(self.rows(query, values)), None)
