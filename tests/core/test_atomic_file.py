"""Files that appear only when whole, and what is said where they cannot."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from lipwright.core.atomic_file import (
    SAMPLE_BYTES,
    atomic_write,
    check_rereadable,
    commit,
    create_partial,
    fingerprint,
)
from lipwright.core.errors import MediaError


def test_a_file_is_there_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("before")
    with atomic_write(path) as partial:
        partial.write_text("after")
        assert path.read_text() == "before" and partial.parent == tmp_path
    assert path.read_text() == "after" and list(tmp_path.iterdir()) == [path]


def test_it_may_wait_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "waiting").mkdir()
    with atomic_write(tmp_path / "out.txt", tmp_path / "waiting") as partial:
        partial.write_text("whole")
        assert partial.parent == tmp_path / "waiting"
    assert (tmp_path / "out.txt").read_text() == "whole" and not partial.exists()


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_what_goes_wrong_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)), atomic_write(tmp_path / "out.txt"):
        raise error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full: make room or choose another place"),
        (errno.EFBIG, "the disk is full: make room or choose another place"),
        (errno.EACCES, "the folder is not writable: choose another place"),
        (errno.EROFS, "the folder is not writable: choose another place"),
        (errno.EIO, r"\(Input/output error\): choose another place"),
    ],
)
@pytest.mark.parametrize("step", ["create", "write", "commit"])
def test_what_the_system_refuses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    if step != "write":
        monkeypatch.setattr(os, {"create": "open", "commit": "replace"}[step], fail)
    with (
        pytest.raises(MediaError, match=rf"out\.txt cannot be written,? {said}"),
        atomic_write(tmp_path / "out.txt"),
    ):
        if step == "write":
            fail()
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file_and_needs_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="is a folder: give the name of the file"):
        create_partial(tmp_path)
    with pytest.raises(MediaError, match="there is no folder .*missing, create it first"):
        create_partial(tmp_path / "missing" / "out.txt")


def test_a_place_that_was_taken_by_a_folder(tmp_path: Path) -> None:
    partial = create_partial(tmp_path / "out")
    (tmp_path / "out").mkdir()
    with pytest.raises(MediaError, match="out cannot be written"):
        commit(partial, tmp_path / "out")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are a POSIX matter")
def test_a_pipe_cannot_be_read_twice(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path, said in (
        (tmp_path / "pipe", "is a pipe, which cannot be read twice"),
        (Path("/dev/zero"), "is a device, which cannot be read twice"),
        (tmp_path / "loop", "is a symbolic link that leads back to itself"),
        (Path("a\0b"), "cannot be the name of a file"),
    ):
        with pytest.raises(MediaError, match=said):
            check_rereadable(path)
    for path in (tmp_path, tmp_path / "missing"):
        check_rereadable(path)


def test_a_fingerprint_tells_files_apart(tmp_path: Path) -> None:
    path = tmp_path / "large"
    content = bytearray(3 * SAMPLE_BYTES)
    path.write_bytes(content)
    found = {fingerprint(path)}
    for place in (0, SAMPLE_BYTES + 7, len(content) - 1):
        changed = content.copy()
        changed[place] = 1
        path.write_bytes(changed)
        found.add(fingerprint(path))
    path.write_bytes(bytes(len(content) + 1))
    assert len(found | {fingerprint(path)}) == 5
    with pytest.raises(MediaError, match=r"gone cannot be read \(No such file or directory\)"):
        fingerprint(tmp_path / "gone")
