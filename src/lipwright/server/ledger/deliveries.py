"""Webhooks in the ledger: what is still to be told to whom."""

from __future__ import annotations

import time
from dataclasses import dataclass

from lipwright.server.ledger.database import Database

WAITS = (10.0, 60.0, 300.0, 1800.0, 7200.0, 28_800.0)
"""Seconds after each failed attempt before the next; then it is given up."""


@dataclass(frozen=True)
class Delivery:
    """One message to one address."""

    id: str
    url: str
    secret: str
    body: str
    attempts: int


class Deliveries:
    """The ledger's table of webhooks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self) -> list[Delivery]:
        """Return what is to be sent now, the oldest first."""
        rows = self._database.rows(
            "SELECT id, url, secret, body, attempts FROM deliveries WHERE state = 'waiting' AND"
            " due <= ? ORDER BY due LIMIT 20",
            (time.time(),),
        )
        return [Delivery(**dict(row)) for row in rows]

    def done(self, delivery: Delivery) -> None:
        """Note that it was taken; its text and secret are forgotten."""
        self._end(delivery, "done", "")

    def failed(self, delivery: Delivery, said: str) -> None:
        """Note that an attempt failed: it is tried again later, or given up."""
        if delivery.attempts >= len(WAITS):
            self._end(delivery, "failed", said)
            return
        with self._database.change() as base:
            base.execute(
                "UPDATE deliveries SET attempts = attempts + 1, due = ?, said = ? WHERE id = ?",
                (time.time() + WAITS[delivery.attempts], said, delivery.id),
            )

    def refused(self, delivery: Delivery, said: str) -> None:
        """Note that it must never be sent."""
        self._end(delivery, "refused", said)

    def _end(self, delivery: Delivery, state: str, said: str) -> None:
        with self._database.change() as base:
            base.execute(
                "UPDATE deliveries SET state = ?, said = ?, attempts = attempts + 1, body = '',"
                " secret = '' WHERE id = ?",
                (state, said, delivery.id),
            )
