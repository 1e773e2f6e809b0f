"""What the parts of the server share: one object, made when it starts."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from lipwright.server.budget import CpuBudget
from lipwright.server.changes import Changes
from lipwright.server.folder import DataFolder
from lipwright.server.ledger.assets import Assets
from lipwright.server.ledger.database import Database
from lipwright.server.ledger.deliveries import Deliveries
from lipwright.server.ledger.videos import Videos
from lipwright.server.metrics import Metrics, set_all
from lipwright.server.processes import Tools
from lipwright.server.scheduler import Scheduler
from lipwright.server.settings import Settings
from lipwright.server.webhooks import Webhooks

SWEEP_SECONDS = 5.0
STATES = ("queued", "running", "done", "failed", "cancelled")


@dataclass
class Services:
    """What there is while the server runs."""

    settings: Settings
    folder: DataFolder
    database: Database
    videos: Videos
    assets: Assets
    changes: Changes
    budget: CpuBudget
    metrics: Metrics
    looks: Tools
    """The worker that looks at files and draws stills."""
    voices: Tools
    """The worker that speaks."""
    scheduler: Scheduler
    webhooks: Webhooks
    live: dict[str, Any] = field(default_factory=lambda: {"webrtc": False, "voices_loaded": False})
    """What `/v1/info` says of live sessions; their part fills it in."""
    _sweeper: asyncio.Task[None] | None = None

    @classmethod
    def start(cls, settings: Settings, metrics: Metrics) -> Services:
        """Open the folder and begin to work; in the event loop. Raises MediaError."""
        folder = DataFolder(settings.data)
        database = Database(folder.ledger)
        videos, assets = Videos(database, settings.attempts), Assets(database)
        folder.sweep(assets.ids(), videos.ids())
        changes = Changes(asyncio.get_running_loop())
        database.listener = changes.tell
        budget = CpuBudget(settings.cores)
        scheduler = Scheduler(settings, folder, videos, assets, budget, metrics)
        webhooks = Webhooks(Deliveries(database), settings.private_webhooks, metrics)
        found = cls(
            settings, folder, database, videos, assets, changes, budget, metrics,
            Tools(settings.idle_seconds), Tools(settings.idle_seconds), scheduler, webhooks,
        )  # fmt: skip
        found._measure()
        scheduler.start()
        webhooks.start()
        found._sweeper = asyncio.create_task(found._sweep())
        return found

    async def stop(self) -> None:
        """Give back what is leased, end the workers, close the ledger."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        await self.webhooks.stop()
        await self.scheduler.stop()
        await self.looks.close()
        await self.voices.close()
        self.database.close()
        self.folder.close()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            await self.looks.sweep()
            await self.voices.sweep()

    def _measure(self) -> None:
        states = self.metrics.gauge("videos", "Videos in the ledger, by state.")
        depth = self.metrics.gauge("queue_depth", "Videos that wait.")
        used = self.metrics.gauge("cpu_cores_used", "Cores that videos and live sessions hold.")
        listeners = self.metrics.gauge("event_streams", "Clients that watch a video.")
        started, since = time.monotonic(), self.metrics.gauge("uptime_seconds", "Since the start.")

        def ask() -> None:
            counts = {**dict.fromkeys(STATES, 0), **self.videos.counts()}
            set_all(states, "state", counts)
            depth.set(counts["queued"])
            used.set(self.budget.used)
            listeners.set(self.changes.listeners)
            since.set(time.monotonic() - started)

        self.metrics.before(ask)
