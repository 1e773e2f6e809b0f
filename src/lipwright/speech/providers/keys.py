"""Keys of services: read from the environment, and kept out of everything that is written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from lipwright.errors import VoiceError

HIDDEN = "[hidden]"


def read_key(provider: str, *names: str) -> str:
    """The value of the first of these environment variables that is set.

    provider: its name in sentences. Raises VoiceError, naming the first variable, for none.
    """
    for name in names:
        if value := os.environ.get(name, "").strip():
            return value
    raise VoiceError(f"{provider} needs a key: put it in the environment variable {names[0]}.")


def has_keys(names: Sequence[str], files: Sequence[str] = ()) -> bool:
    """Whether all of these variables are set, or one of these files ("~/...") is there."""
    if all(os.environ.get(name, "").strip() for name in names):
        return True
    return any(Path(file).expanduser().is_file() for file in files)


def redact(text: str, secrets: Sequence[str]) -> str:
    """The text with every secret in it hidden."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text
