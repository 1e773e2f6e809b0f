"""How videos are made: a slot leases one from the ledger, has a worker make it, notes the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from lipwright.server.budget import CpuBudget
from lipwright.server.folder import DataFolder
from lipwright.server.ledger.assets import Assets
from lipwright.server.ledger.video import Video
from lipwright.server.ledger.videos import Videos
from lipwright.server.metrics import Metrics
from lipwright.server.problems import problem_of_answer
from lipwright.server.processes import WorkerDied, WorkerProcess
from lipwright.server.settings import Settings

log = logging.getLogger("lipwright")

POLL_SECONDS = 2.0
NOTE_SECONDS = 0.5
"""How often progress is written to the ledger."""
CANCEL_SECONDS = 5.0
"""A worker that has not stopped by then is ended."""
GONE = "A file of this video has been deleted: upload it again."


@dataclass
class _Run:
    """An attempt at a video."""

    video: Video
    worker: WorkerProcess
    began: float = field(default_factory=time.monotonic)
    noted: float = 0.0
    """When the ledger was last told of it."""
    frames: tuple[int, float] | None = None
    """Where counting began, for frames per second: number and time."""


class Scheduler:
    """Makes videos with as many workers as there are slots."""

    def __init__(
        self,
        settings: Settings,
        folder: DataFolder,
        videos: Videos,
        assets: Assets,
        budget: CpuBudget,
        metrics: Metrics,
    ) -> None:
        self._settings, self._folder, self._budget = settings, folder, budget
        self._videos, self._assets = videos, assets
        self._owner = secrets.token_hex(8)
        self._wake = asyncio.Event()
        self._running: dict[str, _Run] = {}
        self._idle: dict[int, WorkerProcess] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._speed = metrics.gauge("render_frames_per_second", "Of the video made last.")
        self._first = metrics.histogram(
            "render_first_frame_seconds", "From the start of a video to its first frame."
        )
        self._ends = metrics.counter("videos_ended_total", "Videos by how they ended.")
        self._broken = metrics.counter("workers_died_total", "Workers that ended in the middle.")

    def start(self) -> None:
        """Begin to work."""
        self._tasks = [
            asyncio.create_task(self._slot(number)) for number in range(self._settings.slots)
        ]

    async def stop(self) -> None:
        """Give leases back and end the workers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for worker in self._idle.values():
            await worker.kill()
        await asyncio.to_thread(self._videos.release_all, self._owner)

    def poke(self) -> None:
        """Say that there may be work."""
        self._wake.set()

    def is_running(self, name: str) -> bool:
        """Return whether a worker has not let go of a video yet."""
        return name in self._running

    async def cancel(self, name: str) -> None:
        """Have a video's worker stop, of which the ledger knows already that it is cancelled."""
        run = self._running.get(name)
        if run is not None:
            with contextlib.suppress(WorkerDied):
                await run.worker.send({"do": "cancel"})
            asyncio.get_running_loop().call_later(CANCEL_SECONDS, self._insist, run)

    def _insist(self, run: _Run) -> None:
        if self._running.get(run.video.id) is run:
            asyncio.ensure_future(run.worker.kill())

    async def _slot(self, number: int) -> None:
        while True:
            try:
                await self._next(number)
            except Exception:  # such as a full disk: the others' work goes on
                log.exception("a video's work broke off")
                await asyncio.sleep(POLL_SECONDS)

    async def _next(self, number: int) -> None:
        await self._budget.wait()
        self._wake.clear()
        seconds, held = self._settings.lease_seconds, tuple(self._running)
        video = await asyncio.to_thread(self._videos.claim, self._owner, seconds, held)
        if video is not None:
            with self._budget.video():
                await self._work(number, video)
            return
        await self._sweep(number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._wake.wait()

    async def _work(self, number: int, video: Video) -> None:
        try:
            worker = await self._worker(number)
        except WorkerDied:
            self._broken.add()
            await asyncio.to_thread(self._videos.broke_off, video)
            return
        except BaseException:
            await asyncio.to_thread(self._videos.release, video)
            raise
        run = self._running[video.id] = _Run(video, worker)
        try:
            await self._make(run)
        except WorkerDied:
            self._broken.add()
            await worker.kill()
            await asyncio.to_thread(self._videos.broke_off, video)
        except asyncio.CancelledError:  # the server ends: the video goes on when it starts again
            await worker.kill()
            await asyncio.to_thread(self._videos.release, video)
            raise
        except Exception:
            await worker.kill()
            await asyncio.to_thread(self._videos.broke_off, video)
            raise
        finally:
            del self._running[video.id]
            await asyncio.to_thread(self._forget, video)

    def _forget(self, video: Video) -> None:
        """Delete the files of a video that was deleted while it was being made."""
        if self._videos.get(video.id) is None:
            self._folder.drop_video(video.id)

    async def _make(self, run: _Run) -> None:
        order = await asyncio.to_thread(self._order, run.video)
        if order is None:
            await asyncio.to_thread(self._videos.fail, run.video, GONE)
            return
        await run.worker.send(order)
        while True:
            said = await run.worker.receive(self._settings.lease_seconds)
            if "facts" in said:
                await asyncio.to_thread(self._videos.finish, run.video, said["facts"])
                self._ends.add(state="done")
                return
            if said.get("error") == "Cancelled":
                return
            if "error" in said:
                problem = problem_of_answer(said)
                await asyncio.to_thread(
                    self._videos.fail, run.video, problem.detail, problem.option
                )
                self._ends.add(state="failed")
                return
            await self._note(run, said)

    async def _note(self, run: _Run, said: dict[str, Any]) -> None:
        """Tell the ledger of progress, or at least that the worker lives."""
        now = time.monotonic()
        if said.get("stage") == "frames":
            self._count(run, said, now)
        if now - run.noted < NOTE_SECONDS:
            return
        run.noted = now
        mine = await asyncio.to_thread(self._write, run.video, said)
        if not mine:  # cancelled, deleted, or leased to somebody else
            await self.cancel(run.video.id)

    def _write(self, video: Video, said: dict[str, Any]) -> bool:
        if "stage" in said:
            frames = said["stage"] == "frames"
            done, total = (said["done"], said["total"]) if frames else (0, None)
            self._videos.advance(video, said["stage"], said["progress"], done, total)
        return self._videos.hold(video, self._settings.lease_seconds)

    def _count(self, run: _Run, said: dict[str, Any], now: float) -> None:
        if run.frames is None:
            run.frames = said["done"], now
            self._first.observe(now - run.began)
        elif now - run.frames[1] > 0.2:
            self._speed.set((said["done"] - run.frames[0]) / (now - run.frames[1]))

    def _order(self, video: Video) -> dict[str, Any] | None:
        """What a worker is told; None where a file is no longer there."""
        given = {"source": video.request["source"], "audio": video.request.get("audio")}
        found = {what: self._assets.get(name) for what, name in given.items() if name}
        if None in found.values():
            return None
        paths = {what: str(self._folder.asset(one.id)) for what, one in found.items() if one}
        labels = {paths[what]: one.name for what, one in found.items() if one}
        folder = str(self._folder.video(video.id))
        return {
            "do": "render",
            "id": video.id,
            "folder": folder,
            "request": dict(video.request),
            "labels": {**labels, f"{folder}/work/": "", folder: "The video"},
            **paths,
        }

    async def _worker(self, number: int) -> WorkerProcess:
        worker = self._idle.get(number)
        if worker is None or not worker.alive:
            worker = await WorkerProcess.start([self._settings.renderer])
            self._idle[number] = worker
        return worker

    async def _sweep(self, number: int) -> None:
        """End a worker that has had nothing to do for long."""
        worker = self._idle.get(number)
        if worker and time.monotonic() - worker.used > self._settings.idle_seconds:
            del self._idle[number]
            await worker.close()
