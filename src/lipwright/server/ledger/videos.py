"""Videos in the ledger: each change of state is one transaction, guarded by who holds the lease."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Mapping
from typing import Any

from lipwright.server.ledger.database import Database
from lipwright.server.ledger.video import Video

BROKEN = (
    "The work on this video broke off {times} times, the last time without saying why: see that "
    "there is enough memory, or try with a lower quality."
)


class KeyReused(Exception):
    """An idempotency key came again with another request."""


class QueueFull(Exception):
    """As many videos wait as may."""


class Videos:
    """The ledger's table of videos."""

    def __init__(self, database: Database, attempts: int = 3) -> None:
        """attempts: how often a video is begun before it is given up."""
        self._database, self._attempts = database, attempts

    def add(
        self,
        request: Mapping[str, Any],
        name: str,
        *,
        key: str | None = None,
        digest: str | None = None,
        webhook: tuple[str, str] | None = None,
        most: int = 100,
    ) -> tuple[Video, bool]:
        """Take an order, and return its video and whether it is a new one.

        key, digest: the client's idempotency key, and what tells the request from others. webhook:
        address and secret. most: how many may wait. Raises KeyReused, QueueFull, LookupError for
        an asset that is not there.
        """
        with self._database.change() as base:
            if key is not None:
                known = base.execute("SELECT * FROM videos WHERE key = ?", (key,)).fetchone()
                if known is not None:
                    if known["digest"] != digest:
                        raise KeyReused
                    return Video.of(known), False
            waiting = base.execute("SELECT count(*) FROM videos WHERE state = 'queued'").fetchone()
            if waiting[0] >= most:
                raise QueueFull
            used = [request["source"], *filter(None, [request.get("audio")])]
            for asset in used:
                if base.execute("SELECT 1 FROM assets WHERE id = ?", (asset,)).fetchone() is None:
                    raise LookupError(asset)
            name_of = secrets.token_urlsafe(16)
            base.execute(
                "INSERT INTO videos (id, state, request, name, source, audio, created, stage, key,"
                " digest, webhook, secret)"
                " VALUES (?, 'queued', ?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?)",
                (name_of, json.dumps(request), name, request["source"], request.get("audio"),
                 time.time(), key, digest, *(webhook or (None, None))),
            )  # fmt: skip
            return self._note(base, name_of), True

    def get(self, name: str) -> Video | None:
        """Return a video by its id."""
        row = self._database.row("SELECT * FROM videos WHERE id = ?", (name,))
        return None if row is None else Video.of(row)

    def newest(self, limit: int, after: str | None = None) -> list[Video]:
        """Return videos, the newest first; after: the id of the last one that is known."""
        start = "(SELECT number FROM videos WHERE id = ?)" if after else "9e18 + coalesce(?, 0)"
        rows = self._database.rows(
            f"SELECT * FROM videos WHERE number < {start} ORDER BY number DESC LIMIT ?",
            (after, limit),
        )
        return [Video.of(row) for row in rows]

    def ids(self) -> set[str]:
        """Return the ids of all videos."""
        return {row["id"] for row in self._database.rows("SELECT id FROM videos")}

    def counts(self) -> dict[str, int]:
        """Return how many there are in each state."""
        rows = self._database.rows("SELECT state, count(*) FROM videos GROUP BY state")
        return {row[0]: row[1] for row in rows}

    def states_after(self, name: str, version: int) -> list[tuple[int, str]]:
        """Return (version, JSON) of the changes of state after a version, in order."""
        rows = self._database.rows(
            "SELECT version, data FROM events WHERE video = ? AND version > ? ORDER BY version",
            (name, version),
        )
        return [(row[0], row[1]) for row in rows]

    def claim(self, owner: str, seconds: float, but: tuple[str, ...] = ()) -> Video | None:
        """Lease the video that waits longest for so many seconds; None where none waits.

        Leases that ran out, and those of owners that are gone, are taken back first. but: ids that
        are not to be leased yet.
        """
        self.expire(owner)
        query = (
            "SELECT id FROM videos WHERE state = 'queued' AND"
            f" id NOT IN ({','.join('?' * len(but))}) ORDER BY number LIMIT 1"
        )
        if not self._database.rows(query, but):
            return None
        with self._database.change() as base:
            row = base.execute(query, but).fetchone()
            if row is None:
                return None
            now = time.time()
            base.execute(
                "UPDATE videos SET state = 'running', stage = 'starting', owner = ?, claim = ?,"
                " lease = ?, attempts = attempts + 1, started = coalesce(started, ?)"
                " WHERE id = ?",
                (owner, secrets.token_hex(8), now + seconds, now, row["id"]),
            )
            return self._note(base, row["id"])

    def expire(self, owner: str) -> None:
        """Take back the leases that ran out, and those of others than `owner`."""
        query = "SELECT id FROM videos WHERE state = 'running' AND (lease < ? OR owner != ?)"
        now = time.time()
        if not self._database.rows(query, (now, owner)):
            return
        with self._database.change() as base:
            for row in base.execute(query, (now, owner)).fetchall():
                self._give_up_or_wait(base, row["id"])

    def hold(self, video: Video, seconds: float) -> bool:
        """Make the lease of an attempt so much longer; False where it is the attempt's no more."""
        return self._update(video, "lease = ?", (time.time() + seconds,), note=False) is not None

    def advance(
        self, video: Video, stage: str, progress: float, frames_done: int, frames: int | None
    ) -> bool:
        """Note how far an attempt is; False where the video is no more the attempt's."""
        changed = self._update(
            video,
            "stage = ?, progress = max(progress, ?), frames_done = ?, frames = ?,"
            " version = version + 1",
            (stage, progress, frames_done, frames),
            note=False,
        )
        return changed is not None

    def finish(self, video: Video, facts: Mapping[str, Any]) -> Video | None:
        """Note that an attempt has made its video; None where it is no more the attempt's."""
        return self._update(
            video,
            "state = 'done', stage = 'done', progress = 1, frames_done = ?, frames = ?, facts = ?,"
            " finished = ?, error = NULL, option = NULL, owner = NULL, claim = NULL, lease = NULL",
            (facts.get("frames", 0), facts.get("frames"), json.dumps(facts), time.time()),
        )

    def fail(self, video: Video, error: str, option: str | None = None) -> Video | None:
        """Note that a video cannot be made, and why."""
        return self._update(
            video,
            "state = 'failed', stage = 'failed', error = ?, option = ?, finished = ?,"
            " owner = NULL, claim = NULL, lease = NULL",
            (error, option, time.time()),
        )

    def broke_off(self, video: Video) -> None:
        """Let a video whose worker died wait again, or fail after the last attempt."""
        with self._database.change() as base:
            row = base.execute(
                "SELECT id FROM videos WHERE id = ? AND claim = ?", (video.id, video.claim)
            ).fetchone()
            if row is not None:
                self._give_up_or_wait(base, video.id)

    def release(self, video: Video) -> None:
        """Give a lease back before its work is done, as if it had never been taken."""
        self._update(
            video,
            "state = 'queued', stage = 'waiting', attempts = max(attempts - 1, 0), owner = NULL,"
            " claim = NULL, lease = NULL",
            (),
        )

    def release_all(self, owner: str) -> None:
        """Give back all leases of an owner that ends."""
        query = "SELECT * FROM videos WHERE state = 'running' AND owner = ?"
        for row in self._database.rows(query, (owner,)):
            self.release(Video.of(row))

    def cancel(self, name: str) -> Video | None:
        """End a video that waits or is being made; others stay as they are. None: no such video."""
        with self._database.change() as base:
            changed = base.execute(
                "UPDATE videos SET state = 'cancelled', stage = 'cancelled', finished = ?,"
                " owner = NULL, claim = NULL, lease = NULL"
                " WHERE id = ? AND state IN ('queued', 'running')",
                (time.time(), name),
            ).rowcount
            if changed:
                return self._note(base, name)
        return self.get(name)

    def retry(self, name: str) -> Video | None:
        """Let a video that failed or was cancelled wait again; others stay as they are."""
        with self._database.change() as base:
            changed = base.execute(
                "UPDATE videos SET state = 'queued', stage = 'waiting', attempts = 0, error = NULL,"
                " option = NULL, started = NULL, finished = NULL, progress = 0, frames_done = 0"
                " WHERE id = ? AND state IN ('failed', 'cancelled')",
                (name,),
            ).rowcount
            if changed:
                return self._note(base, name)
        return self.get(name)

    def delete(self, name: str) -> bool:
        """Forget a video; False where there is none."""
        with self._database.change() as base:
            self._database.tell(name)
            return base.execute("DELETE FROM videos WHERE id = ?", (name,)).rowcount > 0

    def _give_up_or_wait(self, base: sqlite3.Connection, name: str) -> None:
        base.execute(
            "UPDATE videos SET state = iif(attempts >= :most, 'failed', 'queued'),"
            " stage = iif(attempts >= :most, 'failed', 'waiting'),"
            " error = iif(attempts >= :most, :error, NULL),"
            " finished = iif(attempts >= :most, :now, NULL),"
            " owner = NULL, claim = NULL, lease = NULL WHERE id = :id",
            {"most": self._attempts, "error": BROKEN.format(times=self._attempts),
             "now": time.time(), "id": name},
        )  # fmt: skip
        self._note(base, name)

    def _update(
        self, video: Video, change: str, values: tuple[Any, ...], note: bool = True
    ) -> Video | None:
        """Change a video if it is still leased to this attempt."""
        with self._database.change() as base:
            changed = base.execute(
                f"UPDATE videos SET {change} WHERE id = ? AND claim = ? AND state = 'running'",
                (*values, video.id, video.claim),
            ).rowcount
            if not changed:
                return None
            if note:
                return self._note(base, video.id)
            self._database.tell(video.id)
        return video

    def _note(self, base: sqlite3.Connection, name: str) -> Video:
        """Keep the change of state as an event, and what a webhook is told of it."""
        base.execute("UPDATE videos SET version = version + 1 WHERE id = ?", (name,))
        row = base.execute("SELECT * FROM videos WHERE id = ?", (name,)).fetchone()
        video = Video.of(row)
        shown = json.dumps(video.shown())
        base.execute("INSERT INTO events VALUES (?, ?, ?)", (name, video.version, shown))
        if video.is_final and row["webhook"]:
            delivery = secrets.token_urlsafe(12)
            body = json.dumps(
                {"id": delivery, "type": f"video.{video.state}", "video": video.shown()}
            )
            base.execute(
                "INSERT INTO deliveries (id, video, url, secret, body, due) VALUES (?,?,?,?,?,?)",
                (delivery, name, row["webhook"], row["secret"], body, time.time()),
            )
        self._database.tell(name)
        return video
