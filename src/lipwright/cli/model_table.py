"""The story of every model: a table for people, facts for machines."""

from __future__ import annotations

from typing import Any

from lipwright.cli.console import print_table
from lipwright.weights import Model, Store, load_manifest, model_size


def show_table(store: Store) -> None:
    """Print all models as a table."""
    commercial = {True: "yes", False: "no", None: "unknown"}
    print_table(
        [
            {
                "name": model.name,
                "for": model.used_by,
                "size": model_size(model),
                "licence": model.licence,
                "commercial use": commercial[model.commercial],
                "installed": _installed(model, store),
            }
            for model in load_manifest().values()
        ]
    )


def _installed(model: Model, store: Store) -> str:
    """Whether a model is here, in two words."""
    states = {store.state(model, file) for file in model.files}
    if states == {"ready"}:
        return "yes" if all(file.sha256 for file in model.files) else "yes, by first sum"
    if states <= {"ready", "unchecked"}:
        return "not verified"
    return "no" if states == {"missing"} else "in part"


def facts_of(model: Model, store: Store) -> dict[str, Any]:
    """Return all that is known of a model, for a machine."""
    return {
        "name": model.name,
        "for": model.used_by,
        "bytes": model.about,
        "licence": model.licence,
        "licence_url": model.licence_url,
        "commercial": model.commercial,
        "installed": store.installed(model),
        "needs": list(model.needs),
        "note": model.note,
        "files": [
            {
                "file": file.name,
                "bytes": file.bytes,
                "about_bytes": file.about,
                "sha256": store.expected_sum(model, file),
                "sha256_from": file.sha256_from,
                "sources": [str(source) for source in file.sources],
                "state": store.state(model, file),
                "path": str(store.path(model, file)),
                "came_from": store.origin(model, file),
            }
            for file in model.files
        ],
    }
