"""What a program gives: paths, bytes and open files, told from what makes no sense."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from lipwright.core.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    PictureLike = str | Path | bytes | bytearray | memoryview | BinaryIO | np.ndarray | Image
    """A file, its content, an open file, BGR uint8 (h, w, 3), BGRA, grey, or a Pillow image."""

_ADDRESS = re.compile(r"(?i)[a-z][a-z0-9+.-]+:/")


def check_is_path(given: object, what: str) -> Path:
    """Return a path.

    given: from the caller. what: names it in messages: "picture", "output".

    Raises UsageError for an address, nothing at all, or anything that is no path.
    """
    if not isinstance(given, str | os.PathLike):
        raise UsageError(f"The {what} is {describe(given)}: give the path of a file.")
    text = os.fspath(given)
    if not isinstance(text, str) or not text.strip() or "\0" in text:
        raise UsageError(f"The path of the {what} is empty or cannot be: give that of a file.")
    if isinstance(given, str) and _ADDRESS.match(text):
        raise UsageError(
            f"{text} is an address, and nothing is fetched from the network: download the file, "
            f"and give its path as the {what}."
        )
    return Path(text)


def read_bytes(given: object, what: str) -> bytes | None:
    """Return the content of bytes or of a binary file that is open; None for anything else.

    Raises UsageError for a file that was opened as text, or is closed.
    """
    if isinstance(given, bytes | bytearray | memoryview):
        return bytes(given)
    read = getattr(given, "read", None)
    if read is None:
        return None
    try:
        if isinstance(given, io.BufferedIOBase) and given.seekable():
            given.seek(0)
        content = read()
    except (OSError, ValueError) as error:
        raise UsageError(f"The file of the {what} cannot be read ({error}): open it.") from error
    if not isinstance(content, bytes):
        raise UsageError(f'The file of the {what} is open as text: open it as binary, with "rb".')
    return content


def describe(given: object) -> str:
    """Return what something is, for messages: "None", "a list"."""
    if given is None:
        return "None"
    kind = type(given).__name__
    return f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"
