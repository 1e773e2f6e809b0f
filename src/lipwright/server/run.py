"""Run the server in this process, until it is told to end."""

from __future__ import annotations

import logging
import secrets
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.core.errors import LipwrightError, MissingExtraError, UsageError
from lipwright.core.paths import data_folder
from lipwright.server.addresses import own_address
from lipwright.server.folder import DataFolder
from lipwright.server.settings import Settings

if TYPE_CHECKING:
    from uvicorn import Config

GRACE_SECONDS = 3
"""How long answers that are being sent may take when the server ends."""
MOST_CONNECTIONS = 512
MOST_MESSAGE = 1 << 20
"""Bytes of a WebSocket message."""


def run(
    *,
    host: str,
    port: int,
    data: Path | None,
    token: str | None,
    tls: bool,
    certificate: Path | None,
    key: Path | None,
    quiet: bool,
    say: Callable[[str], None],
    **more: Any,
) -> None:
    """Listen until SIGTERM or Ctrl-C; what is unfinished goes on at the next start.

    Args:
        host: the address to listen on.
        port: the port; 0 takes any that is free.
        data: the folder; None for the user's.
        token: what clients must know; None makes one where others than this computer get through.
        tls: whether HTTPS is served.
        certificate: PEM; None makes one.
        key: its private key, PEM.
        quiet: say nothing but errors.
        say: takes the lines that people are told.
        more: other fields of `Settings`.

    Raises:
        UsageError: a setting that cannot be. MissingExtraError: the server is not installed.
        LipwrightError: the address cannot be listened on. MediaError: the folder cannot be used.
    """
    if (certificate is None) != (key is None):
        raise UsageError("HTTPS needs both a certificate and its private key: give both.")
    secure = tls or certificate is not None
    plain = Settings(data=data or data_folder() / "server", host=host, port=port, token=token)
    if token is None and not plain.is_loopback:
        token = secrets.token_urlsafe(24)
        made = True
    else:
        made = False
    settings = Settings(data=plain.data, host=host, port=port, token=token, secure=secure, **more)
    config = _config(settings)
    DataFolder(settings.data).close()  # so that it is told in a sentence if it cannot be used
    listener = _listen(host, port)
    if secure:
        from lipwright.server.tls import certificate_for

        files = (certificate, key) if certificate and key else certificate_for(settings)
        _check_certificate(*files)
        config.ssl_certfile, config.ssl_keyfile = map(str, files)
    if not quiet:
        for line in told(settings, listener.getsockname()[1], made):
            say(line)
    _serve(config, listener)


def told(settings: Settings, port: int, made: bool) -> list[str]:
    """Return what whoever starts the server is told: where it is, and how to get in.

    port: the one that it listens on. made: whether the token is new.
    """
    scheme = "https" if settings.secure else "http"
    names = [settings.host]
    if settings.host in ("0.0.0.0", "::"):
        names = ["127.0.0.1", *filter(None, [own_address()])]
    ending = "/" if settings.token is None or not made else f"/?token={settings.token}"
    shown = [f"[{name}]" if ":" in name else name for name in names]
    lines = [f"The studio: {scheme}://{name}:{port}{ending}" for name in shown]
    if made:
        lines.append(f"The token, made for this run: {settings.token}")
    if not settings.secure and not settings.is_loopback:
        lines.append("Without HTTPS browsers on other devices give neither microphone nor camera.")
    return lines


def _config(settings: Settings) -> Config:
    try:
        import uvicorn

        from lipwright.server.app import create_app
    except ImportError as error:
        if (error.name or "").startswith("lipwright"):
            raise
        raise MissingExtraError("The server", "server") from None
    return uvicorn.Config(
        create_app(settings),
        access_log=False,  # an address may have the token in it
        log_level=logging.WARNING,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        limit_concurrency=MOST_CONNECTIONS,
        ws_max_size=MOST_MESSAGE,
        ws_per_message_deflate=False,  # coded pictures become no smaller
        lifespan="on",
    )


def _check_certificate(certificate: Path, key: Path) -> None:
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:  # an SSLError is both
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"{certificate} and {key} cannot be used for HTTPS ({reason}): give a certificate in "
            "PEM and its private key.",
            option="certificate",
        ) from None


def _listen(host: str, port: int) -> socket.socket:
    """Open the port before anything is said, so that only the truth is."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise LipwrightError(
            f"The server cannot listen on {host}, port {port} ({error.strerror or error}): give "
            "another port or address.",
            option="port",
        ) from None
    return listener


def _serve(config: Config, listener: socket.socket) -> None:
    import uvicorn

    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    logging.getLogger("lipwright").addHandler(handler)
    # before Python 3.12 asyncio warns of workers that were killed rather than waited for
    logging.getLogger("asyncio").addFilter(lambda said: "Unknown child" not in str(said.msg))
    server = uvicorn.Server(config)
    server.run(sockets=[listener])
    if not server.started:
        raise LipwrightError("The server could not start: what it said above tells why.")
