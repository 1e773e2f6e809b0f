"""python -m lipwright: the same as the `lipwright` command."""

import sys

from lipwright.cli import run

sys.exit(run())
