"""python download_models.py [NAME...]: the same as `lipwright models download`."""

from __future__ import annotations

import sys
from pathlib import Path

OLD = "error: lipwright needs Python 3.11 or newer, and this is {}.{}: install one and use it."


def main() -> int:
    """Runs the command; an environment made by `make setup` is used when this Python lacks it."""
    if sys.version_info < (3, 11):  # noqa: UP036 - those who have it not yet are told here
        print(OLD.format(*sys.version_info), file=sys.stderr)
        return 1
    try:
        from lipwright.cli import run_download
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("lipwright."):  # a fault of ours, not of the setup
            raise
        from main import run_in_environment

        return run_in_environment(Path(__file__).resolve())
    return run_download()


if __name__ == "__main__":
    sys.exit(main())
