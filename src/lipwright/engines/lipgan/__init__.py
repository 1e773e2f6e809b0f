"""The engines `lipgan` and `lipgan-mfcc`: a face redrawn by LipGAN's generators."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lipwright.engines.lipgan.engine import LipGanEngine, LipGanMfccEngine
    from lipwright.engines.lipgan.options import LipGanOptions

__all__ = ["LipGanEngine", "LipGanMfccEngine", "LipGanOptions"]

_HOMES = {"LipGanEngine": "engine", "LipGanMfccEngine": "engine", "LipGanOptions": "options"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
