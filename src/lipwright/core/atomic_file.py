"""Atomic files: written under a hidden name beside their destination, then moved there."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lipwright.core.errors import MediaError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
SPECIAL = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)
"""What may be found where a file is expected, and its name."""
SAMPLES, SAMPLE_BYTES = 256, 1 << 16
"""Of a large file so many pieces, spread evenly, stand for all of it."""


def check_rereadable(path: Path) -> None:
    """Raise MediaError for what is no file, and would block or never end when it is read.

    Folders and missing files are told by those who read them.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise MediaError(
                f"{path} is a symbolic link that leads back to itself: give the file itself."
            ) from None
        return
    except ValueError:
        raise MediaError(f"{str(path)!r} cannot be the name of a file: check the path.") from None
    for is_kind, kind in SPECIAL:
        if is_kind(mode):
            raise MediaError(
                f"{path} is {kind}, which cannot be read twice: write what it gives to a file "
                "first."
            )


def create_partial(path: Path) -> Path:
    """Create an empty hidden file beside `path`, to be moved there by `commit`.

    Raises MediaError if nothing can be written there.
    """
    if path.is_dir():
        raise MediaError(f"{path} is a folder: give the name of the file to write in it.")
    if not path.parent.is_dir():
        raise MediaError(
            f"{path} cannot be written: there is no folder {path.parent}, create it first."
        )
    partial = path.with_name(f"{_partial_start(path)}{secrets.token_hex(4)}.part{path.suffix[:40]}")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        raise cannot_write(path, error) from error
    return partial


def _partial_start(path: Path) -> str:
    """How the names of an output's partial files begin, and those of no other output."""
    own = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:8]
    return f".{path.stem[:40]}.{own}-"


def sweep_partials(path: Path) -> None:
    """Delete the partial files that killed runs have left of `path`.

    To be called only while nobody else writes it; see `core.output_lock`.
    """
    start = _partial_start(path)
    with suppress(OSError):
        for found in path.parent.iterdir():
            if found.name.startswith(start) and found.stem.endswith(".part"):
                found.unlink(missing_ok=True)


@contextmanager
def atomic_write(path: Path, folder: Path | None = None) -> Iterator[Path]:
    """Yield a partial file to write to; move it to `path` when the block ends without an error.

    folder: where the partial file lies until then; None is the folder of `path`. Nothing is left
    after an error. Raises MediaError where the file cannot be written.
    """
    partial = create_partial(path if folder is None else folder / path.name)
    try:
        yield partial
        commit(partial, path)
    except OSError as error:  # av's errors with an errno are OSErrors as well
        raise cannot_write(path, error) from error
    finally:
        partial.unlink(missing_ok=True)


def commit(partial: Path, path: Path) -> None:
    """Move a finished partial file to `path`, replacing what was there."""
    try:
        os.replace(partial, path)
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> MediaError:
    """Return the MediaError that says why `path` cannot be written and what to do."""
    if error.errno in FULL:
        return MediaError(
            f"{path} cannot be written, the disk is full: make room or choose another place."
        )
    if error.errno in FORBIDDEN:
        return MediaError(
            f"{path} cannot be written, the folder is not writable: choose another place."
        )
    reason = error.strerror or str(error)
    return MediaError(f"{path} cannot be written ({reason}): choose another place.")


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file's size and content; of samples of its content where it is large.

    Raises MediaError where the file cannot be read.
    """
    try:
        size = path.stat().st_size
        found = hashlib.sha256(str(size).encode())
        step = max(SAMPLE_BYTES, (size - SAMPLE_BYTES) // (SAMPLES - 1))
        with path.open("rb") as file:
            for start in range(0, size, step):
                file.seek(start)
                found.update(file.read(SAMPLE_BYTES))
    except OSError as error:
        raise MediaError(f"{path} cannot be read ({error.strerror}): see that it is there.") from (
            error
        )
    return found.hexdigest()
