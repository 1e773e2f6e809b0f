"""A small campaign made by real processes, broken off, gone on with, and deleted."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from lipwright.campaign.begin import begin_campaign
from lipwright.campaign.campaign import Campaign, open_campaign
from lipwright.campaign.ledger import Made
from lipwright.campaign.people import PeopleTable
from lipwright.campaign.plan import CampaignPlan
from lipwright.campaign.report import write_report
from lipwright.core.errors import UsageError
from lipwright.media.marks import read_marks

ROWS = "name,amount,opt_out\nAsha,12,\nRavi,much,\nMathangi,5053,\nGrace,1,yes\n"


def write(folder: Path, rows: str = ROWS) -> PeopleTable:
    path = folder / "people.csv"
    path.write_text(rows, encoding="utf-8")
    return PeopleTable(path)


@pytest.fixture(scope="module")
def made(small_face: Path, tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """A campaign that was run."""
    folder = tmp_path_factory.mktemp("run")
    script = "Hello {name:name}! This is for everybody. You owe {amount:currency}."
    plan = CampaignPlan(script, str(small_face), options={"quality": "low"}, name="May")
    campaign, checked = begin_campaign(plan, write(folder), str(folder / "o ut"))
    assert checked is not None and (checked.good, checked.faulty) == (2, 1)
    campaign.run(1)
    return campaign


def video_of(campaign: Campaign, row: int) -> Path:
    return Path(campaign.output) / f"0000/{row:08d}.mp4"


def decoded(path: Path) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Grey frames int16 (n, h, w), sound (m,), and the frames' times."""
    frames, times, sound = [], [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            grey: Any = frame.reformat(format="gray").to_ndarray()
            frames.append(grey.astype(np.int16))
            times.append(float(frame.time or 0))
    with av.open(str(path)) as container:
        for block in container.decode(audio=0):
            sound.append(block.to_ndarray()[0])
    return np.stack(frames), np.concatenate(sound), times


def test_everybody_who_can_be_spoken_to_gets_a_video(made):
    result = made.result()
    assert result.counts["done"] == 2 and not result.all_made
    assert (result.counts["faulty"], result.counts["opted out"]) == (1, 1)
    for row in (1, 3):
        marks = read_marks(video_of(made, row))
        assert marks.ai_generated and "May" in str(marks)
    names = {path.name for path in Path(made.output).rglob("*.mp4")}
    assert names == {"00000001.mp4", "00000003.mp4"}


def test_what_is_for_everybody_is_made_once(made):
    segments = list((made.state / "segments").glob("*.mkv"))
    assert len(segments) == 1
    (spoken,) = (made.state / "segments").glob("*.npz")
    assert made.ledger.totals()["characters"] < 120
    assert b"Asha" not in spoken.read_bytes() and not (made.state / "work").exists()


def test_nothing_shows_where_parts_are_joined(made):
    frames, sound, times = decoded(video_of(made, 3))
    np.testing.assert_allclose(times, np.arange(len(frames)) / 25, atol=0.001)
    assert abs(len(sound) / 44_100 - len(frames) / 25) < 0.06
    steps = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2))
    with av.open(str(video_of(made, 3))) as container:
        packets = container.demux(container.streams.video[0])
        keys = [round(float(p.pts * p.time_base) * 25) for p in packets if p.size and p.is_keyframe]
    joints = [key for key in keys if key]
    assert len(joints) >= 2
    inside = np.delete(steps, [joint - 1 for joint in joints])
    assert max(steps[joint - 1] for joint in joints) <= max(2.0, np.percentile(inside, 99))
    # the head is in its place and the mouth shut on both sides
    assert all(np.abs(frames[joint] - frames[0]).mean() < 2.5 for joint in joints)


