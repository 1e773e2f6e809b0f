"""The ledger of a campaign: SQLite, one row for each person, and what became of it.

Whatever happens to the process, what is written here is as before or as after. A row is made under
a lease: whoever took it has until its end to finish, and then somebody else may.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipwright.core.database import open_database, transaction
from lipwright.core.errors import UsageError

ATTEMPTS = 3
"""Times that a row is tried."""
LEASE_SECONDS = 600.0
"""How long somebody may take for a row."""
BROKEN_OFF = "whoever made it ended before it was done"
STATES = ("waiting", "working", "done", "failed", "faulty", "opted out")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS campaign (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS people (
    number INTEGER PRIMARY KEY, state TEXT NOT NULL, priority INTEGER NOT NULL DEFAULT 0,
    person TEXT NOT NULL, output TEXT UNIQUE, attempts INTEGER NOT NULL DEFAULT 0,
    lease REAL, worker TEXT, reason TEXT NOT NULL DEFAULT '', review TEXT NOT NULL DEFAULT '',
    duration REAL, seconds REAL, processor REAL, bytes INTEGER, characters INTEGER, finished REAL
);
CREATE INDEX IF NOT EXISTS by_state ON people (state, priority DESC, number);
"""


@dataclass(frozen=True)
class Task:
    """A row that somebody is to make."""

    number: int
    """The row's number in the table, from 1."""
    attempt: int
    """1 for the first."""
    person: Mapping[str, str]
    """The values by column."""
    output: str
    """Where the video goes, below the campaign's output."""


@dataclass(frozen=True)
class Made:
    """What was made of a row."""

    duration: float
    """Seconds of the video."""
    seconds: float
    """That it took."""
    processor: float
    """Seconds of processor time."""
    bytes: int
    """Size of the file."""
    characters: int
    """That were spoken for this row alone."""
    review: str = ""
    """Why somebody should look at it; empty for no reason."""


