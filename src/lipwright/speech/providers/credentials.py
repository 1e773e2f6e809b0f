"""Keys of services: read from the environment, and kept out of everything that is written."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from urllib.parse import quote

from lipwright.core.errors import VoiceError

HIDDEN = "[hidden]"
_POSSIBLE = re.compile(r"[\x21-\x7e]+")


def read_key(provider: str, *names: str) -> str:
    """Return the value of the first of these environment variables that is set.

    provider: its name in sentences. Raises VoiceError, naming the variable, for none, and for one
    that cannot be a key: an HTTP library would repeat it in its own error.
    """
    for name in names:
        if value := os.environ.get(name, "").strip():
            if not _POSSIBLE.fullmatch(value):
                raise VoiceError(f"{name} has characters that no key has: set it again.")
            return value
    raise VoiceError(f"{provider} needs a key: put it in the environment variable {names[0]}.")


def has_keys(names: Sequence[str], files: Sequence[str] = ()) -> bool:
    """Return whether all of these variables are set, or one of these files ("~/...") is there."""
    if all(os.environ.get(name, "").strip() for name in names):
        return True
    return any(os.path.isfile(os.path.expanduser(file)) for file in files)


def redact(text: str, secrets: Sequence[str]) -> str:
    """Return the text with every secret in it hidden, also where it is a part of an address."""
    spelled = {form for secret in secrets if secret for form in (secret, quote(secret, safe=""))}
    for form in sorted(spelled, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text