def test_the_joined_speech_is_in_step_with_the_lips(made):
    """The mouth opens with the sound of each part."""
    frames, sound, _ = decoded(video_of(made, 3))
    level = np.array([np.abs(sound[n * 1764 : n * 1764 + 1764]).max() for n in range(len(frames))])
    height, width = frames.shape[1:]
    lips = frames[:, height // 3 : height // 2, width * 2 // 5 : width * 3 // 5]
    moved = np.abs(lips - lips[0]).mean(axis=(1, 2))
    loud, quiet = moved[level > 0.1], moved[level < 0.005]
    assert loud.mean() > 1.5 * quiet.mean()


def test_the_same_again_does_nothing_and_another_campaign_is_refused(made, small_face):
    folder = Path(made.output).parent
    campaign, checked = begin_campaign(made.plan, write(folder), made.output)
    assert checked is None
    before = video_of(made, 1).stat().st_mtime_ns
    assert campaign.run(1).counts["done"] == 2
    assert video_of(made, 1).stat().st_mtime_ns == before
    campaign.close()
    for change in ({"script": "Bye {name}."}, {"fps": "30"}):
        with pytest.raises(UsageError, match="another campaign"):
            begin_campaign(replace(made.plan, **change), write(folder), made.output)
    with pytest.raises(UsageError, match="no campaign's"):
        begin_campaign(made.plan, write(folder), str(small_face.parent))
    with pytest.raises(UsageError, match="no campaign"):
        open_campaign(str(folder))
    with pytest.raises(UsageError, match="address"):
        open_campaign("s3://bucket/x")


def test_a_report_says_what_became_of_it(made, tmp_path):
    page = write_report(made, tmp_path / "r").read_text(encoding="utf-8")
    assert "May" in page and "much" in page and page.count("<img") == 2 and "<script" not in page
    with (tmp_path / "r/report.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == ["done", "faulty", "done", "opted out"]
    assert all("Asha" not in str(row) for row in rows)


def test_a_video_that_was_made_when_the_run_died_is_not_made_again(plan, tmp_path):
    campaign, _ = begin_campaign(plan, write(tmp_path), str(tmp_path / "out"))
    from lipwright.campaign.receipts import Receipts

    task = campaign.ledger.claim("who died")
    assert task is not None
    receipt = Made(2.0, 1.0, 1.0, 5, 20)
    Receipts(campaign.state).write(task, receipt)
    (Path(campaign.output) / "0000").mkdir()
    video_of(campaign, 1).write_bytes(b"video")
    assert campaign.run(1, makers=[Fails()]).counts["done"] == 1
    assert video_of(campaign, 1).read_bytes() == b"video"
    campaign.close()


class Fails:
    """Makes nothing."""

    def __init__(self, again: bool = False) -> None:
        self.again, self.tried = again, 0

    async def make(self, task):
        from lipwright.campaign.crew import MakingFailed

        self.tried += 1
        raise MakingFailed("no luck", self.again)

    async def close(self) -> None:
        """Nothing is open."""


def test_failures_are_kept_with_their_reason_and_may_be_tried_again(plan, tmp_path):
    campaign, _ = begin_campaign(plan, write(tmp_path), str(tmp_path / "out"))
    maker = Fails(again=True)
    result = campaign.run(1, makers=[maker])
    assert result.counts["failed"] == 2 and maker.tried == 6 and not result.all_made
    assert [row["reason"] for row in campaign.ledger.rows("failed")] == ["no luck"] * 2
    assert campaign.retry() == 2
    campaign.close()


def test_purging_deletes_a_row_and_then_everything(plan, tmp_path):
    campaign, _ = begin_campaign(plan, write(tmp_path), str(tmp_path / "out"))
    (Path(campaign.output) / "0000").mkdir()
    for row in (1, 3):
        video_of(campaign, row).write_bytes(b"video")
    write_report(campaign, campaign.state / "report")
    campaign.purge(1)
    assert not video_of(campaign, 1).exists() and video_of(campaign, 3).exists()
    assert not (campaign.state / "report").exists()
    for path in campaign.state.rglob("*"):
        assert path.is_dir() or b"Asha" not in path.read_bytes()
    campaign.purge()
    assert not Path(campaign.output).exists()


PROGRAM = """
import sys
from lipwright.campaign.campaign import open_campaign
campaign = open_campaign(sys.argv[1])
print("open", flush=True)
campaign.run(1)
"""


def test_a_run_that_is_killed_goes_on_and_makes_nothing_twice(plan, tmp_path):
    rows = "name,amount\n" + "".join(f"Asha {chr(97 + n)},{n + 1}\n" for n in range(4))
    campaign, _ = begin_campaign(plan, write(tmp_path, rows), str(tmp_path / "out"))
    campaign.close()
    folder = Path(campaign.output) / "0000"
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, campaign.output])
    end = time.monotonic() + 60
    while not (folder.is_dir() and list(folder.glob("*.mp4"))) and time.monotonic() < end:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    there = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.mp4")}
    assert 1 <= len(there) < 4
    campaign = open_campaign(campaign.output)
    result = campaign.run(2)
    assert result.counts["done"] == 4 and result.all_made
    after = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.mp4")}
    assert len(after) == 4 and there.items() <= after.items()
    assert not list(folder.glob(".*"))
    campaign.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_ctrl_c_ends_all_processes_and_leaves_what_is_made(plan, small_face, tmp_path):
    rows = "name,amount\n" + "".join(f"Asha {chr(97 + n % 26)},{n + 1}\n" for n in range(40))
    table, output = write(tmp_path, rows), tmp_path / "out"
    (tmp_path / "script.md").write_text(plan.script, encoding="utf-8")
    line = ["run", tmp_path / "script.md", "--people", table.path, "--image", small_face]
    process = subprocess.Popen(
        [sys.executable, "-m", "lipwright", "campaign", *map(str, line)]
        + ["--quality", "low", "--output", str(output)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while not list(output.glob("0000/*.mp4")) and time.monotonic() < end:
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in told and "interrupted" in told
    campaign = open_campaign(str(output))
    assert not (campaign.state / "work").exists()
    counts = campaign.result().counts
    assert counts["done"] + counts["waiting"] + counts["working"] == 40
    assert list(output.glob("0000/*.mp4"))
    campaign.close()


@pytest.mark.parametrize("reuse", ["speech", "nothing"])
def test_other_ways_of_reuse_say_the_same(plan, tmp_path, reuse):
    table = write(tmp_path, "name,amount\nAsha,12\n")
    campaign, _ = begin_campaign(replace(plan, reuse=reuse), table, str(tmp_path / "out"))
    assert campaign.run(1).all_made
    frames, sound, _ = decoded(video_of(campaign, 1))
    assert len(frames) > 60 and np.abs(sound).max() > 0.1
    kept = len(list((campaign.state / "segments").glob("*.npz")))
    assert kept == (1 if reuse == "speech" else 0)
    campaign.close()


def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "lipwright", "campaign", *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, encoding="utf-8")


def test_the_commands_check_run_report_and_purge(small_face, tmp_path):
    table = write(tmp_path)
    script = tmp_path / "reminder.md"
    script.write_text("Hello {name:name}! You owe {amount:currency}.", encoding="utf-8")
    given = [script, "--people", table.path, "--image", small_face, "--quality", "low"]
    checked = command("check", *given)
    assert checked.returncode == 1 and "row 2, amount" in checked.stdout
    assert "4 rows: 2 good, 1 faulty, 1 opted out" in checked.stdout
    ran = command("run", *given, "--output", tmp_path / "out", "--processes", "1", "--json")
    assert ran.returncode == 1, ran.stderr
    facts = json.loads(ran.stdout)
    assert (facts["done"], facts["faulty"], facts["opted out"]) == (2, 1, 1)
    assert Path(facts["report"]).is_file()
    assert "2 done" in command("status", tmp_path / "out").stdout
    assert "0 rows" in command("retry", tmp_path / "out").stdout
    assert command("report", tmp_path / "out", "--to", tmp_path / "r").returncode == 0
    assert (tmp_path / "r/report.csv").is_file()
    assert command("purge", tmp_path / "out", "--yes").returncode == 0
    assert not (tmp_path / "out").exists()
    gone = command("status", tmp_path / "out")
    assert gone.returncode == 2 and "no campaign's folder" in gone.stderr


def test_samples_are_made_before_anything_else(plan, tmp_path):
    from lipwright.campaign.check import Checker
    from lipwright.campaign.samples import make_samples

    table = write(tmp_path)
    checker = None
    rows = []
    for person in table.rows():
        checker = checker or Checker(plan, table.columns)
        rows.append(checker.check(person))
    (made,) = make_samples(plan, rows[:1], tmp_path / "samples")
    assert made.stat().st_size > 1000
