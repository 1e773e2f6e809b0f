"""How live sessions are: delays in Chromium from the picture itself, steadiness, and what is left.

    python benchmarks/live.py [--minutes 10] [--sessions 100] [--repeats 10] [--output FILE]

Frames carry their number as black and white squares; a page reads them as they are shown, on this
machine's one clock. Without arguments it takes a minute or so. The server, the browser and
everything else share the machine: load and processor seconds are told beside the numbers. Needs the
`dev` extra and a chromium (CHROMIUM names another than the one in the path).
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import httpx
import live_measures as measures
import websockets

SIZE = 512
VOICE = "anika"
SENTENCE = "Good morning, it is a fine day to be outside."
LONG = "This is a rather long story about a small house at the end of the street. " * 3
FLAGS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
WANTED = {
    "websocket latency": 80, "webrtc latency": 120, "text to first frame": 1300,
    "microphone to lips": 500, "interruption": 200,
}  # fmt: skip


def portrait(folder: Path) -> tuple[Path, list[float]]:
    """A square portrait, and where its mouth is: x, y, width, height as shares of its size."""
    from lipwright.cli.demo import find_sample_portrait
    from lipwright.face import find_faces

    image = cv2.imread(str(find_sample_portrait()))
    side = min(image.shape[:2])
    image = cv2.resize(image[:side, :side], (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    (face,) = find_faces(image)
    left, right = face.landmarks[61, :2], face.landmarks[291, :2]
    width = float(right[0] - left[0])
    box = [left[0] - 0.1 * width, (left[1] + right[1]) / 2 - 0.3 * width, 1.2 * width, 0.7 * width]
    path = folder / "face.png"
    cv2.imwrite(str(path), image)
    return path, [float(value) / SIZE for value in box]


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, int, float]]:
    """A server for measurements: its address, its process, and how long its start took, s."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = Path(__file__).with_name("live_server.py")
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, str(script), str(folder / "data"), str(port)])
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=1)
                break
            except OSError:
                assert process.poll() is None, "the server did not start"
                time.sleep(0.01)
        yield address, process.pid, time.monotonic() - began
    finally:
        process.terminate()
        process.wait(20)


