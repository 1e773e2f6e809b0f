"""What turns a face and a speech into frames; a new engine is one module and one line here."""

from __future__ import annotations

import inspect
from importlib import import_module

from lipwright.engines.base import Engine, EngineInfo, frame_count
from lipwright.errors import UsageError

__all__ = ["ENGINES", "Engine", "EngineInfo", "create_engine", "frame_count"]

ENGINES: dict[str, EngineInfo] = {
    info.name: info
    for info in (
        EngineInfo(
            name="portrait",
            summary="The photograph itself, moved: lips, jaw, eyes and head at full resolution.",
            needs="nothing",
            licence="MIT",
            factory="lipwright.engines.portrait:PortraitEngine",
        ),
    )
}


def create_engine(name: str, **options: object) -> Engine:
    """Makes an engine by name.

    Options that every engine is offered (motion, seed, gpu) are passed on only where its class
    takes them. Raises UsageError for an unknown name.
    """
    info = ENGINES.get(name)
    if info is None:
        known = ", ".join(ENGINES)
        raise UsageError(f'There is no engine called "{name}": choose one of {known}.')
    module, _, attribute = info.factory.partition(":")
    factory = getattr(import_module(module), attribute)
    parameters = inspect.signature(factory).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    return factory(**{k: v for k, v in options.items() if takes_any or k in parameters})
