"""`lipwright engines`: what can move a face."""

from __future__ import annotations

import json as json_module

from lipwright.cli.options import Json


def engines(json: Json = False) -> None:
    """List the engines: how a face can be moved."""
    from lipwright.cli.console import print_table
    from lipwright.engines import ENGINES

    rows = [
        {
            "name": e.name,
            "summary": e.summary,
            "takes": e.takes,
            "speed": e.speed,
            "needs": e.needs,
            "licence": e.licence,
        }
        for e in ENGINES.values()
    ]
    if json:
        print(json_module.dumps(rows))
    else:
        print_table(rows)
