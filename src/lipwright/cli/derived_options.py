"""Command-line options made from option dataclasses: one field is one option."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import fields
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import typer

from lipwright.core.option import OptionInfo, option_info
from lipwright.engines.option_table import engine_options
from lipwright.pipeline.captions.options import Captions
from lipwright.pipeline.options import RenderOptions
from lipwright.pipeline.provenance_options import Provenance

SOURCES: tuple[type, ...] = (RenderOptions, Captions, Provenance)
"""Where options come from beside engines: all that a video takes, its captions, its origin."""
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
        written = [
            parameter.replace(annotation=hints[parameter.name], kind=parameter.KEYWORD_ONLY)
            for parameter in own.parameters.values()
            if parameter.kind is not parameter.VAR_KEYWORD
        ]
        derived = [
            known[name].replace(default=defaults.get(name, known[name].default))
            for name in names or known
        ]
        signature = own.replace(parameters=[*written, *derived])
        command.__signature__ = signature  # type: ignore[attr-defined]
        return command

    return decorate


@cache
def known_options() -> dict[str, inspect.Parameter]:
    """Return the parameters that options become, by name."""
    found = {}
    for source in SOURCES:
        hints = get_type_hints(source, localns=_names())
        for described in fields(source):
            info = option_info(described)
            if info is None:
                continue
            name, kind = info.name or described.name, _command_line_type(hints[described.name])
            found[name] = _parameter(name, kind, described.default, info)
    for name, one in engine_options().items():  # only what was given is handed to an engine
        found[name] = _parameter(name, _command_line_type(one.hint) | None, None, one.info)
    return found


def render_options(chosen: Mapping[str, Any], **more: Any) -> RenderOptions:
    """Return what was chosen on the command line. more: options that it gives otherwise.

    Raises UsageError for values that do not exist.
    """
    known = known_options()
    asked = {
        name: _value(known[name], chosen[name])
        for name in engine_options()
        if chosen.get(name) is not None
    }
    wanted = Captions(**_chosen(Captions, chosen))
    return RenderOptions(
        **_chosen(RenderOptions, chosen),
        engine_options=asked or None,
        captions=wanted if wanted != Captions() else None,
        provenance=Provenance(**_chosen(Provenance, chosen)),
        **more,
    )


def _chosen(source: type, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The values of one dataclass, by its fields."""
    names = {d.name: info.name or d.name for d in fields(source) if (info := option_info(d))}
    return {
        field: _value(known_options()[name], chosen[name])
        for field, name in names.items()
        if name in chosen
    }


def _value(parameter: inspect.Parameter, given: Any) -> Any:
    """What was given, as the field has it: a switch is true or false, and not text."""
    is_switch = get_args(parameter.annotation)[0] == SWITCH | None
    return given == "true" if is_switch and given is not None else given


def _names() -> dict[str, Any]:
    """What annotations mean that are only imported for type checkers: here, text."""
    return {"Engine": str, "SpeakerLike": str}


def _parameter(name: str, kind: Any, default: Any, info: OptionInfo) -> inspect.Parameter:
    told: dict[str, Any] = {"help": info.help, "show_default": info.default}
    if info.metavar:
        told["metavar"] = info.metavar
    if kind is not bool:
        told["case_sensitive"] = False
    option = typer.Option("--" + name.replace("_", "-"), **told)
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option]
    )


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
