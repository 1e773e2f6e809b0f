"""What single engines take beside the options of all: one table for every program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_type_hints

from lipwright.core.option import OptionInfo, option_info
from lipwright.engines.lipgan.options import LipGanOptions
from lipwright.engines.wav2lip.options import Wav2LipOptions

CLASSES: Mapping[str, type] = {"wav2lip": Wav2LipOptions, "lipgan": LipGanOptions}
"""By engine, without those that differ in weights alone."""


@dataclass(frozen=True)
class EngineOption:
    """An option of one engine or more, which mean the same by it."""

    info: OptionInfo
    """What is told of it; where engines have other defaults, those."""
    hint: Any
    """Its type."""
    default: Any
    """Its value without a choice; None where engines have others."""


def engine_options() -> dict[str, EngineOption]:
    """Return all options of single engines by name."""
    found: dict[str, dict[str, EngineOption]] = {}
    for engine, source in CLASSES.items():
        hints = get_type_hints(source, localns={"Networks": Any})
        for described in fields(source):
            if info := option_info(described):
                one = EngineOption(info, hints[described.name], described.default)
                found.setdefault(info.name or described.name, {})[engine] = one
    return {name: _together(by_engine) for name, by_engine in found.items()}


def _together(by_engine: Mapping[str, EngineOption]) -> EngineOption:
    first, *others = by_engine.values()
    if all(other.default == first.default for other in others):
        return replace(first, info=replace(first.info, default=str(first.default)))
    told = ", ".join(f"{one.default} by {engine}" for engine, one in by_engine.items())
    return EngineOption(replace(first.info, default=told), first.hint, None)
