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
            "name": name,
            "summary": e.summary,
            "takes": " and ".join(f"{kind}s" for kind in e.inputs),
            "speed": e.speed,
            "needs": e.needs,
            "licence": e.licence,
        }
        for name, e in ((name, info.spec) for name, info in ENGINES.items())
    ]
    if json:
        print(json_module.dumps(rows))
    else:
        print_table(rows)
