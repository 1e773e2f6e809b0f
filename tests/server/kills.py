"""Videos while worker and server are killed at random: none lost, none made twice."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.server.served import Served

FINAL = ("done", "failed", "cancelled")


@dataclass
class Outcome:
    """What came of it."""

    asked: int = 0
    done: int = 0
    lost: int = 0
    twice: int = 0
    wrong: int = 0
    retried: int = 0
    worker_kills: int = 0
    server_kills: int = 0
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return self.done == self.asked and not (self.lost or self.twice or self.wrong)


class Kills:
    """Orders videos as a client would that knows nothing of what happens, and kills."""

    def __init__(
        self, data: Path, picture: Path, jobs: int, seed: int, pause: tuple[float, float],
        frames: int = 25, workers: int = 2, most_kills: int = 10_000,
    ) -> None:  # fmt: skip
        """pause: s between kills, from and to. frames: of each video, at most."""
        self._random = random.Random(seed)
        self._data, self._picture, self._jobs, self._frames = data, picture, jobs, frames
        self._pause, self._most = pause, most_kills
        self._server = Served(data, workers=workers, queue=jobs + 1, requests_per_second=1000)
        self._over = threading.Event()
        self.outcome = Outcome(asked=jobs)

    def run(self, seconds: float = 600.0) -> Outcome:
        """seconds: the longest it may take."""
        began = time.monotonic()
        self._server.wait_ready()
        killer = threading.Thread(target=self._kill)
        try:
            source = self._upload()
            killer.start()
            lengths = [self._random.randint(1, self._frames) for _ in range(self._jobs)]
            videos = [self._order(source, n, length) for n, length in enumerate(lengths)]
            self._wait(videos, began + seconds)
            self._over.set()
            killer.join()
            self._server.wait_ready()
            self._judge(videos, lengths)
        finally:
            self._over.set()
            if killer.ident:
                killer.join()
            self._server.kill()
        self.outcome.seconds = time.monotonic() - began
        return self.outcome

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask until there is an answer: the server may be dead."""
        for _ in range(600):
            try:
                answer = httpx.request(method, self._server.url + path, timeout=20, **more)
                if answer.status_code not in (429, 503):
                    return answer
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"no answer to {method} {path}")

    def _upload(self) -> str:
        answer = self._ask(
            "POST", "/v1/assets", files={"file": ("a.jpg", self._picture.read_bytes())}
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def _order(self, source: str, number: int, length: int) -> str:
        order = {"source": source, "text": f"video {number}", "options": {"seed": length}}
        answer = self._ask(
            "POST", "/v1/videos", json=order, headers={"Idempotency-Key": f"key-{number}"}
        )
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def _wait(self, videos: list[str], until: float) -> None:
        """Wait for all, and try those again that were killed three times in a row."""
        waiting = set(videos)
        while waiting and time.monotonic() < until:
            for name in sorted(waiting):
                state = self._ask("GET", f"/v1/videos/{name}").json()["state"]
                if state == "failed":
                    self.outcome.retried += 1
                    self._ask("POST", f"/v1/videos/{name}/retry")
                elif state in FINAL:
                    waiting.discard(name)
            time.sleep(0.2)

    def _judge(self, videos: list[str], lengths: list[int]) -> None:
        found, after = {}, ""
        while after is not None:
            page = self._ask("GET", "/v1/videos", params={"limit": 100, "after": after or None})
            found.update({video["id"]: video for video in page.json()["videos"]})
            after = page.json()["next"]
        self.outcome.lost = len(set(videos) - set(found))
        self.outcome.twice = len(set(found) - set(videos)) + len(videos) - len(set(videos))
        for name, length in zip(videos, lengths, strict=True):
            if found.get(name, {}).get("state") != "done":
                continue
            self.outcome.done += 1
            lines = "".join(f"{number}\n" for number in range(length))
            content = self._ask("GET", f"/v1/videos/{name}/content").text
            self.outcome.wrong += content != f"{name}\n{lines}"
        published = sorted(path.parent.name for path in self._data.glob("videos/*/done"))
        self.outcome.wrong += published != sorted(videos)

    def _kill(self) -> None:
        for turn in range(self._most):
            if self._over.wait(self._random.uniform(*self._pause)):
                return
            if turn == 1 or self._random.random() < 0.25:
                self._server.kill()
                self._server.start()
                self.outcome.server_kills += 1
                continue
            with suppress(ProcessLookupError, IndexError):  # there may be none yet
                os.kill(self._random.choice(self._server.workers()), signal.SIGKILL)
                self.outcome.worker_kills += 1
