"""The report about a finished video, and what its sync accuracy counts."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.helpers import speech_wav

from lipwright.cli import run
from lipwright.core.errors import UsageError
from lipwright.evaluation.run_report import RunReport, check_report, make_report, page, write_report
from lipwright.evaluation.sync_accuracy import (
    OTHER,
    SHUFFLED,
    SHUT,
    TOLERANCE,
    SyncAccuracy,
    agreeing,
    compare_gaps,
)
from lipwright.pipeline.options import SyncResult

WANTED = 0.15 + 0.15 * np.sin(np.arange(200) * 0.9) * np.sin(np.arange(200) * 0.13)
SPOKEN = np.arange(10, 190)


def test_lips_that_follow_agree_and_others_do_not() -> None:
    found = compare_gaps(WANTED + 0.9 * TOLERANCE, WANTED, SPOKEN)
    assert found.accuracy == pytest.approx(1) and found.frames == 180
    assert found.correlation == pytest.approx(1)
    assert set(found.baselines) == {SHUT, OTHER, SHUFFLED}
    assert max(found.baselines.values()) < 0.85
    assert compare_gaps(np.zeros(200), WANTED, SPOKEN).accuracy == found.baselines[SHUT]


def test_a_frame_early_or_late_is_forgiven_and_three_are_not() -> None:
    step = np.r_[np.zeros(20), np.full(20, 0.3)]
    wrong = [int((~agreeing(np.roll(step, by), step)[5:35]).sum()) for by in (-3, -1, 0, 1, 3)]
    assert wrong == [2, 0, 0, 0, 2]
    assert not agreeing(np.full(40, 1.1 * TOLERANCE), np.zeros(40)).any()


def result(output: Path, **changes: object) -> SyncResult:
    facts = dict(
        output=output, width=640, height=480, fps=Fraction(25), frames=250, duration=10.0,
        seconds=5.0, engine="warp", encoder="libx264", speech=None, speakers=(0,),
    )  # fmt: skip
    return SyncResult(**(facts | changes))  # type: ignore[arg-type]


def test_a_report_has_what_it_cost(tmp_path: Path) -> None:
    output = tmp_path / "<out>.mp4"
    output.write_bytes(bytes(1_000_000))
    report = make_report(result(output), None)
    assert report.seconds_per_minute == pytest.approx(30)
    assert report.bytes_per_minute == pytest.approx(6_000_000)
    assert report.sync is None and "several people" in page(report)
    assert "&lt;out&gt;.mp4" in page(report) and "640x480" in page(report)
    assert make_report(result(output, resumed=250), None).seconds_per_minute == 0
    with pytest.raises(UsageError, match=r"end it in \.html or \.json"):
        check_report(tmp_path / "out.txt")


def test_what_cannot_be_tracked_is_said(tmp_path: Path, voice: Path) -> None:
    from lipwright.speech import Speech

    (tmp_path / "out.mp4").write_bytes(b"no video")
    report = make_report(result(tmp_path / "out.mp4"), Speech.from_file(voice))
    assert report.sync is None and "is not a video that can be read" in str(report.reason)


def test_the_command_measures_what_it_made(tmp_path: Path, hopper: Path) -> None:
    talk = speech_wav(tmp_path / "talk.wav", 0.6)
    report = tmp_path / "out.json"
    line = ["sync", "--image", str(hopper), "--audio", str(talk), "--motion", "still"]
    line += ["--output", str(tmp_path / "out.mp4"), "--quality", "low", "--report", str(report)]
    assert run(line) == 0
    found = json.loads(report.read_text())
    assert (found["width"] > 100, found["height"], found["frames"]) == (True, 480, 15)
    assert 0.5 < found["sync"]["accuracy"] <= 1 and found["reason"] is None
    read = RunReport(**{**found, "sync": SyncAccuracy(**found["sync"])})
    write_report(tmp_path / "out.html", read)
    assert f"{found['sync']['accuracy']:.1%}" in (tmp_path / "out.html").read_text()
