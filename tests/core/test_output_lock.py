"""One output, one run."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lipwright.core.atomic_file import create_partial
from lipwright.core.errors import MediaError, UsageError
from lipwright.core.output_lock import locked_output

HOLD = """
import sys, time
from pathlib import Path
from lipwright.core.output_lock import locked_output
with locked_output(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_is_told_and_a_dead_one_holds_nobody_up(tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    first = subprocess.Popen([sys.executable, "-c", HOLD, str(output)], stdout=subprocess.PIPE)
    assert first.stdout is not None
    try:
        assert first.stdout.readline() == b"held\n"
        with (
            pytest.raises(MediaError, match="is being written by another run"),
            locked_output(output),
        ):
            raise AssertionError("both were let in")
        with locked_output(tmp_path / "other.mp4"):
            pass
    finally:
        first.kill()
        first.communicate()
    with locked_output(output):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_same_run_may_enter_again_but_no_other_thread(tmp_path: Path) -> None:
    output, told = tmp_path / "out.mp4", []

    def enter() -> None:
        try:
            with locked_output(output):
                told.append("in")
        except MediaError as error:
            told.append(str(error))

    with locked_output(output), locked_output(output):
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
    enter()
    assert "another run" in told[0] and told[1:] == ["in"]
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_swept_and_nothing_of_another_output(tmp_path: Path) -> None:
    left = create_partial(tmp_path / "out.mp4")
    other = create_partial(tmp_path / "out.mkv")
    with locked_output(tmp_path / "out.mp4"):
        assert not left.exists() and other.exists()
        mine = create_partial(tmp_path / "out.mp4")
        with locked_output(tmp_path / "out.mp4"):
            assert mine.exists()


def test_a_file_that_is_there_is_kept_where_that_is_asked(tmp_path: Path) -> None:
    (tmp_path / "out.mp4").write_text("mine")
    with (
        pytest.raises(UsageError, match="is already there"),
        locked_output(tmp_path / "out.mp4", no_clobber=True),
    ):
        raise AssertionError("it was let in")
    with locked_output(tmp_path / "out.mp4"):
        pass


def test_where_nothing_can_be_locked_others_tell_why(tmp_path: Path) -> None:
    with locked_output(tmp_path / "missing" / "out.mp4"):
        pass
