"""Checkpoints converted once: what is kept, what is made anew, what a failure leaves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from lipwright.core.errors import ModelError
from lipwright.engines.onnx_cache import converted


class Conversion:
    """Writes the names of the parts; counts how often it is asked."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.runs = error, 0

    def __call__(self, checkpoint: Path, outputs: Sequence[Path]) -> None:
        self.runs += 1
        outputs[0].write_text("one")
        if self.error is not None:
            raise self.error
        for path in outputs[1:]:
            path.write_text("more")


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "weights.pth"
    path.write_bytes(b"weights")
    return path


def test_a_checkpoint_is_converted_once(checkpoint: Path, tmp_path: Path) -> None:
    convert, folder = Conversion(), tmp_path / "new" / "cache"
    first = converted(checkpoint, ("hear", "see"), convert, folder)
    assert [path.read_text() for path in first] == ["one", "more"]
    assert converted(checkpoint, ("hear", "see"), convert, folder) == first and convert.runs == 1
    checkpoint.write_bytes(b"other weights")
    assert set(converted(checkpoint, ("hear", "see"), convert, folder)).isdisjoint(first)
    assert convert.runs == 2 and len(list(folder.iterdir())) == 4


def test_what_other_versions_made_is_removed(checkpoint: Path, tmp_path: Path) -> None:
    (path,) = converted(checkpoint, ("whole",), Conversion(), tmp_path / "cache")
    old = path.with_name(f"{path.name.rpartition('-')[0]}-v0.onnx")
    path.rename(old)
    locked = old.with_name(old.name.replace("-v0", "-v00"))
    locked.mkdir()  # which cannot be deleted as a file
    assert converted(checkpoint, ("whole",), Conversion(), tmp_path / "cache") == [path]
    assert path.exists() and not old.exists() and locked.exists()


def test_a_failure_leaves_nothing(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="another network"):
        converted(
            checkpoint, ("hear", "see"), Conversion(ModelError("another network")), tmp_path / "c"
        )
    assert list((tmp_path / "c").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cache cannot be made \(Not a directory\): let LIPWRI"):
        converted(checkpoint, ("whole",), Conversion(), checkpoint / "cache")
