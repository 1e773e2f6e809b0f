"""Addresses of this computer, and what is one."""

from __future__ import annotations

import ipaddress
import socket


def own_address() -> str | None:
    """Return this computer's address in its network, as far as it is known; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that is nobody's
        except OSError:
            return None
        return str(probe.getsockname()[0])


def is_ip(name: str) -> bool:
    """Return whether this is an address rather than a name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
