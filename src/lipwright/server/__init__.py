"""The server: videos as jobs over HTTP, live sessions and the studio's page; see `create_app`.

The process that listens stays small: whatever needs pictures, sound or networks runs in workers
(`lipwright.server.worker`), processes of their own that end with it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lipwright.server.settings import Settings

if TYPE_CHECKING:
    from lipwright.server.app import create_app as create_app

__all__ = ["Settings", "create_app"]


def __getattr__(name: str) -> Any:
    if name != "create_app":  # workers do without FastAPI
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module("lipwright.server.app").create_app
