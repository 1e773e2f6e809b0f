"""Notes that a video is made, written before it appears in its place.

Between a finished video and the ledger's row a process may be killed; the note tells the next run
that the video is there, so that nothing is made twice.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from lipwright.campaign.ledger import Made, Task
from lipwright.core.atomic_file import atomic_write


class Receipts:
    """The notes of a campaign."""

    def __init__(self, state: Path) -> None:
        """state: the campaign's own folder."""
        self._folder = state / "receipts"

    def write(self, task: Task, made: Made) -> None:
        """Note that the video of a row is made and about to be put to its place."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(self._path(task.number)) as partial:
            partial.write_text(json.dumps([task.attempt, asdict(made)]), encoding="utf-8")

    def read(self, number: int) -> tuple[int, Made] | None:
        """Return the try that made a row, and what; None without a note."""
        try:
            attempt, made = json.loads(self._path(number).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return attempt, Made(**made)

    def remove(self, number: int) -> None:
        """Forget the note of a row."""
        self._path(number).unlink(missing_ok=True)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.json"
