"""What `live.py` makes of its records: delays between what was sent and what was seen."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

SETTLED = 3
"""Frames in a row that make sure that the mouth stays shut."""
SHUT = 0.35
"""Of how far the mouth moves while it speaks: less counts as shut."""
QUIET = 10
"""Frames without sound that make a silence."""


class Sent(NamedTuple):
    """A frame as the server sent it."""

    number: int
    time: float  # s since 1970
    loud: bool
    drawn: bool


class Shown(NamedTuple):
    """A frame as it was seen."""

    number: int
    time: float  # ms since 1970
    change: float  # of the mouth against the one at rest, grey levels


class Spread(NamedTuple):
    """Several measurements of one thing."""

    median: float
    p95: float
    count: int

    def __str__(self) -> str:
        return f"{self.median:.0f} / {self.p95:.0f} ms ({self.count})"


def spread(values: Iterable[float]) -> Spread | None:
    """Median and 95th percentile; None of nothing."""
    found = list(values)
    if not found:
        return None
    return Spread(statistics.median(found), float(np.percentile(found, 95)), len(found))


def latencies(sent: Sequence[Sent], shown: Sequence[Shown]) -> list[float]:
    """Milliseconds from sending to seeing, of each frame that was seen."""
    at = {frame.number: frame.time * 1000 for frame in sent}
    first = {}
    for frame in shown:
        if frame.number in at and frame.number not in first:
            first[frame.number] = frame.time - at[frame.number]
    return list(first.values())


def first_heard(sent: Sequence[Sent], shown: Sequence[Shown], since: float) -> float | None:
    """Milliseconds from `since` (ms since 1970) until the first frame with sound was seen."""
    loud = [frame.number for frame in sent if frame.loud and frame.time * 1000 >= since]
    if not loud:
        return None
    return next((f.time - since for f in shown if f.number >= loud[0]), None)


def silenced(sent: Sequence[Sent], shown: Sequence[Shown], since: float) -> float | None:
    """Milliseconds from `since` until a frame was seen after which nothing is heard."""
    numbers = [frame.number for frame in sent if frame.time * 1000 >= since]
    loud = {frame.number for frame in sent if frame.loud}
    for number in numbers:
        if not any(later in loud for later in range(number, number + QUIET)):
            return next((f.time - since for f in shown if f.number >= number), None)
    return None


def shut(shown: Sequence[Shown], since: float) -> float | None:
    """Milliseconds from `since` until the mouth was seen shut, and stayed so."""
    before = [frame.change for frame in shown if since - 1500 <= frame.time <= since]
    after = [frame for frame in shown if frame.time > since]
    if not before:
        return None
    limit = SHUT * float(np.percentile(before, 90))
    for index in range(len(after) - SETTLED):
        if all(frame.change <= limit for frame in after[index : index + SETTLED]):
            return after[index].time - since
    return None


def rate(sent: Sequence[Sent]) -> float:
    """Frames per second that were drawn and sent."""
    drawn = [frame for frame in sent if frame.drawn]
    return (len(drawn) - 1) / (sent[-1].time - sent[0].time)


def clock_drift(sent: Sequence[Sent], fps: float) -> float:
    """Milliseconds by which the session's clock went wrong between its first and last frames."""
    first, last = sent[:25], sent[-25:]
    lag = [np.median([f.time - f.number / fps for f in part]) for part in (first, last)]
    return float(lag[1] - lag[0]) * 1000


class Usage(NamedTuple):
    """What processes use."""

    processes: int
    files: int
    memory: int  # bytes
    seconds: float  # of processor


def usage(pids: Iterable[int]) -> Usage:
    """What processes use that are still there."""
    count = files = memory = 0
    ticks = 0.0
    for pid in pids:
        place = Path("/proc") / str(pid)
        try:
            handles = len(os.listdir(place / "fd"))
            pages = int((place / "statm").read_text().split()[1])
            fields = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        count, files = count + 1, files + handles
        memory += pages * os.sysconf("SC_PAGE_SIZE")
        ticks += int(fields[11]) + int(fields[12])
    return Usage(count, files, memory, ticks / os.sysconf("SC_CLK_TCK"))


def descendants(pid: int) -> list[int]:
    """A process and all that it has started, and those."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(place.name))
    found, left = [], [pid]
    while left:
        found.append(left.pop())
        left += children.get(found[-1], [])
    return found


def read(records: dict[str, Any], shown: list[list[float]]) -> tuple[list[Sent], list[Shown]]:
    """The server's and the page's records."""
    return [Sent(*one) for one in records["frames"]], [Shown(int(n), t, c) for n, t, c in shown]