class Page:
    """The page of a session in Chromium."""

    def __init__(self, browser: Any, address: str, transport: str, source: str, box: list[float]):
        self.page = browser.new_page(bypass_csp=True)  # the page is no part of the server
        self.address = address
        self.page.goto(f"{address}/bench/page")
        self.page.wait_for_function("window.bench")
        wanted = {"source": source, "voice": VOICE, "motion": "still"}
        opens = "openPeer" if transport == "webrtc" else "openSocket"
        self.page.evaluate(f"wanted => bench.{opens}(wanted)", wanted)
        self.wait("bench.ready && bench.shown.length > 25", 60)
        size = self.page.evaluate("[bench.ready.width, bench.ready.height]")
        self.page.evaluate(
            "box => { bench.mouth = box }", [round(v * size[i % 2]) for i, v in enumerate(box)]
        )
        self.wait("bench.texts.some(([m]) => m.type === 'state')", 60)
        self.sleep(0.5)

    def wait(self, condition: str, seconds: float) -> None:
        self.page.wait_for_function(f"bench.error || ({condition})", timeout=seconds * 1000)
        error = self.page.evaluate("bench.error")
        assert error is None, error

    def sleep(self, seconds: float) -> None:
        self.page.wait_for_timeout(seconds * 1000)

    def records(self) -> tuple[list[measures.Sent], list[measures.Shown]]:
        answer = urllib.request.urlopen(f"{self.address}/bench/frames").read()
        return measures.read(json.loads(answer), self.page.evaluate("bench.shown"))

    def send(self, **message: Any) -> float:
        return float(self.page.evaluate("message => bench.send(message)", message))

    def until_heard(self, since: float, seconds: float = 30) -> float | None:
        """Wait until sound since then was seen; milliseconds."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.sleep(0.15)
            found = measures.first_heard(*self.records(), since)
            if found is not None:
                return found
        return None

    def close(self) -> None:
        self.page.evaluate("bench.close()")
        self.page.close()


def steady(page: Page, seconds: float) -> dict[str, Any]:
    """Delays, rate and drift while nothing is asked."""
    page.sleep(2)
    first = page.page.evaluate("bench.avOffset()")
    start, began = len(page.records()[0]), time.time()
    page.sleep(seconds)
    last = page.page.evaluate("bench.avOffset()")
    sent, shown = page.records()
    found: dict[str, Any] = {
        "latency": measures.latencies(sent[start:], shown),
        "fps": measures.rate(sent[start:]),
        "drift": measures.clock_drift(sent[start:], 25.0),
        "seen": len({f.number for f in shown if f.time >= began * 1000}) / len(sent[start:]),
    }
    if first is not None and last is not None:
        found["av"] = last - first
    return found


def spoken(page: Page, repeats: int) -> dict[str, list[float]]:
    """From a text to its first frame with sound, and from an interruption to rest."""
    delays: dict[str, list[float]] = {"text": [], "silence": [], "shut": []}
    for _ in range(repeats):
        since = page.send(type="say", text=f"{SENTENCE} {LONG}")
        if (delay := page.until_heard(since)) is not None:
            delays["text"].append(delay)
        page.sleep(1.6)
        since = page.send(type="interrupt")
        page.sleep(1.2)
        sent, shown = page.records()
        for name, found in (
            ("silence", measures.silenced(sent, shown, since)),
            ("shut", measures.shut(shown, since)),
        ):
            if found is not None:
                delays[name].append(found)
    return delays


def listened(page: Page, address: str, repeats: int) -> list[float]:
    """From speech at a microphone to the lips that speak it."""
    answer = httpx.post(
        f"{address}/v1/speech", json={"text": SENTENCE, "voice": VOICE}, timeout=120
    )
    answer.raise_for_status()
    with wave.open(io.BytesIO(answer.content)) as sound:
        rate, pcm = sound.getframerate(), sound.readframes(sound.getnframes())
    samples = memoryview(pcm).cast("h")
    begin = next(i for i, value in enumerate(samples) if abs(value) > 400)
    said = base64.b64encode(pcm[2 * begin : 2 * (begin + 2 * rate)]).decode()
    delays = []
    for _ in range(repeats):
        since = page.page.evaluate("([said, rate]) => bench.speak(said, rate)", [said, rate])
        page.sleep(0.8)
        found = measures.first_heard(*page.records(), since)
        if found is not None:
            delays.append(found)
    return delays


async def one_after_another(address: str, source: str, count: int, pid: int) -> list[str]:
    """Open and leave so many sessions; what is left of the third and of the last."""
    left = []
    for number in range(count):
        wanted = {"source": source, "voice": VOICE, "quality": "low"}
        ticket = httpx.post(f"{address}/v1/live/tickets", json=wanted).json()
        url = address.replace("http", "ws") + ticket["url"]
        async with websockets.connect(url, max_size=None, ping_interval=None) as socket:
            while True:
                message = await socket.recv()
                if isinstance(message, str) and '"state"' in message:
                    break
                if isinstance(message, bytes):
                    await socket.send('{"type":"ping"}') if message[1] else None
        await asyncio.sleep(0.3)
        if number in (2, count - 1):
            used = measures.usage(measures.descendants(pid))
            left.append(
                f"{used.processes} processes, {used.files} files, {used.memory / 1e6:.0f} MB"
            )
    return left


def row(name: str, found: measures.Spread | None, limit: float) -> str:
    verdict = "-" if found is None else "yes" if found.p95 <= limit else "no"
    return f"| {name} | {found or 'nothing measured'} | p95 ≤ {limit:.0f} ms | {verdict} |"


def measure(transport: str, browser: Any, given: Any, place: tuple[str, int, str, list[float]]):
    """All rows of one transport."""
    address, pid, source, box = place
    page = Page(browser, address, transport, source, box)
    before = measures.usage(measures.descendants(pid))
    began = time.monotonic()
    found = steady(page, given.minutes * 60 if given.minutes else 8)
    took, after = time.monotonic() - began, measures.usage(measures.descendants(pid))
    latency = measures.spread(found["latency"])
    yield row(f"{transport}: sent to shown", latency, WANTED[f"{transport} latency"])
    good = "yes" if abs(found["fps"] - 25) <= 0.2 else "no"
    fps = f"{found['fps']:.2f}; {found['seen']:.1%} seen"
    yield f"| {transport}: frames per second | {fps} | 25.0 ± 0.2 | {good} |"
    for name, key in (("A/V drift", "av"), ("clock against the machine's", "drift")):
        if key in found:
            good = "yes" if abs(found[key]) <= 40 else "no"
            told = f"{found[key]:+.0f} ms in {took:.0f} s"
            yield f"| {transport}: {name} | {told} | ≤ 40 ms | {good} |"
    grown = (after.memory - before.memory) / 1e6
    seconds = after.seconds - before.seconds
    yield (
        f"| {transport}: server while idle | {grown:+.1f} MB, {seconds:.1f} processor s in "
        f"{took:.0f} s | flat | {'yes' if grown < 20 else 'no'} |"
    )
    delays = spoken(page, given.repeats)
    for name, key, limit in (
        ("text to first frame", "text", "text to first frame"),
        ("interruption to silence", "silence", "interruption"),
        ("interruption to closed mouth", "shut", "interruption"),
    ):
        yield row(f"{transport}: {name}", measures.spread(delays[key]), WANTED[limit])
    if transport == "websocket":
        heard = measures.spread(listened(page, address, given.repeats))
        yield row("microphone to lips", heard, WANTED["microphone to lips"])
    page.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=0, help="of watching; else 8 seconds")
    parser.add_argument("--sessions", type=int, default=5, help="one after the other")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--transport", action="append", choices=("websocket", "webrtc"))
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    lines = ["| | median / p95 (count) | wanted | reached |", "|---|---|---|---|"]
    loads = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (address, pid, start):
        idle = measures.usage([pid]).memory / 1e6
        lines.append(f"| start | {start:.2f} s | ≤ 1.5 s | {'yes' if start <= 1.5 else 'no'} |")
        lines.append(f"| idle | {idle:.0f} MB | ≤ 60 MB | {'yes' if idle <= 60 else 'no'} |")
        face, box = portrait(Path(folder))
        sent = {"file": ("face.png", face.read_bytes(), "image/png")}
        source = httpx.post(f"{address}/v1/assets", files=sent, timeout=60).json()["id"]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            for transport in given.transport or ("websocket", "webrtc"):
                lines += measure(transport, browser, given, (address, pid, source, box))
                loads.append(os.getloadavg()[0])
            browser.close()
        if given.sessions > 2:
            left = asyncio.run(one_after_another(address, source, given.sessions, pid))
            same = left[0].rpartition(",")[0] == left[1].rpartition(",")[0]
            lines.append(
                f"| left after 3 and {given.sessions} sessions | {left[0]}; {left[1]} | the same | "
                f"{'yes' if same else 'no'} |"
            )
    mean = statistics.mean(loads)
    lines.append(f"\n{os.cpu_count()} cores, {SIZE} px, mean load of the machine {mean:.1f}.")
    text = "\n".join(lines)
    print(text)
    if given.output:
        given.output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
