"""What is said to one person, kept for the next who hears the very same, while a run lasts.

Many people have one name, or one date. What is kept stands in the campaign's own folder until the
run ends, and the oldest goes when there is too much of it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

MOST_BYTES = 256 << 20
"""Of passages with the same fields. Fields that never repeat cannot push out those that do."""


class Repeats:
    """Files made of personal passages; any number of processes may use one folder."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        """folder: made when something is kept. most_bytes: of passages with the same fields."""
        self._folder, self._most = folder, most_bytes

    def take(self, fields: tuple[str, ...], key: str, place: Path) -> bool:
        """Put what is kept under a key at `place`; returns False where nothing is.

        fields: the places of the script in the passage. key: all that the file depends on.
        """
        kept = self._kept(fields, key, place)
        try:
            _copy(kept, place)
            os.utime(kept)  # the oldest are those that nobody has asked for
        except FileNotFoundError:
            return place.exists()
        return True

    def keep(self, fields: tuple[str, ...], key: str, made: Path) -> None:
        """Keep a finished file, which nobody changes any more, under a key."""
        kept = self._kept(fields, key, made)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            _copy(made, kept)
        self._forget_oldest(kept.parent)

    def _kept(self, fields: tuple[str, ...], key: str, like: Path) -> Path:
        return self._folder / _digest(repr(fields)) / f"{_digest(key)}{like.suffix}"

    def _forget_oldest(self, folder: Path) -> None:
        found = []
        for entry in os.scandir(folder):
            with suppress(FileNotFoundError):  # another process was quicker
                about = entry.stat()
                found.append((about.st_mtime_ns, about.st_size, entry.path))
        size = sum(one[1] for one in found)
        for _, length, path in sorted(found):
            if size <= self._most:
                return
            with suppress(FileNotFoundError):
                os.unlink(path)
            size -= length


def _copy(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system knows no such thing."""
    try:
        os.link(source, target)
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError:
        partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
        shutil.copyfile(source, partial)
        os.replace(partial, target)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
