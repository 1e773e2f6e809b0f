"""The engines `wav2lip` and `wav2lip-gan`: a face redrawn by Wav2Lip's generator."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lipwright.engines.wav2lip.engine import Wav2LipEngine, Wav2LipGanEngine
    from lipwright.engines.wav2lip.options import Wav2LipOptions

__all__ = ["Wav2LipEngine", "Wav2LipGanEngine", "Wav2LipOptions"]

_HOMES = {"Wav2LipEngine": "engine", "Wav2LipGanEngine": "engine", "Wav2LipOptions": "options"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
