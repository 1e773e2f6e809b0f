"""What turns faces and speech into frames: the contract (`base`), the registry and the engines."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lipwright.core.errors import EngineError, UsageError
from lipwright.core.gpu import choose_device
from lipwright.engines.base import Engine, EngineFactory, EngineInfo, EngineSpec
from lipwright.media.video.frame_schedule import frame_count

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = [
    "ENGINES",
    "Engine",
    "EngineInfo",
    "EngineSpec",
    "create_engine",
    "current_name",
    "frame_count",
]

log = logging.getLogger("lipwright")

GROUP = "lipwright.engines"
"""The entry-point group in which other packages register their engines: a name, and the class."""

FORMER_NAMES = {"portrait": "warp"}
"""Names by which engines were called before."""

_CLASSES = {
    "warp": ("lipwright.engines.warp", "WarpEngine"),
    "wav2lip": ("lipwright.engines.wav2lip", "Wav2LipEngine"),
    "wav2lip-gan": ("lipwright.engines.wav2lip", "Wav2LipGanEngine"),
    "lipgan": ("lipwright.engines.lipgan", "LipGanEngine"),
    "lipgan-mfcc": ("lipwright.engines.lipgan", "LipGanMfccEngine"),
    "musetalk": ("lipwright.engines.musetalk", "MuseTalkEngine"),
    "latentsync": ("lipwright.engines.latentsync", "LatentSyncEngine"),
}


class _Registry(Mapping[str, EngineInfo]):
    """The engines of this package, then those that others register."""

    def __getitem__(self, name: str) -> EngineInfo:
        # without looking through all that is installed
        return BUILT_IN[name] if name in BUILT_IN else _found()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_found())

    def __len__(self) -> int:
        return len(_found())


ENGINES: Mapping[str, EngineInfo] = _Registry()


def _import(module: str, name: str) -> EngineFactory:
    factory: EngineFactory = getattr(import_module(module), name)
    return factory


BUILT_IN = {name: EngineInfo(name, partial(_import, *path)) for name, path in _CLASSES.items()}
"""The engines of this package."""


@cache
def _found() -> dict[str, EngineInfo]:
    from importlib.metadata import entry_points

    others = [EngineInfo(entry.name, partial(_load, entry)) for entry in entry_points(group=GROUP)]
    return {**{info.name: info for info in others}, **BUILT_IN}


def _load(entry: EntryPoint) -> EngineFactory:
    try:
        factory: EngineFactory = entry.load()
        return factory
    except Exception as error:  # whatever is wrong with the package of somebody else
        raise EngineError(
            f'The engine "{entry.name}" cannot be loaded ({error}): install {entry.value} again.'
        ) from error


def current_name(name: str) -> str:
    """Return the name an engine has now; says so where it is given by a former one."""
    if name not in FORMER_NAMES:
        return name
    log.warning('The engine "%s" is now called "%s".', name, FORMER_NAMES[name])
    return FORMER_NAMES[name]


def create_engine(
    engine: str | Engine,
    options: Mapping[str, object] | None = None,
    *,
    motion: str | None = None,
    mouth: str | None = None,
    workers: int | None = None,
    device: str = "cpu",
) -> Engine:
    """Make an engine.

    Args:
        engine: a name from `ENGINES`; or an engine, which is returned as it is.
        options: of this engine, by the names of its `EngineSpec.options`.
        motion: how alive eyes and head are, for an engine that has this option; None leaves it.
        mouth: where a video's mouths come from, likewise.
        workers: how many frames are drawn at once, likewise.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".

    Raises:
        UsageError: an unknown name, option, or value of an option.
    """
    if not isinstance(engine, str):
        if options:
            raise UsageError("An engine that is given as an object has its options already.")
        return engine
    name = current_name(engine)
    if name not in ENGINES:
        known = ", ".join(ENGINES)
        raise UsageError(f'There is no engine called "{name}": choose one of {known}.')
    factory = ENGINES[name].factory()
    spec = factory.spec
    chosen = choose_device(device, spec.runtime)
    offered = {"motion": motion, "mouth": mouth, "workers": workers}
    return factory(_options(spec, options or {}, offered), chosen)


def _options(spec: EngineSpec, given: Mapping[str, object], offered: Mapping[str, object]) -> Any:
    known = {field.name for field in fields(spec.options)}
    for option in given:
        if option not in known:
            raise UsageError(
                f'The engine "{spec.name}" has no option {option.replace("_", "-")}: leave it out.'
            )
    taken = {name: value for name, value in offered.items() if value is not None and name in known}
    return spec.options(**{**taken, **given})
