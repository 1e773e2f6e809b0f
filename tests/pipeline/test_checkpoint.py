"""The folder of a recording's finished parts: what is believed of it, and what keeps it away."""

from __future__ import annotations

import json
import logging
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lipwright.core.errors import MediaError, UsageError
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from lipwright.pipeline import checkpoint
from lipwright.pipeline.checkpoint import Checkpoint, CheckpointStore

PLAN = {"speech": "abc", "motion": "subtle", "seed": "0"}


@pytest.fixture
def store(tmp_path: Path) -> CheckpointStore:
    return CheckpointStore(tmp_path / "out.mp4")


def finish(store: CheckpointStore, frames: int = 4) -> Path:
    """One more part, written as a run does it."""
    path = store.next_path()
    part = Checkpoint(path, frames, {"no_face": 1}, "digest")
    with VideoWriter(path, OutputSpec((64, 64), Fraction(25), container=store.kind)) as video:
        for _ in range(frames):
            video.write(np.zeros((64, 64, 3), np.uint8))
    store.record(part)
    store.finished.append(part)
    return path


def loaded(store: CheckpointStore) -> list[Checkpoint]:
    again = CheckpointStore(store.output)
    again.load(PLAN)
    return again.finished


def test_finished_parts_are_found_again(store: CheckpointStore) -> None:
    store.begin(PLAN)
    for frames in (4, 4, 2):
        finish(store, frames)
    assert loaded(store) == store.finished and store.frames == 10
    leftover = store.folder / ".part-00003.ab12.part.mkv"
    leftover.touch()
    assert len(loaded(store)) == 3 and not leftover.exists()


def test_parts_are_believed_up_to_the_first_that_is_not_whole(store: CheckpointStore) -> None:
    store.begin(PLAN)
    paths = [finish(store) for _ in range(3)]
    paths[1].write_bytes(paths[1].read_bytes()[:-400])
    assert [part.path for part in loaded(store)] == paths[:1]


@pytest.mark.parametrize(
    "note", ["", "[]", "no json", "7", '{"frames": 4, "counts": {}}', '{"frames": 5, "counts": {},'
             ' "heard": null}', b"\xff\xfe"],
)  # fmt: skip
def test_a_note_that_makes_no_sense_is_none(store: CheckpointStore, note: str | bytes) -> None:
    store.begin(PLAN)
    path = finish(store).with_suffix(".json")
    path.write_bytes(note if isinstance(note, bytes) else note.encode())
    assert loaded(store) == []


@pytest.mark.parametrize("plan", [None, "", "{}", '{"plan": 3}', "[1]", "{"])
def test_without_a_plan_there_is_nothing_to_resume(
    store: CheckpointStore, plan: str, caplog: pytest.LogCaptureFixture
) -> None:
    store.folder.mkdir()
    if plan is not None:
        (store.folder / checkpoint.PLAN).write_text(plan)
    with caplog.at_level(logging.INFO, "lipwright"):
        assert store.load(PLAN) is False
    assert "There is nothing to resume: no unfinished run has left" in caplog.text


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seed": "1"}, "differs in seed:"),
        ({"seed": "1", "motion": "still"}, "differs in motion and seed:"),
        ({"seed": "1", "motion": "still", "speech": ""}, "differs in speech, motion and seed:"),
        ({"more": "x"}, "differs in more:"),
    ],
)
def test_parts_of_something_else_are_told_apart(
    store: CheckpointStore, change: dict[str, str], named: str
) -> None:
    store.begin(PLAN)
    with pytest.raises(UsageError, match=named):
        store.load({**PLAN, **change})
    written = json.loads((store.folder / checkpoint.PLAN).read_text())
    (store.folder / checkpoint.PLAN).write_text(json.dumps({"plan": written["plan"] | change}))
    with pytest.raises(UsageError, match=named):
        store.load(PLAN)


def test_what_is_there_is_replaced_and_it_is_said(store: CheckpointStore, caplog) -> None:
    caplog.set_level("INFO", "lipwright")
    store.begin(PLAN)
    assert caplog.text == ""
    path = finish(store)
    CheckpointStore(store.output).begin(PLAN)
    assert not path.exists() and "What an earlier run had finished of" in caplog.text


def test_a_folder_that_cannot_be_made_is_told(store: CheckpointStore) -> None:
    store.folder.write_text("a file in its place")
    with pytest.raises(MediaError, match=r"out\.mp4 cannot be written"):
        store.begin(PLAN)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device"), pytest.raises(MediaError, match="disk is full")),
        (KeyboardInterrupt(), pytest.raises(KeyboardInterrupt)),
    ],
)
def test_a_plan_that_cannot_be_written_leaves_nothing(
    store: CheckpointStore, monkeypatch: pytest.MonkeyPatch, error: BaseException, told: Any
) -> None:
    def fail(path: Path, text: str, encoding: str) -> None:
        raise error

    monkeypatch.setattr(Path, "write_text", fail)
    with told:
        store.begin(PLAN)
    assert not store.folder.exists()


def test_parts_that_cannot_be_removed_are_told(
    store: CheckpointStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.begin(PLAN)

    def fail(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", fail)
    with pytest.raises(MediaError, match=r"\.out\.mp4\.parts cannot be written, the folder is not"):
        store.remove()


def test_what_somebody_else_put_there_stays(store: CheckpointStore) -> None:
    store.begin(PLAN)
    finish(store)
    (store.folder / "letters.txt").write_text("mine")
    store.remove()
    assert [path.name for path in store.folder.iterdir()] == ["letters.txt"]
