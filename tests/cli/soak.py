"""Random command lines on odd files, within limits of memory, open files and time.

    python -m tests.cli.soak [--count N] [--seed N] [--quick] [--all] [--only NUMBER]

Each line runs in a process of its own (POSIX only). It must end with status 0, 1 or 2, and the
right one of these; say one sentence where that is not 0; leave nothing beside what it finished;
and change no file that it was given. Prints a line of JSON for each fault, and at the end how many
lines there were, by status.
"""

from __future__ import annotations

import argparse
import collections
import faulthandler
import json
import os
import random
import resource
import shlex
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import NamedTuple

from tests.cli.soak_corpus import FOLDER, write_corpus
from tests.cli.soak_lines import Line, Lines

MEMORY = (4 << 30, 4 << 30, 4 << 30, 2 << 30)  # bytes of address space
FILES = (256, 256, 64)  # open at a time
PROCESSOR, CLOCK = 30, 90
"""Seconds of work and of waiting: the machine may be shared."""
EXPECTED = ("there.mp4", "folder")
PRELOADED = ("av", "cv2", "onnxruntime", "lipwright.cli.app", "lipwright.pipeline.sync")


class Answer(NamedTuple):
    """What a command line came to."""

    status: int
    """Of the exit, or minus the number of a signal."""
    said: str
    """On standard error."""
    made: set[str]
    """New names, relative to the folder."""
    seconds: float


def main() -> int:
    arguments = _parse()
    for name in PRELOADED:
        __import__(name)
    statuses: collections.Counter[int] = collections.Counter()
    faults, started = 0, time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        corpus = _make_corpus(Path(place))
        before = _state(corpus)
        lines, limits = Lines(arguments.seed, corpus, arguments.quick), random.Random(0)
        for number in range(arguments.count):
            line, memory, files = lines.draw(), limits.choice(MEMORY), limits.choice(FILES)
            if arguments.only not in (None, number):
                continue
            with tempfile.TemporaryDirectory(dir=place) as folder:
                answer = run_line(line, Path(folder), memory, files)
            statuses[answer.status] += 1
            found = faults_of(line, answer)
            if _state(corpus) != before:
                found.append("a file of the corpus was changed")
                before = _state(corpus)
            if found or arguments.all or arguments.only is not None:
                faults += bool(found)
                _tell(number, line, answer, found, memory, files)
    print(json.dumps({"faults": faults, "lines": statuses.total(), "statuses": statuses,
                      "seconds": round(time.perf_counter() - started, 1)}))  # fmt: skip
    return 1 if faults else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="few lines that take long")
    parser.add_argument("--all", action="store_true", help="tell of every line, not of faults only")
    parser.add_argument("--only", type=int, help="the number of the only line to run")
    return parser.parse_args()


def _make_corpus(folder: Path) -> Path:
    """The corpus, made by another process: this one must have no threads when it forks."""
    child = os.fork()
    if child == 0:
        try:
            write_corpus(folder)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if _wait(child, time.perf_counter() + CLOCK) != 0:
        raise RuntimeError("The corpus could not be made.")
    return folder / FOLDER


def run_line(line: Line, folder: Path, memory: int, files: int) -> Answer:
    """Run one command line in a process of its own, in a folder with a file and a folder."""
    work = folder / "work"
    work.mkdir()
    (work / "there.mp4").write_bytes(b"was there before")
    (work / "folder").mkdir()
    said = folder / "stderr"
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        _become(line, work, said, memory, files)
    status = _wait(child, started + CLOCK)
    made = {str(path.relative_to(work)) for path in work.rglob("*")} - set(EXPECTED)
    text = said.read_text(encoding="utf-8", errors="replace") if said.exists() else ""
    return Answer(status, text, made, time.perf_counter() - started)


def _become(line: Line, work: Path, said: Path, memory: int, files: int) -> None:
    """Be the command from here on; never returns."""
    status = 99
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.chdir(work)
        os.environ["LIPWRIGHT_HOME"] = str(work.parent / "home")
        os.environ.pop("LIPWRIGHT_DEBUG", None)
        for number, path in ((0, os.devnull), (1, work.parent / "stdout"), (2, said)):
            os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
        faulthandler.enable()
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        from lipwright.cli import run

        status = run(line.words)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _wait(child: int, end: float) -> int:
    """The status of a process, which is killed at `end`."""
    while time.perf_counter() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def faults_of(line: Line, answer: Answer) -> list[str]:
    """What is wrong with an answer, if anything."""
    found = []
    errors = [row for row in answer.said.splitlines() if row.startswith("error:")]
    if answer.status in (-signal.SIGKILL, -signal.SIGXCPU):
        found.append(f"it did not end within {PROCESSOR} s of work and {CLOCK} s of waiting")
    elif answer.status not in (0, 1, 2):
        found.append(f"exit status {answer.status}")
    if "Traceback" in answer.said or "something unexpected" in answer.said:
        found.append("a traceback, or as good as one")
    if line.wrong and answer.status != 2:
        found.append(f"exit status {answer.status} in place of 2: {line.wrong}")
    if answer.status == 0 and errors:
        found.append("an error, and exit status 0")
    if answer.status in (1, 2) and not (len(errors) == 1 and errors[0].endswith((".", ")"))):
        found.append("not one sentence of error")
    if answer.status in (0, 1, 2):
        found += _files_left(line, answer)
    return found


def _files_left(line: Line, answer: Answer) -> list[str]:
    """What a run that ended by itself should not have left, or should have made."""
    found = []
    hidden = {name for name in answer.made if any(p.startswith(".") for p in Path(name).parts)}
    if hidden - line.outputs:
        found.append(f"parts left behind: {sorted(hidden)}")
    if answer.status != 0 and answer.made:
        found.append(f"files of a failed run: {sorted(answer.made)}")
    wanted = {name for name in line.outputs if not name.startswith("/")}
    missing = wanted - answer.made - set(EXPECTED)
    if answer.status == 0 and missing and "--help" not in line.words:
        found.append(f"said to be done, but not there: {sorted(missing)}")
    return found


def _state(corpus: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file, whose links are not followed."""
    stats = {path.name: path.lstat() for path in corpus.iterdir()}
    return {name: (stat.st_size, stat.st_mtime_ns) for name, stat in stats.items()}


def _tell(
    number: int, line: Line, answer: Answer, found: list[str], memory: int, files: int
) -> None:
    row = {"number": number, "line": shlex.join(line.words), "status": answer.status,
           "faults": found, "said": answer.said[-1500:], "seconds": round(answer.seconds, 1),
           "memory": memory, "files": files}  # fmt: skip
    print(json.dumps(row, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(main())
