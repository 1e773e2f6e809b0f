"""Random command lines on odd files: an answer in time, the right status, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("limits of processes as Linux has them", allow_module_level=True)

from tests.cli.soak import Answer, faults_of
from tests.cli.soak_corpus import write_corpus
from tests.cli.soak_lines import COMMANDS, Line, Lines
from tests.helpers import unmeasured

COUNT, SEED = 40, 1


@pytest.mark.slow
def test_random_command_lines_are_answered():
    command = [sys.executable, "-m", "tests.cli.soak", "--quick"]
    command += ["--count", str(COUNT), "--seed", str(SEED)]
    env = {**unmeasured(), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads(done.stdout)
    assert summary["lines"] == COUNT
    assert summary["statuses"]["0"] >= 8, "hardly a command line does anything"


GOOD = Line(["sync"], {"out.mp4"})


@pytest.mark.parametrize(
    ("line", "answer", "fault"),
    [
        (GOOD, Answer(0, "", {"out.mp4"}, 1.0), None),
        (GOOD, Answer(1, "error: It is not there: look.\n", set(), 1.0), None),
        (GOOD, Answer(0, "", set(), 1.0), "not there"),
        (GOOD, Answer(0, "", {"out.mp4", ".out.1a.part.mp4"}, 1.0), "left behind"),
        (GOOD, Answer(1, "error: No.\n", {"out.mp4"}, 1.0), "failed run"),
        (GOOD, Answer(1, "", set(), 1.0), "not one sentence"),
        (GOOD, Answer(1, "error: No.\nerror: No.\n", set(), 1.0), "not one sentence"),
        (GOOD, Answer(0, "error: No.\n", {"out.mp4"}, 1.0), "exit status 0"),
        (GOOD, Answer(1, "Traceback (most ...\nerror: No.\n", set(), 1.0), "traceback"),
        (GOOD, Answer(-signal.SIGSEGV, "", set(), 1.0), "exit status -11"),
        (GOOD, Answer(-signal.SIGKILL, "", set(), 90.0), "did not end"),
        (Line(["sync"], wrong="x"), Answer(1, "error: No.\n", set(), 1.0), "in place of 2"),
    ],
)
def test_what_counts_as_a_fault(line, answer, fault):
    found = faults_of(line, answer)
    assert bool(found) == (fault is not None)
    assert fault is None or any(fault in one for one in found)


def test_a_seed_draws_the_same_lines_of_every_command(tmp_path):
    first, second = Lines(3, tmp_path), Lines(3, tmp_path)
    drawn = [first.draw() for _ in range(400)]
    assert drawn == [second.draw() for _ in range(400)]
    assert {word for name in COMMANDS for word in name.split()[:1]} == {
        line.words[0] for line in drawn
    }
    options = {word.split("=")[0] for line in drawn for word in line.words}
    assert {"--image", "--set", "--seed", "--keep-audio", "--quality", "--rate"} <= options


def test_the_corpus_has_what_the_lines_name(tmp_path):
    folder = write_corpus(tmp_path)
    names = set(os.listdir(folder))
    from tests.cli import soak_corpus as corpus

    for group in (corpus.PICTURES, corpus.FILMS, corpus.SOUNDS, corpus.SCRIPTS, corpus.LEXICONS):
        assert set(group) <= names
