"""Captions: what is said, shown when it is said, as a file, a subtitle track or in the picture."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lipwright.captions.cues import Cue, make_cues
    from lipwright.captions.formats import write_captions
    from lipwright.captions.plan import Captions, plan_captions

__all__ = ["Captions", "Cue", "make_cues", "plan_captions", "write_captions"]

_HOMES = {
    "Captions": "plan",
    "Cue": "cues",
    "make_cues": "cues",
    "plan_captions": "plan",
    "write_captions": "formats",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
