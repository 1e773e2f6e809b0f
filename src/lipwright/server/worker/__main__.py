"""A worker process: python -m lipwright.server.worker [MODULE:FUNCTION that makes videos]."""

from __future__ import annotations

import sys

from lipwright.server.worker.loop import main

sys.exit(main(sys.argv[1:]))
