"""The tables of an evaluation, from numbers that are known."""

from __future__ import annotations

import io
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from lipwright.evaluation.metrics import Closures
from lipwright.evaluation.report import BY_NAME, markdown, sentence, show, tables
from lipwright.evaluation.results import OURS, REAL, STILL, Clip, Evaluation
from lipwright.pipeline.av_offset import AvOffset


def clip(name: str, own_offset: AvOffset | None = None, **ours: float) -> Clip:
    return Clip(
        reference=Path(f"{name}.mp4"),
        fps=Fraction(25),
        frames=50,
        portrait_frame=0,
        speech=(5, 45),
        measures={
            OURS: ours,
            REAL: {"gap_correlation": 1.0, "offset": 0.0},
            STILL: {"gap_correlation": math.nan},
        },
        closures={OURS: Closures(4, 5, 3, 2)},
        gaps={},
        sound=np.zeros(32_000, np.float32),
        own_offset=own_offset,
        events={OURS: {"1": Closures(4, 3, 5, 2), "1_offset": Closures(4, 4, 5, 5)}},
    )


ONE = clip("one", gap_correlation=0.5, offset=1.0, lmd=0.0123, articulation_ratio=2.0)
TWO = clip("two", gap_correlation=0.7, offset=-2.0)


def printed(evaluation: Evaluation) -> str:
    console = Console(width=200, record=True, file=io.StringIO())
    for table in tables(evaluation):
        console.print(table)
    return console.export_text()


@pytest.mark.parametrize(
    ("value", "measure", "text"),
    [
        (0.126, "gap_correlation", "0.13"),
        (0.0123, "lmd", "0.012"),
        (3.0, "offset", "+3"),
        (-0.2, "offset", "0"),
        (math.nan, "offset", "-"),
        (math.inf, "outside_psnr", "-"),
    ],
)
def test_values_have_as_many_decimals_as_they_deserve(
    value: float, measure: str, text: str
) -> None:
    assert show(value, BY_NAME[measure]) == text


@pytest.mark.parametrize("name", ["[bold]a", ":smile:"])
def test_names_are_shown_as_they_are(name: str) -> None:
    for evaluation in (
        Evaluation("warp", None, (clip(name, offset=1.0),)),
        Evaluation("warp", None, (ONE, clip(name, offset=1.0))),
        Evaluation(f"videos/{name}.mp4", None, (ONE,)),
    ):
        assert name in printed(evaluation)


def test_a_folder_may_look_like_markup() -> None:
    shown = printed(Evaluation("a[/b].mp4", None, (ONE, TWO)))
    assert "a[/b].mp4, clip by clip" in shown


def test_one_clip_has_one_table() -> None:
    shown = printed(Evaluation("warp", None, (ONE,)))
    rows = {line[:24].strip(): line.split() for line in shown.splitlines()}
    assert "one.mp4" in shown and "clip by clip" not in shown
    assert rows["gap correlation, speech"][-3:] == ["0.50", "1.00", "-"]
    assert rows["offset (frames)"][-3:] == ["+1", "0", "-"]
    assert "LSE-D" not in shown


def test_several_clips_have_a_row_each_and_a_summary() -> None:
    shown = printed(Evaluation("wav2lip", 10.0, (ONE, TWO)))
    assert "wav2lip, noise at 10 dB, clip by clip" in shown
    rows = [line.split() for line in shown.splitlines()]
    assert ["two", "0.70", "-", "-", "-", "-2", *["-"] * 7] in rows
    assert "2 clips, median / mean, noise at 10 dB" in shown
    assert "0.60 / 0.60" in shown and "0 / -0.5" in shown
    assert any(row[-6:] == ["50", "%", "100", "%", "0", "%"] for row in rows)


def test_markdown_says_the_same() -> None:
    lines = markdown(Evaluation("warp", None, (ONE, TWO)))
    assert lines[:2] == ["| median / mean of 2 clips | ours | real | still |", "|---|---|---|---|"]
    assert "| gap correlation, speech | 0.60 / 0.60 | 1.00 / 1.00 | - |" in lines
    assert lines[-1] == "| clips within +-1 frame | 50 % | 100 % | 0 % |"


def test_a_sentence_says_what_matters() -> None:
    assert sentence(Evaluation("warp", None, (TWO,))) == (
        "lip gap inside speech: 0.70 (still nan) on 1 clip"
    )
    failed = {Path("bad.mp4"): "no face"}
    assert sentence(Evaluation("warp", None, (ONE, TWO), failed)).endswith(
        " on 2 clips; 1 could not be measured"
    )


LATE = clip("late", AvOffset(0.07, 1.75, 0.978), offset=-2.0)
UNKNOWN = clip("noisy", AvOffset(-0.3, -7.5, 0.213), offset=0.0)


def test_the_references_own_offset_is_told_or_that_it_is_unknown() -> None:
    one, none = (Evaluation("warp", None, (found,)) for found in (LATE, UNKNOWN))
    told = " ".join(printed(one).split())
    assert "late against its sound by +1.8 frames (+70 ms, confidence 0.98)" in told
    told = " ".join(printed(none).split())
    assert "against sound is unknown (confidence 0.21): 0 is used" in told
    several = printed(Evaluation("warp", None, (LATE, UNKNOWN)))
    rows = [line.split() for line in several.splitlines()]
    assert any(row[:1] == ["late"] and row[-2:] == ["+1.8", "(0.98)"] for row in rows)
    assert any(row[:1] == ["noisy"] and row[-2:] == ["unknown", "(0.21)"] for row in rows)
    assert "is known of 1 of 2 clips" in " ".join(several.split())
    assert "own lips" not in printed(Evaluation("warp", None, (ONE,)))
    shown = one.as_dict()["clips"][0]
    assert shown["own_offset"]["frames"] == 1.75 and shown["own_offset"]["trusted"] is True
    assert none.as_dict()["clips"][0]["own_offset"]["trusted"] is False
    assert shown["events"][OURS]["1_offset"]["hit"] == 4


def test_closures_of_several_clips_are_pooled() -> None:
    both = Evaluation("warp", None, (LATE, UNKNOWN))
    found = [
        both.mean(OURS, f"closures_{kind}_1{end}")
        for end in ("", "_offset")
        for kind in ("recall", "precision")
    ]
    assert found == [0.75, 0.4, 1.0, 1.0] and both.mean(OURS, "closures_hit") == 1.25
    assert math.isnan(both.error(OURS, "closures_recall_1"))
