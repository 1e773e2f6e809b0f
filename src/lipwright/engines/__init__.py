"""What turns a face and a speech into frames; a new engine is one module and one line here."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Mapping
from importlib import import_module

from lipwright.core.errors import UsageError
from lipwright.engines.base import Engine, EngineInfo, FilmEngine, frame_count

__all__ = [
    "ENGINES",
    "Engine",
    "EngineInfo",
    "FilmEngine",
    "create_engine",
    "current_name",
    "frame_count",
]

log = logging.getLogger("lipwright")

FORMER_NAMES = {"portrait": "warp"}
"""Names by which engines were called before."""

REAL_TIME = "x real time (2 cores, 922x1080)"

ENGINES: dict[str, EngineInfo] = {
    info.name: info
    for info in (
        EngineInfo(
            name="warp",
            summary="The photograph itself, moved: lips, jaw, eyes and head at full resolution.",
            needs="nothing",
            licence="MIT",
            factory="lipwright.engines.warp:WarpEngine",
            takes="pictures and films",
            speed=f"2.7 {REAL_TIME}",
        ),
        EngineInfo(
            name="wav2lip",
            summary="The lower face redrawn at 96 px by Wav2Lip, in step with any voice.",
            needs="lipwright models download wav2lip; once the extra [wav2lip]",
            licence="MIT; weights for personal and research use only",
            factory="lipwright.engines.wav2lip:Wav2LipEngine",
            takes="pictures and films",
            speed=f"1.7 {REAL_TIME}",
        ),
        EngineInfo(
            name="wav2lip-gan",
            summary="The same with weights trained to look sharper, a little less in step.",
            needs="lipwright models download wav2lip-gan; once the extra [wav2lip]",
            licence="MIT; weights for personal and research use only",
            factory="lipwright.engines.wav2lip:Wav2LipGanEngine",
            takes="pictures and films",
            speed=f"1.7 {REAL_TIME}",
        ),
    )
}


def current_name(name: str) -> str:
    """The name an engine has now; says so where it is given by a former one."""
    if name not in FORMER_NAMES:
        return name
    log.warning('The engine "%s" is now called "%s".', name, FORMER_NAMES[name])
    return FORMER_NAMES[name]


def create_engine(
    name: str, asked: Mapping[str, object] | None = None, **options: object
) -> Engine:
    """Makes an engine by name.

    Options that every engine is offered (motion, seed, gpu) are passed on only where its class
    takes them; those in `asked` it must take. Raises UsageError for an unknown name or option.
    """
    name = current_name(name)
    info = ENGINES.get(name)
    if info is None:
        known = ", ".join(ENGINES)
        raise UsageError(f'There is no engine called "{name}": choose one of {known}.')
    module, _, attribute = info.factory.partition(":")
    factory = getattr(import_module(module), attribute)
    parameters = inspect.signature(factory).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    for option in asked or {}:
        if not takes_any and option not in parameters:
            raise UsageError(
                f'The engine "{name}" has no option {option.replace("_", "-")}: leave it out.'
            )
    offered = {k: v for k, v in options.items() if takes_any or k in parameters}
    return factory(**offered, **(asked or {}))
