"""Text in a WAV file: the LIST chunk of RIFF's INFO tags, which players and FFmpeg read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

MARKS = {
    "ICMT": "AI-generated speech: synthesised by lipwright "
    "(http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia)",
    "ISFT": "lipwright",
}
"""Comment and software of sound that a voice has spoken."""


def append_info(path: Path, tags: Mapping[str, str]) -> None:
    """Append tags to a finished WAV file.

    tags: text by RIFF's four-letter names. Raises OSError where the file cannot be written.
    """
    body = b"INFO" + b"".join(
        _chunk(name.encode("ascii"), text.encode() + b"\0") for name, text in tags.items()
    )
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        file.write(b"\0" * (end % 2) + _chunk(b"LIST", body))
        size = file.tell() - 8
        file.seek(4)
        file.write(size.to_bytes(4, "little"))


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)
