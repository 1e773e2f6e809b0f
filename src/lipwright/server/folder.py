"""The server's folder: where uploads and videos lie. All names in it are the server's own."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from lipwright.core.errors import MediaError

NAME = re.compile(r"[A-Za-z0-9_-]{22}")
"""What an id looks like; nothing else ever becomes part of a path."""


def new_id() -> str:
    """Return a name that nobody can guess."""
    return secrets.token_urlsafe(16)


class DataFolder:
    """The folder of one server at a time.

    Raises:
        MediaError: it cannot be made or written, or another server uses it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.assets, self.videos = self.root / "assets", self.root / "videos"
        self.incoming, self.made = self.root / "incoming", self.root / "made"
        try:
            for folder in (self.assets, self.videos, self.incoming, self.made):
                folder.mkdir(parents=True, exist_ok=True)
            os.chmod(self.root, 0o700)
            self._lock = FileLock(self.root / "lock", timeout=1)
            self._lock.acquire()
        except Timeout:
            raise MediaError(
                f"The folder {root} is used by another server: end it, or give another folder."
            ) from None
        except OSError as error:
            raise MediaError(
                f"The folder {root} cannot be used ({error.strerror}): give another one."
            ) from None

    @property
    def ledger(self) -> Path:
        """The file of the ledger."""
        return self.root / "ledger.sqlite"

    def asset(self, name: str) -> Path:
        """Return the file of an upload."""
        return self.assets / _checked(name)

    def video(self, name: str) -> Path:
        """Return the folder of a video."""
        return self.videos / _checked(name)

    def temporary(self, suffix: str) -> Path:
        """Return the name of a file that is needed for one answer."""
        return self.made / f"{new_id()}{suffix}"

    def used(self) -> int:
        """Return how many bytes all uploads and videos have."""
        return sum(_size(Path(entry)) for entry in (self.assets, self.videos, self.incoming))

    def free(self) -> int:
        """Return how many bytes the disk has left."""
        return shutil.disk_usage(self.root).free

    def drop_video(self, name: str) -> None:
        """Delete all files of a video."""
        shutil.rmtree(self.video(name), ignore_errors=True)

    def drop_asset(self, name: str) -> None:
        """Delete the file of an upload."""
        self.asset(name).unlink(missing_ok=True)

    def sweep(self, assets: set[str], videos: set[str]) -> None:
        """Delete what nothing in the ledger belongs to: what a killed server has left."""
        for folder in (self.incoming, self.made):
            for path in folder.iterdir():
                path.unlink(missing_ok=True)
        for path in self.assets.iterdir():
            if path.name not in assets:
                path.unlink(missing_ok=True)
        for path in self.videos.iterdir():
            if path.name not in videos:
                shutil.rmtree(path, ignore_errors=True)

    def close(self) -> None:
        """Let another server use it."""
        self._lock.release()


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no id")
    return name


def _size(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total
