"""What the scripts beside it share: run a command, and install into a fresh environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = (sys.executable, "-m", "uv")


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """A command's output. Raises CalledProcessError, its output told, where it fails."""
    done = subprocess.run(command, cwd=cwd, text=True, capture_output=True)
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
    done.check_returncode()
    return done.stdout.strip()


def make_environment(folder: Path, *wanted: str | Path, python: str = sys.executable) -> Path:
    """Make a virtual environment with what is wanted and no more; the folder of its commands."""
    run(*UV, "venv", "--quiet", "--python", python, folder)
    run(*UV, "pip", "install", "--quiet", "--python", folder, *wanted)
    run(*UV, "pip", "check", "--quiet", "--python", folder)
    return folder / ("Scripts" if sys.platform == "win32" else "bin")
