"""One output, one run: a second one is told so rather than destroy what the first is making."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lipwright.core.atomic_file import sweep_partials
from lipwright.core.errors import MediaError, UsageError


@contextmanager
def locked_output(path: Path, no_clobber: bool = False) -> Iterator[None]:
    """Keep other runs from writing `path` while the block runs; the same thread may enter again.

    Partial files that killed runs left of it are deleted. The lock belongs to the process: that of
    a dead one holds nobody up. Where the file system knows no locks there is none.

    Raises MediaError where another run is writing it, UsageError where no_clobber is true and
    there is such a file.
    """
    from filelock import FileLock, Timeout  # it takes long to import

    lock = path.absolute().with_name(f".{path.name[:200]}.lock")
    # one object for a path and thread: who holds it may take it again
    held = FileLock(lock, timeout=0, is_singleton=True)
    try:
        held.acquire()
    except Timeout:
        raise MediaError(
            f"{path} is being written by another run: wait for its end, or give another name."
        ) from None
    except (OSError, NotImplementedError):  # that it cannot be written is told by who writes it
        check_no_clobber(path, no_clobber)
        yield
        return
    try:
        check_no_clobber(path, no_clobber)
        if held.lock_counter == 1:
            sweep_partials(path)
        yield
    finally:
        if held.lock_counter == 1:
            with suppress(OSError):  # while it is held: afterwards it may be another run's
                lock.unlink(missing_ok=True)
        held.release()


def check_no_clobber(path: Path, no_clobber: bool) -> None:
    """Raise UsageError where a file is there that shall not be replaced."""
    if no_clobber and path.exists():
        raise UsageError(
            f"{path} is already there: give another name, or allow it to be replaced.",
            option="no-clobber",
        )