class Ledger:
    """An open ledger; one process writes it, any number read it."""

    def __init__(self, path: Path) -> None:
        """path: the file, made where it does not exist."""
        self.path = path
        self._lock = threading.RLock()
        self._connection = open_database(path, _SCHEMA, "busy_timeout=10000", "secure_delete=ON")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection for one transaction, which an error undoes."""
        with self._lock, transaction(self._connection):
            yield self._connection

    def get(self, name: str) -> Any:
        """Return what was kept about the campaign under a name; None without it."""
        found = self._one("SELECT value FROM campaign WHERE name = ?", name)
        return None if found is None else json.loads(found["value"])

    def put(self, **values: Any) -> None:
        """Keep values about the campaign, whatever JSON can hold."""
        with self.change() as to:
            to.executemany(
                "INSERT OR REPLACE INTO campaign VALUES (?, ?)",
                [(name, json.dumps(value)) for name, value in values.items()],
            )

    def add(self, rows: Iterable[tuple[int, str, int, Mapping[str, str], str | None, str]]) -> None:
        """Add rows in one transaction, so that a table is in it whole or not at all.

        rows: (number, state, priority, person, output, reason). Raises UsageError where an output
        is there twice.
        """
        try:
            with self.change() as to:
                to.executemany(
                    "INSERT INTO people (number, state, priority, person, output, reason) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        (number, state, priority, json.dumps(person), output, reason)
                        for number, state, priority, person, output, reason in rows
                    ),
                )
        except sqlite3.IntegrityError as error:
            raise UsageError(
                f"Two rows have one number or output name ({error}): begin a new campaign."
            ) from error

    def claim(self, worker: str, now: float | None = None) -> Task | None:
        """Take the next row, by priority and then by number; None where none waits.

        A row whose lease has ended counts as waiting.
        """
        now = time.time() if now is None else now
        with self.change() as to:
            to.execute(
                "UPDATE people SET state = CASE WHEN attempts < ? THEN 'waiting' ELSE 'failed' END,"
                " lease = NULL, reason = ? WHERE state = 'working' AND lease < ?",
                (ATTEMPTS, BROKEN_OFF, now),
            )
            found = to.execute(
                "SELECT * FROM people WHERE state = 'waiting' ORDER BY priority DESC, number "
                "LIMIT 1"
            ).fetchone()
            if found is None:
                return None
            to.execute(
                "UPDATE people SET state = 'working', attempts = attempts + 1, lease = ?, "
                "worker = ? WHERE number = ?",
                (now + LEASE_SECONDS, worker, found["number"]),
            )
        person = json.loads(found["person"])
        return Task(found["number"], found["attempts"] + 1, person, found["output"])

    def finish(self, task: Task, made: Made) -> bool:
        """Write that a row is made; False where somebody else has made it meanwhile."""
        with self.change() as to:
            done = to.execute(
                "UPDATE people SET state = 'done', lease = NULL, reason = '', review = ?, "
                "duration = ?, seconds = ?, processor = ?, bytes = ?, characters = ?, finished = ? "
                "WHERE number = ? AND state = 'working' AND attempts = ?",
                (
                    made.review,
                    made.duration,
                    made.seconds,
                    made.processor,
                    made.bytes,
                    made.characters,
                    time.time(),
                    task.number,
                    task.attempt,
                ),
            )
            return done.rowcount == 1

    def fail(self, task: Task, reason: str, again: bool) -> None:
        """Write that a row was not made. again: whether another try may help."""
        with self.change() as to:
            state = "waiting" if again and task.attempt < ATTEMPTS else "failed"
            to.execute(
                "UPDATE people SET state = ?, lease = NULL, reason = ?, finished = ? "
                "WHERE number = ? AND state = 'working' AND attempts = ?",
                (state, reason, time.time(), task.number, task.attempt),
            )

    def release(self, task: Task) -> None:
        """Give a row back that nobody failed to make: it does not count as a try."""
        with self.change() as to:
            to.execute(
                "UPDATE people SET state = 'waiting', lease = NULL, attempts = attempts - 1 "
                "WHERE number = ? AND state = 'working' AND attempts = ?",
                (task.number, task.attempt),
            )

    def reopen(self) -> int:
        """Let rows whose maker has gone wait again; to be called where nobody else works on them.

        Returns how many there were. What broke off counts as a try.
        """
        with self.change() as to:
            done = to.execute(
                "UPDATE people SET state = CASE WHEN attempts < ? THEN 'waiting' ELSE 'failed' END,"
                " lease = NULL, reason = ? WHERE state = 'working'",
                (ATTEMPTS, BROKEN_OFF),
            )
            return done.rowcount

    def retry(self) -> int:
        """Let failed rows wait again, with all their tries; returns how many."""
        with self.change() as to:
            done = to.execute(
                "UPDATE people SET state = 'waiting', attempts = 0, reason = '' "
                "WHERE state = 'failed'"
            )
            return done.rowcount

    def counts(self) -> dict[str, int]:
        """Return how many rows are in each of `STATES`."""
        found = self._all("SELECT state, COUNT(*) AS n FROM people GROUP BY state")
        return {**dict.fromkeys(STATES, 0), **{row["state"]: row["n"] for row in found}}

    def state_of(self, number: int) -> str:
        """Return the state of a row."""
        found = self._one("SELECT state FROM people WHERE number = ?", number)
        assert found is not None
        state: str = found["state"]
        return state

    def totals(self) -> dict[str, float]:
        """Return sums over what was made: duration, seconds, processor (s), bytes, characters."""
        found = self._one(
            "SELECT SUM(duration) AS duration, SUM(seconds) AS seconds, SUM(processor) AS "
            "processor, SUM(bytes) AS bytes, SUM(characters) AS characters, SUM(review != '') AS "
            "review FROM people WHERE state = 'done'"
        )
        assert found is not None
        return {name: found[name] or 0 for name in found.keys()}  # noqa: SIM118

    def rows(self, *states: str) -> Iterator[dict[str, Any]]:
        """Yield the rows in these states, in order, a page at a time."""
        after = -1
        marks = ", ".join("?" * len(states))
        while page := self._all(
            f"SELECT * FROM people WHERE state IN ({marks}) AND number > ? "
            "ORDER BY number LIMIT 500",
            *states,
            after,
        ):
            for row in page:
                yield dict(row)
            after = page[-1]["number"]

    def remove(self, number: int) -> str | None:
        """Remove all that is known of a row; returns the name of its output, if it had one."""
        found = self._one("SELECT output FROM people WHERE number = ?", number)
        if found is None:
            raise UsageError(f"The campaign has no row {number}.")
        with self.change() as to:
            to.execute("DELETE FROM people WHERE number = ?", (number,))
        with self._lock:  # nothing of it shall stay in the log either
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        output: str | None = found["output"]
        return output

    def _all(self, query: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def _one(self, query: str, *values: Any) -> sqlite3.Row | None:
        return next(iter(self._all(query, *values)), None)
