"""How the server's ledger bears kill -9: 200 videos while workers and server are killed at random.

The renderer is a small one, in a real worker process, that goes on where it broke off; all else is
the server as it is.

    python benchmarks/server_kills.py [--videos 200] [--seed 0]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.helpers import hopper_path  # noqa: E402
from tests.server.kills import Kills  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kills = Kills(Path(folder), hopper_path(), chosen.videos, chosen.seed, (0.3, 2.0), 60)
        outcome = kills.run(1800)
    print(
        f"| videos | done | lost | made twice | wrong | workers killed | server killed | "
        f"tried again | seconds |\n|---|---|---|---|---|---|---|---|---|\n"
        f"| {outcome.asked} | {outcome.done} | {outcome.lost} | {outcome.twice} | {outcome.wrong} "
        f"| {outcome.worker_kills} | {outcome.server_kills} | {outcome.retried} "
        f"| {outcome.seconds:.0f} |"
    )
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
