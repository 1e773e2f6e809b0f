"""Addresses of services that come from the environment, checked before they are used."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HOST = re.compile(
    r"(?i)(?:\[[0-9a-f:.]+\]|(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})"
    r"(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*\.?)"
)


def is_address(
    address: str, schemes: tuple[str, ...] = ("https", "http"), bare: bool = False
) -> bool:
    """Return whether this can be the address of a service.

    schemes: what it may begin with. bare: whether it may also be a host alone.
    """
    whole = f"{schemes[0]}://{address}" if bare and "://" not in address else address
    try:
        parts = urlsplit(whole)
        port = parts.port
    except ValueError:
        return False
    host = parts.netloc.rpartition("@")[2]
    if port is not None:
        host = host.rpartition(":")[0]
    return parts.scheme.lower() in schemes and bool(_HOST.fullmatch(host.removesuffix(":")))
