"""python download_models.py [NAME...]: the same as `lipwright models download`."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    """Runs the command; an environment made by `make setup` is used when this Python lacks it."""
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
