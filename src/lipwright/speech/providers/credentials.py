"""Keys of services: read from the environment, and kept out of everything that is written."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from urllib.parse import quote

from lipwright.core.address import is_address
from lipwright.core.errors import VoiceError
from lipwright.core.secrets import HIDDEN, hide_credentials, show_address

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


def read_address(
    name: str, schemes: tuple[str, ...] = ("https", "http"), bare: bool = False
) -> str | None:
    """Return the address in an environment variable; None where there is none.

    schemes: what it may begin with. bare: whether it may be a host alone. Raises VoiceError for
    what cannot be one, before anybody is asked.
    """
    address = os.environ.get(name, "").strip()
    if address and not is_address(address, schemes, bare):
        example = "eu.example.com" if bare else f"{schemes[0]}://example.com"
        raise VoiceError(
            f"{name} is {show_address(address)}, which is no address of a service: give one such "
            f"as {example}, or unset it."
        )
    return address or None


def read_region(name: str, pattern: str, example: str) -> str | None:
    """Return the region in an environment variable; None where there is none.

    pattern: a regular expression of all regions. Raises VoiceError for what cannot be one.
    """
    region = os.environ.get(name, "").strip()
    if region and not re.fullmatch(pattern, region):
        raise VoiceError(f'{name} is "{region}", which is no region: give one such as {example}.')
    return region or None


def redact(text: str, secrets: Sequence[str]) -> str:
    """Return the text with every secret in it hidden, also where it is a part of an address."""
    spelled = {form for secret in secrets if secret for form in (secret, quote(secret, safe=""))}
    for form in sorted(spelled, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return hide_credentials(text)
