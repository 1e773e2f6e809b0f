"""kill -9 of workers and of the server, at any moment."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.helpers import hopper_path
from tests.server.kills import Kills

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds workers there")


def test_nothing_is_lost_and_nothing_is_made_twice(tmp_path):
    outcome = Kills(tmp_path, hopper_path(), 12, 5, (0.3, 1.2), 40, most_kills=5).run(90)
    assert outcome.good, outcome
    assert outcome.worker_kills and outcome.server_kills, outcome
