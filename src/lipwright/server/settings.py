"""What the server is told once, when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lipwright.core.cores import usable_cores
from lipwright.core.errors import UsageError

LOOPBACK = ("127.0.0.1", "::1", "localhost")
MOST_WORKERS = 64
CORES_PER_WORKER = 4
"""A video is drawn in several threads already: so many cores are worth one more at a time."""
SHORTEST_TOKEN = 16


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that whoever runs the server chooses.

    Raises:
        UsageError: a value that cannot be.
    """

    data: Path
    """The folder of uploads, videos and the ledger; one server at a time uses it."""
    host: str = "127.0.0.1"
    """The address it listens on."""
    port: int = 8000
    """The port it listens on."""
    token: str | None = None
    """What a client must know; None lets in everybody who gets through to it."""
    workers: int | None = None
    """Videos made at once; None: one for each four cores, at least one."""
    upload_bytes: int = 512 << 20
    """The largest file that is taken."""
    storage_bytes: int = 20 << 30
    """All uploads and videos together; beyond it no more are taken."""
    text_characters: int = 20_000
    """The longest text of a video."""
    speech_characters: int = 1_000
    """The longest text that is spoken at once by `/v1/speech`."""
    json_bytes: int = 1 << 20
    """The largest body of a request that is no upload."""
    queue: int = 100
    """Videos that may wait."""
    attempts: int = 3
    """How often a video is begun before it is given up."""
    lease_seconds: float = 30.0
    """How long a video is held by a worker that does not say that it is alive."""
    idle_seconds: float = 300.0
    """After so long without work a worker ends, and its memory is free."""
    requests_per_second: float = 50.0
    """What one client may ask, on average."""
    burst: int = 200
    """What one client may ask at once."""
    cpu_budget: float | None = None
    """Cores that live sessions and videos may use together; None: those there are."""
    allowed_hosts: tuple[str, ...] = ()
    """Names by which clients may call the server, besides localhost, its own and addresses."""
    allowed_origins: tuple[str, ...] = ()
    """Other web pages that may use it, such as https://app.example.com."""
    private_webhooks: bool = False
    """Whether webhooks may go to addresses that are not public."""
    secure: bool = False
    """Whether it is reached by HTTPS, so that its cookie is never sent without."""
    renderer: str = "lipwright.server.worker.render:render"
    """The function that makes videos, as module:name."""

    def __post_init__(self) -> None:
        """Check what can be checked."""
        if self.token is not None and len(self.token) < SHORTEST_TOKEN:
            raise UsageError(
                f"The token is {len(self.token)} characters long: give at least {SHORTEST_TOKEN}.",
                option="token",
            )
        if self.token is not None and not (self.token.isascii() and self.token.isprintable()):
            raise UsageError("The token must be of plain ASCII characters.", option="token")
        if self.workers is not None and not 1 <= self.workers <= MOST_WORKERS:
            raise UsageError(
                f"{self.workers} workers are impossible: give 1 to {MOST_WORKERS}.",
                option="workers",
            )
        if not 0 <= self.port <= 65535:
            raise UsageError(
                f"There is no port {self.port}: give 1 to 65535, or 0 for any.", option="port"
            )
        for origin in self.allowed_origins:
            if "*" in origin or not origin.startswith(("http://", "https://")):
                raise UsageError(
                    f'"{origin}" is no origin: name one such as https://app.example.com.',
                    option="allow-origin",
                )

    @property
    def is_loopback(self) -> bool:
        """Whether only this computer reaches the server."""
        return self.host in LOOPBACK or self.host.startswith("127.")

    @property
    def slots(self) -> int:
        """Videos made at once."""
        return self.workers or max(1, usable_cores() // CORES_PER_WORKER)

    @property
    def cores(self) -> float:
        """Cores that live sessions and videos may use together."""
        return self.cpu_budget or float(usable_cores())
