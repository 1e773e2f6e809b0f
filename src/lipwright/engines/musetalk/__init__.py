"""The engine `musetalk`: a face redrawn by MuseTalk 1.5."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lipwright.engines.musetalk.engine import MuseTalkEngine
    from lipwright.engines.musetalk.options import MuseTalkOptions

__all__ = ["MuseTalkEngine", "MuseTalkOptions"]

_HOMES = {"MuseTalkEngine": "engine", "MuseTalkOptions": "options"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
