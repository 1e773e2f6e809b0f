"""Runs lipwright's command line and stays a while, as a long film would.

    python -m tests.offline.stay REPORT SECONDS ARGUMENTS ...

What Python code asked of the network is refused, and written to REPORT.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from tests.loopback import refuse_network


def main() -> int:
    report, seconds = Path(sys.argv[1]), float(sys.argv[2])
    attempts: list[str] = []
    refuse_network(attempts)
    from lipwright.cli import run

    status = run(sys.argv[3:])
    time.sleep(seconds)
    report.write_text(json.dumps(attempts))
    return status


if __name__ == "__main__":
    sys.exit(main())
