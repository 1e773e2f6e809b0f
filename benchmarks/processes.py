"""Python programs run as processes of their own, and what they took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One process."""

    seconds: float
    """Wall-clock time."""
    processor: float
    """Processor seconds, of the user and the system."""
    printed: str = ""
    """What it wrote to standard output."""


def run_program(*arguments: object, source: Path | None = None) -> Run:
    """Run Python in a process of its own.

    arguments: of Python. source: the src folder of the checkout that it imports; None: installed.
    """
    environment = {**os.environ, **({"PYTHONPATH": str(source)} if source else {})}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled already
    command = [sys.executable, *map(str, arguments)]
    before, started = os.times(), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment, text=True)
    seconds, after = time.perf_counter() - started, os.times()
    user = after.children_user - before.children_user
    return Run(seconds, user + after.children_system - before.children_system, done.stdout)
