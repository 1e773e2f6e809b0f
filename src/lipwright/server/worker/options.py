"""What a client may choose of a video, by name: those fields of the options that name no files."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, fields, replace
from fractions import Fraction
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from lipwright.core.errors import UsageError
from lipwright.core.option import OptionInfo, option_info
from lipwright.engines import ENGINES
from lipwright.engines.option_table import EngineOption, engine_options
from lipwright.media.video.containers import CONTAINERS
from lipwright.media.video.encoder_presets import ENCODERS
from lipwright.pipeline.captions.options import Captions
from lipwright.pipeline.options import RenderOptions
from lipwright.pipeline.provenance_options import Provenance

SOURCES: tuple[type, ...] = (RenderOptions, Captions, Provenance)
WITHHELD = frozenset(
    {"gpu", "resume", "no_clobber", "captions", "caption_font", "c2pa_certificate", "c2pa_key"}
)
"""Options that name files of the server, or mean nothing to a client."""
WHOLE = frozenset({"seed", "workers"})
LARGEST = 2**53
SPEAKER = "Who speaks: auto, a number from 0 (the largest face), or a place [x, y] in px."
CONTAINER = "The kind of file."


@dataclass(frozen=True)
class Offered:
    """An option that a client may give."""

    source: type | None
    field: str
    info: OptionInfo
    kind: Literal["choice", "number", "text", "flag"]
    choices: tuple[str, ...]
    default: Any
    whole: bool = False
    """Whether a number has no decimals."""

    def shown(self, name: str) -> dict[str, Any]:
        """Return what clients see of it."""
        default = str(self.default) if isinstance(self.default, Fraction) else self.default
        found = {"name": name, "help": self.info.help, "kind": self.kind, "default": default}
        return {**found, "choices": list(self.choices)} if self.choices else found


def offered() -> dict[str, Offered]:
    """Return the options that a client may give, by name."""
    found = {}
    for source in SOURCES:
        hints = get_type_hints(source, localns={"Engine": str, "SpeakerLike": str})
        for described, info in _described(source):
            name = info.name or described.name
            if name not in WITHHELD:
                kind, choices = _kind(described.name, hints[described.name])
                found[name] = Offered(
                    source, described.name, info, kind, choices, described.default, name in WHOLE
                )
    for name, one in engine_options().items():
        kind, choices = _kind(name, one.hint)
        whole = one.hint is int
        found[name] = Offered(EngineOption, name, one.info, kind, choices, one.default, whole)
    found["speaker"] = Offered(RenderOptions, "speaker", OptionInfo(SPEAKER), "text", (), "auto")
    kinds = tuple(name[1:] for name in CONTAINERS)
    found["container"] = Offered(None, "container", OptionInfo(CONTAINER), "choice", kinds, "mp4")
    return found


def read_options(given: Mapping[str, Any]) -> tuple[RenderOptions, str]:
    """Return the options of a video and the extension of its file, such as ".mp4".

    Raises UsageError, which names the option, for what does not exist or is of the wrong kind.
    """
    known = offered()
    chosen: dict[type | None, dict[str, Any]] = {}
    for name, value in given.items():
        if name not in known:
            raise UsageError(
                f'There is no option "{name[:100]}" here: /v1/options lists them.',
                option=name[:100],
            )
        one = known[name]
        if value is not None:
            checked = _checked(name, one, value)
            if value != one.default:  # what is not chosen is no matter of an engine without it
                chosen.setdefault(one.source, {})[one.field] = checked
    captions = Captions(**chosen.get(Captions, {}))
    options = RenderOptions(
        **chosen.get(RenderOptions, {}),
        engine_options=chosen.get(EngineOption),
        captions=captions if captions else None,
        provenance=Provenance(**chosen.get(Provenance, {})),
    )
    return replace(options, resume=True), "." + chosen.get(None, {}).get("container", "mp4")


def _described(source: type) -> Iterator[tuple[Field[Any], OptionInfo]]:
    for described in fields(source):
        info = option_info(described)
        if info is not None:
            yield described, info


def _kind(
    name: str, hint: Any
) -> tuple[Literal["choice", "number", "text", "flag"], tuple[str, ...]]:
    if name == "engine":
        return "choice", tuple(ENGINES)
    if name == "encoder":
        return "choice", ("auto", *ENCODERS)
    parts = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    if get_origin(parts[0]) is Literal:
        return "choice", tuple(str(one) for one in get_args(parts[0]))
    if bool in parts:
        return "flag", ()
    if str in parts:
        return "text", ()
    return "number", ()


def _checked(name: str, one: Offered, value: Any) -> Any:
    """Return a value if it is of the option's kind."""
    if name == "speaker":
        return _speaker(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and not abs(value) < LARGEST:
        raise UsageError(f'The option "{name}" is too large a number.', option=name)
    fits = {
        "flag": isinstance(value, bool),
        "number": number,
        "text": isinstance(value, str) or (number and name in ("fps", "audio_track")),
        "choice": isinstance(value, str),
    }[one.kind]
    if not fits or (one.whole and not isinstance(value, int)):
        what = "whole number" if one.whole else one.kind
        raise UsageError(f'The option "{name}" is no {what}: see /v1/options.', option=name)
    if name in ("container", "engine") and value not in one.choices:
        raise UsageError(
            f'There is no {name} "{value[:40]}": choose one of {", ".join(one.choices)}.',
            option=name,
        )
    return value


def _speaker(value: Any) -> Any:
    """Return who speaks; a picture of somebody is no path that a client may name."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if value == "auto" or (whole and 0 <= value < LARGEST):
        return value
    if isinstance(value, list) and len(value) == 2:
        if all(isinstance(part, int | float) and abs(part) < LARGEST for part in value):
            return float(value[0]), float(value[1])
    raise UsageError(f"This names no speaker. {SPEAKER}", option="speaker")
