"""Command-line options made from option dataclasses: one field is one option."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import typer

from lipwright.core.option import OptionInfo, option_info
from lipwright.engines.wav2lip.options import Wav2LipOptions
from lipwright.pipeline.captions.options import Captions
from lipwright.pipeline.options import RenderOptions

SOURCES: tuple[type, ...] = (RenderOptions, Captions, Wav2LipOptions)
"""Where options come from: all that a video takes, its captions, and what single engines take."""
WRITTEN_OUT = frozenset({"speaker"})
"""Options that commands write out, because several of them make one value."""
SWITCH = Literal["true", "false"]

Command = TypeVar("Command", bound=Callable[..., None])


def takes(*names: str, **defaults: object) -> Callable[[Command], Command]:
    """Give a command the options with these names, or all of them.

    names: of fields, as `known_options` has them; none for all. defaults: instead of their own.
    """

    def decorate(command: Command) -> Command:
        known = known_options()
        own = inspect.signature(command)
        hints = get_type_hints(command, include_extras=True)
        parameters = [
            parameter.replace(annotation=hints.get(parameter.name, parameter.annotation))
            for parameter in own.parameters.values()
            if parameter.kind is not parameter.VAR_KEYWORD
        ]
        derived = [
            known[name].replace(default=defaults.get(name, known[name].default))
            for name in names or known
        ]
        signature = own.replace(
            parameters=[
                *[p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in [*parameters, *derived]]
            ]
        )
        command.__signature__ = signature  # type: ignore[attr-defined]
        return command

    return decorate


def known_options() -> dict[str, inspect.Parameter]:
    """Return the parameters that options become, by name."""
    found = {}
    for source in SOURCES:
        hints = get_type_hints(source, localns=_names())
        for described in fields(source):
            info = option_info(described)
            name = (info and info.name) or described.name
            if info is not None and name not in WRITTEN_OUT:
                found[name] = _parameter(name, hints[described.name], described.default, info)
    return found


def render_options(chosen: Mapping[str, Any], **more: Any) -> RenderOptions:
    """Return what was chosen on the command line. more: options that it gives otherwise.

    Raises UsageError for values that do not exist.
    """
    of_engines = _chosen(Wav2LipOptions, chosen)
    asked = {name: value for name, value in of_engines.items() if value is not None}
    wanted = Captions(**_chosen(Captions, chosen))
    given = _chosen(RenderOptions, chosen)
    if isinstance(given.get("gpu"), str):
        given["gpu"] = given["gpu"] == "true"
    return RenderOptions(
        **given,
        engine_options=asked or None,
        captions=wanted if wanted != Captions() else None,
        **more,
    )


def _chosen(source: type, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The values of one dataclass, by its fields."""
    names = {d.name: info.name or d.name for d in fields(source) if (info := option_info(d))}
    return {field: chosen[name] for field, name in names.items() if name in chosen}


def _names() -> dict[str, Any]:
    """What annotations mean that are only imported for type checkers: here, text."""
    return {"Engine": str, "SpeakerLike": str, "Networks": Any}


def _parameter(name: str, hint: Any, default: Any, info: OptionInfo) -> inspect.Parameter:
    kind, shown = _command_line_type(hint), info.default
    if default is not None and shown is True and _is_of_an_engine(name):
        kind, default, shown = kind | None, None, str(default)
    flag = "--" + name.replace("_", "-")
    told: dict[str, Any] = {"help": info.help, "show_default": shown}
    if info.metavar:
        told["metavar"] = info.metavar
    if kind is not bool:
        told["case_sensitive"] = False
    option = typer.Option(flag, **told)
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option]
    )


def _is_of_an_engine(name: str) -> bool:
    """Only what was given is handed to an engine, which may not have the option."""
    return name in {described.name for described in fields(Wav2LipOptions)}


def _command_line_type(hint: Any) -> Any:
    """The type in which the command line reads a field."""
    optional = type(None) in get_args(hint)
    parts = [part for part in get_args(hint) if part is not type(None)] or [hint]
    if get_origin(hint) not in (Union, types.UnionType):
        return hint
    if bool in parts:
        kind: Any = SWITCH
    elif Path in parts:
        kind = Path
    elif Fraction in parts or str in parts:
        kind = str
    else:
        (kind,) = parts
    return kind | None if optional else kind
