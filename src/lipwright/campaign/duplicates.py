"""What stands in a table twice and must not, in constant memory."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile


class Duplicates:
    """Finds what is there twice, by digests in a temporary database."""

    def __init__(self) -> None:
        """Make the database, which `close` removes."""
        self._file = tempfile.NamedTemporaryFile(prefix="lipwright-check-")
        self._connection = sqlite3.connect(self._file.name, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=OFF")
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.execute(
            "CREATE TABLE seen (digest BLOB PRIMARY KEY, number INTEGER) WITHOUT ROWID"
        )
        self._connection.execute("BEGIN")

    def add(self, kind: str, value: str, number: int) -> int | None:
        """Return the row that had it before; None for the first.

        Args:
            kind: of the value; values of two kinds are never the same.
            value: kept as a digest alone.
            number: of the row.
        """
        digest = hashlib.blake2b(f"{kind} {value}".encode(), digest_size=16).digest()
        done = self._connection.execute(
            "INSERT OR IGNORE INTO seen VALUES (?, ?)", (digest, number)
        )
        if done.rowcount == 1:
            return None
        found = self._connection.execute("SELECT number FROM seen WHERE digest = ?", (digest,))
        row: tuple[int] = found.fetchone()
        return row[0]

    def close(self) -> None:
        """Remove the database."""
        self._connection.close()
        self._file.close()
