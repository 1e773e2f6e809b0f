"""The engine `latentsync`: a mouth drawn out of noise by LatentSync 1.5 or 1.6."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lipwright.engines.latentsync.engine import LatentSyncEngine
    from lipwright.engines.latentsync.options import LatentSyncOptions

__all__ = ["LatentSyncEngine", "LatentSyncOptions"]

_HOMES = {"LatentSyncEngine": "engine", "LatentSyncOptions": "options"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
