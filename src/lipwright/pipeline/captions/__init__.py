"""Captions of the spoken words: as a file, as a subtitle stream, or burned in."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lipwright.pipeline.captions.cues import Cue, make_cues
    from lipwright.pipeline.captions.options import Captions
    from lipwright.pipeline.captions.plan import plan_captions, write_caption_file
    from lipwright.pipeline.captions.srt_vtt import write_captions

__all__ = ["Captions", "Cue", "make_cues", "plan_captions", "write_caption_file", "write_captions"]

_HOMES = {
    "Captions": "options",
    "Cue": "cues",
    "make_cues": "cues",
    "plan_captions": "plan",
    "write_caption_file": "plan",
    "write_captions": "srt_vtt",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
