"""Webhooks: clients' own servers are told how a video ended, signed, again until they answer."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import http.client
import ipaddress
import logging
import socket
import ssl
import time
from urllib.parse import SplitResult, urlsplit

from lipwright.core.errors import UsageError
from lipwright.server.ledger.deliveries import Deliveries, Delivery
from lipwright.server.metrics import Metrics

log = logging.getLogger("lipwright")

POLL_SECONDS = 1.0
TIMEOUT = 10.0
"""Seconds that a client's server may take."""
LONGEST_URL = 2000
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Refused(Exception):
    """An address that must not be called."""


class Webhooks:
    """Sends what the ledger has for others."""

    def __init__(self, deliveries: Deliveries, private: bool, metrics: Metrics) -> None:
        """private: whether they may go to addresses that are not public."""
        self._deliveries, self._private = deliveries, private
        self._sent = metrics.counter("webhooks_total", "Webhook attempts, by how they ended.")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Send no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                due = await asyncio.to_thread(self._deliveries.due)
                await asyncio.gather(*(asyncio.to_thread(self._send, one) for one in due))
            except Exception:  # such as a full disk: they are sent later
                log.exception("webhooks broke off")

    def _send(self, delivery: Delivery) -> None:
        try:
            status = post(delivery, self._private)
        except Refused as error:
            self._sent.add(state="refused")
            self._deliveries.refused(delivery, str(error))
            return
        except (OSError, http.client.HTTPException) as error:
            self._sent.add(state="failed")
            self._deliveries.failed(delivery, type(error).__name__)
            return
        good = 200 <= status < 300
        self._sent.add(state="done" if good else "failed")
        if good:
            self._deliveries.done(delivery)
        else:
            self._deliveries.failed(delivery, f"status {status}")


def check_url(url: str) -> SplitResult:
    """Return the parts of an address that a webhook may have. Raises UsageError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    good = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    if not good or port == 0 or len(url) > LONGEST_URL or not (url.isascii() and url.isprintable()):
        raise UsageError(
            "The webhook's address cannot be used: give one such as https://example.com/hook.",
            option="webhook.url",
        )
    return parts


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Return what the receiver compares: hex of HMAC-SHA256 over "timestamp.body"."""
    return hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def post(delivery: Delivery, private: bool) -> int:
    """Send a delivery and return the status; redirects are not followed, nothing is read.

    Raises Refused for an address that is not public, unless private is true; OSError or
    HTTPException where nobody answers.
    """
    parts = check_url(delivery.url)
    body, now = delivery.body.encode(), int(time.time())
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "User-Agent": "lipwright",
        "Lipwright-Delivery": delivery.id,
        "Lipwright-Timestamp": str(now),
        "Lipwright-Signature": f"v1={sign(delivery.secret, now, body)}",
        "Connection": "close",
    }
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with contextlib.closing(_connect(parts, private)) as connection:
        connection.request("POST", target, body, headers)
        return connection.getresponse().status


def _connect(parts: SplitResult, private: bool) -> http.client.HTTPConnection:
    """Connect to the very address that was checked: the name is not looked up again."""
    host = str(parts.hostname)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not private and not all(is_public(address) for address in addresses):
        raise Refused(f"{host} is not a public address")
    plain = socket.create_connection((addresses[0], port), TIMEOUT)
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    try:
        connection.sock = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=host)
            if secure
            else plain
        )
    except BaseException:
        plain.close()
        raise
    return connection


def is_public(address: str) -> bool:
    """Return whether an address is one of the public network, also where IPv6 wraps IPv4."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast
