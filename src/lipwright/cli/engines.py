"""`lipwright engines`: what can move a face."""

from __future__ import annotations

import json as json_module
from typing import TYPE_CHECKING, Any

from lipwright.cli.options import Json

if TYPE_CHECKING:
    from lipwright.engines import EngineSpec


def engines(json: Json = False) -> None:
    """List the engines: how a face can be moved, and what of each is not here."""
    from lipwright.engines import ENGINES

    rows = [_row(name, info.spec) for name, info in ENGINES.items()]
    if json:
        print(json_module.dumps(rows))
    else:
        print("\n\n".join(_paragraph(row) for row in rows))


def _row(name: str, spec: EngineSpec) -> dict[str, Any]:
    return {
        "name": name,
        "summary": spec.summary,
        "takes": " and ".join(f"{kind}s" for kind in spec.inputs),
        "speed": spec.speed,
        "needs": spec.needs,
        "licence": spec.licence,
        "missing": spec.requires.missing() if spec.requires else [],
    }


def _paragraph(row: dict[str, Any]) -> str:
    lines = [f"{row['name']}: {row['summary']}"]
    lines += [f"{key}: {row[key]}" for key in ("takes", "speed", "needs", "licence") if row[key]]
    lines += [f"missing: {what}" for what in row["missing"]] or ["ready"]
    return "\n  ".join(lines)
