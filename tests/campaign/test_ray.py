"""A campaign on a Ray cluster of this machine: the ledger's rules hold there too."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lipwright.campaign.begin import begin_campaign
from lipwright.campaign.people import PeopleTable
from lipwright.campaign.ray_crew import ray_makers
from lipwright.core.errors import EngineError, MissingExtraError, UsageError

ROWS = 6


@pytest.fixture
def table(tmp_path: Path) -> PeopleTable:
    path = tmp_path / "people.csv"
    rows = "".join(f"Asha {chr(97 + n)},{n + 1}\n" for n in range(ROWS))
    path.write_text(f"name,amount\n{rows}", encoding="utf-8")
    return PeopleTable(path)


def actors() -> Iterator[int]:
    """The processes in which videos are made."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if words.startswith(b"ray::Making"):
                yield int(folder.name)


@pytest.mark.cluster
def test_rows_are_made_once_although_a_worker_is_killed(plan, table, tmp_path):
    import ray

    campaign, _ = begin_campaign(plan, table, str(tmp_path / "out"))
    makers = ray_makers("local", campaign.plan, campaign.output, campaign.state, 2)
    killed: list[int] = []
    ended = threading.Event()

    def kill() -> None:
        while not ended.is_set() and not killed:
            if list(Path(campaign.output).rglob("*.mp4")):
                for pid in list(actors())[:1]:
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
            time.sleep(0.05)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        result = campaign.run(makers=makers)
    finally:
        ended.set()
        killer.join()
        ray.shutdown()
    assert killed and result.counts["done"] == ROWS and result.all_made
    rows = list(campaign.ledger.rows("done"))
    assert [row["number"] for row in rows] == list(range(1, ROWS + 1))
    assert max(row["attempts"] for row in rows) == 2
    assert len(list(Path(campaign.output).rglob("*.mp4"))) == ROWS
    assert len(list((campaign.state / "segments").glob("*.mkv"))) == 1
    campaign.close()


@pytest.mark.cluster
def test_a_cluster_that_is_not_there_is_told_of(plan, tmp_path):
    with pytest.raises(EngineError, match="no Ray cluster"):
        ray_makers("127.0.0.1:1", plan, str(tmp_path), tmp_path)
    with pytest.raises(UsageError, match="at least one"):
        ray_makers("local", plan, str(tmp_path), tmp_path, 0)


def test_without_ray_the_optional_part_is_named(plan, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(MissingExtraError, match="ray"):
        ray_makers("auto", plan, str(tmp_path), tmp_path)
