"""Who asks the network: Python's own audit events tell, whichever library it is."""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

LOOK_UPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
SENDINGS = ("socket.connect", "socket.sendto", "socket.sendmsg")


def refuse_network(attempts: list[str]) -> None:
    """Refuses, until the process ends, what would leave this machine, and notes it in `attempts`.

    Native code that asks the system itself is not seen.
    """

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event in LOOK_UPS:
            host = arguments[0]
        elif event in SENDINGS and arguments[0].family in (socket.AF_INET, socket.AF_INET6):
            host = arguments[1] and arguments[1][0]
        else:
            return
        if not is_here(host):
            attempts.append(f"{event} {host}")
            raise OSError(f"tests stay on this machine: {event} {host}")

    sys.addaudithook(look)


def is_here(host: str | bytes | None) -> bool:
    """Whether a host, a name or an address, is this machine; None and "" stand for it."""
    name = host.decode(errors="replace") if isinstance(host, bytes) else host
    if not name or name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
