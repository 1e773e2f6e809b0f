"""python main.py --image P --audio A --output O: the same as `lipwright sync`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
HOW = (
    "error: lipwright is not installed in this Python: run `make setup` in {here}, "
    "or `{python} -m pip install {here}`."
)
OLD = "error: lipwright needs Python 3.11 or newer, and this is {}.{}: install one and use it."


def main() -> int:
    """Runs the command; an environment made by `make setup` is used when this Python lacks it."""
    if sys.version_info < (3, 11):  # noqa: UP036 - those who have it not yet are told here
        print(OLD.format(*sys.version_info), file=sys.stderr)
        return 1
    try:
        from lipwright.cli import run_sync
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("lipwright."):  # a fault of ours, not of the setup
            raise
        return run_in_environment(Path(__file__).resolve())
    return run_sync()


def run_in_environment(door: Path) -> int:
    """Hands the script `door` over to the Python of .venv, or says what to install."""
    python = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists() or Path(sys.prefix).resolve() == ENVIRONMENT.resolve():
        print(HOW.format(here=HERE, python=sys.executable or "python"), file=sys.stderr)
        return 1
    command = [str(python), str(door), *sys.argv[1:]]
    if os.name == "nt":
        import subprocess

        return subprocess.call(command)
    os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
