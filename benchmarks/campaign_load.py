"""Campaigns of many small videos: memory, workers that are killed, and what a Ray cluster costs.

    python benchmarks/campaign_load.py memory [--videos 1000]
    python benchmarks/campaign_load.py kills [--videos 200] [--every 20]     (extra `ray`)
    python benchmarks/campaign_load.py ray [--videos 40] [--quality low] [--repeat 3]  (extra `ray`)

`memory` lists what the processes of this machine hold as videos are made. `kills` works on a Ray
cluster of this machine with two workers, of which one is killed every so often, and looks whether
every row was made exactly once. `ray` compares processor seconds of all processes, Ray's own among
them, in turn: of each run what is used between the eighth video and the last but one, without
start-up. The median of the ratios counts, as single ones differ by some hundredths.
Prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
from speed import describe_machine

from campaign import SCRIPT, rows
from lipwright.campaign.begin import begin_campaign
from lipwright.campaign.campaign import Campaign, CampaignResult
from lipwright.campaign.people import PeopleTable
from lipwright.campaign.plan import CampaignPlan
from lipwright.cli.demo import find_sample_portrait

SMALL_SCRIPT = "Hello {name:name}!"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
FEW = 8
LOOK_SECONDS = 1.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("memory", "kills", "ray"))
    parser.add_argument("--videos", type=int)
    parser.add_argument("--every", type=float, default=20.0, help="seconds from kill to kill")
    parser.add_argument("--repeat", type=int, default=3, help="runs of the pool and of a cluster")
    parser.add_argument("--quality", choices=("low", "medium", "high"), default="low")
    chosen = parser.parse_args()
    if chosen.what == "ray" and chosen.videos is not None and chosen.videos <= FEW + 1:
        parser.error(f"--videos must be more than {FEW + 1}: what starting takes is left out")
    print(f"Machine: {describe_machine()}; load before {os.getloadavg()[0]:.1f}.\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="lipwright-campaign-") as name:
        folder = Path(name)
        if chosen.what == "memory":
            return memory(folder, chosen.videos or 1000)
        if chosen.what == "kills":
            return kills(folder, chosen.videos or 200, chosen.every)
        return compare(folder, chosen.videos or 40, chosen.quality, chosen.repeat)


def small_campaign(folder: Path, videos: int) -> Campaign:
    """Somebody is greeted by a small face, with a name that nobody else has."""
    face = folder / "face.png"
    image = cv2.imread(str(find_sample_portrait()))
    assert image is not None
    cv2.imwrite(str(face), cv2.resize(image, (200, 240), interpolation=cv2.INTER_AREA))
    letters = ("abcdefghijklmnopqrstuvwxyz"[n // 26 % 26] + "aeiou"[n % 5] for n in range(videos))
    names = (f"Asha {word} {chr(97 + n % 26)}" for n, word in enumerate(letters))
    people = folder / "people.csv"
    people.write_text("name\n" + "".join(f"{name}\n" for name in names), encoding="utf-8")
    plan = CampaignPlan(SMALL_SCRIPT, str(face), options={"quality": "low"})
    campaign, _ = begin_campaign(plan, PeopleTable(people), str(folder / "out"))
    return campaign


def memory(folder: Path, videos: int) -> int:
    """What all processes hold, each tenth of the way."""
    campaign, seen, ended = small_campaign(folder, videos), [], threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_SECONDS):
            held = sum(resident(pid) for pid in descendants(os.getpid()))
            made = len(list((folder / "out").glob("[0-9]*/*.mp4")))
            seen.append((made, held, resident(os.getpid())))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        result = campaign.run()
    finally:
        ended.set()
        watcher.join()
        campaign.close()
    print("| videos made | workers, MB (most) | this process, MB |\n|---|---|---|")
    for tenth in range(10):
        part = [s for s in seen if tenth * videos <= 10 * s[0] < (tenth + 1) * videos]
        if part:
            print(
                f"| {part[-1][0]} | {max(s[1] for s in part) / 1e6:.0f} "
                f"| {max(s[2] for s in part) / 1e6:.0f} |"
            )
    return 0 if result.counts["done"] == videos else 1


def kills(folder: Path, videos: int, every: float) -> int:
    """Two workers, of which one is killed every so often."""
    import ray

    from lipwright.campaign.ray_crew import ray_makers

    campaign, killed, ended = small_campaign(folder, videos), 0, threading.Event()
    makers = ray_makers("local", campaign.plan, campaign.output, campaign.state, 2)

    def kill() -> None:
        nonlocal killed
        while not ended.wait(every):
            for pid in list(actors())[killed % 2 :][:1]:
                os.kill(pid, signal.SIGKILL)
                killed += 1

    killer = threading.Thread(target=kill)
    killer.start()
    began = time.perf_counter()
    try:
        result = campaign.run(makers=makers)
    finally:
        ended.set()
        killer.join()
        ray.shutdown()
    made = [row["number"] for row in campaign.ledger.rows("done")]
    again = sum(row["attempts"] > 1 for row in campaign.ledger.rows("done"))
    files = len(list((folder / "out").rglob("*.mp4")))
    campaign.close()
    print(
        "| rows | made | files | tried again | workers killed | seconds |\n"
        "|---|---|---|---|---|---|\n"
        f"| {videos} | {len(set(made))} | {files} | {again} | {killed} "
        f"| {time.perf_counter() - began:.0f} |"
    )
    good = sorted(made) == list(range(1, videos + 1)) and files == videos
    return 0 if good and result.all_made else 1


def compare(folder: Path, videos: int, quality: str, repeat: int) -> int:
    """What one more video costs in the pool and on a cluster of this machine, in turn."""
    print("| | processor s for one more video |\n|---|---|")
    ratios = []
    for again in range(repeat):
        pool, ray = (
            cost(folder / f"{where}-{again}", videos, quality, where == "ray")
            for where in ("pool", "ray")
        )
        ratios.append(ray / pool)
        print(f"| pool | {pool:.2f} |\n| ray | {ray:.2f} |", flush=True)
    print(
        f"\nRay takes {statistics.median(ratios):.3f} times the pool's processor seconds"
        f" ({', '.join(f'{ratio:.3f}' for ratio in ratios)})."
    )
    return 0


def cost(folder: Path, videos: int, quality: str, on_ray: bool) -> float:
    """Processor seconds a video of this process and all below it, once the first ones are made."""
    folder.mkdir()
    people = folder / "people.csv"
    people.write_text("name,amount,due\n" + "".join(rows(videos)), encoding="utf-8")
    plan = CampaignPlan(SCRIPT, str(find_sample_portrait()), options={"quality": quality})
    campaign, _ = begin_campaign(plan, PeopleTable(people), str(folder / "out"))
    used, seen, ended = {}, [], threading.Event()

    def look() -> None:  # processes that end take what they used with them
        while not ended.wait(LOOK_SECONDS / 4):
            used.update((pid, processor(pid)) for pid in descendants(os.getpid()))
            made = len(list((folder / "out").glob("[0-9]*/*.mp4")))
            seen.append((made, time.process_time() + sum(used.values())))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        result = run(campaign, on_ray)
    finally:
        ended.set()
        watcher.join()
        campaign.close()
    assert result.counts["done"] == videos
    first = next(then for then in seen if then[0] >= FEW)
    last = next(then for then in seen if then[0] >= videos - 1)  # until then both have work
    return (last[1] - first[1]) / (last[0] - first[0])


def run(campaign: Campaign, on_ray: bool) -> CampaignResult:
    if not on_ray:
        return campaign.run()
    import ray

    from lipwright.campaign.ray_crew import ray_makers

    try:
        makers = ray_makers("local", campaign.plan, campaign.output, campaign.state)
        return campaign.run(makers=makers)
    finally:
        ray.shutdown()


def descendants(pid: int) -> set[int]:
    """All processes that a process or one below it has started."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (fields := stat(int(folder.name))):
            parents[int(folder.name)] = int(fields[1])
    found: set[int] = set()
    while more := {child for child, parent in parents.items() if parent in {pid, *found}} - found:
        found |= more
    return found


def stat(pid: int) -> list[str]:
    """Its fields in /proc from the state on; none where it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def processor(pid: int) -> float:
    """Seconds that a process has used; 0 where it has ended."""
    fields = stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def resident(pid: int) -> int:
    """Bytes that a process holds."""
    fields = stat(pid)
    return int(fields[21]) * PAGE if fields else 0


def actors() -> Iterator[int]:
    """The processes in which a cluster of this machine makes videos."""
    for pid in sorted(descendants(os.getpid())):
        try:
            if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"ray::Making"):
                yield pid
        except OSError:
            continue


if __name__ == "__main__":
    sys.exit(main())
