"""Fields of option dataclasses that say what programs need to offer them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field
from typing import Any

_KEY = "lipwright option"


@dataclass(frozen=True)
class OptionInfo:
    """What a program tells a person about an option."""

    help: str
    """One sentence."""
    name: str | None = None
    """What it is called where that is not its field, with words joined by "_"."""
    metavar: str | None = None
    """What stands for its value."""
    default: str | bool = True
    """The default in words, or whether it is shown at all."""


def option(
    default: Any,
    help: str,
    *,
    name: str | None = None,
    metavar: str | None = None,
    shown: str | bool = True,
) -> Any:
    """Return a dataclass field with a default and what programs tell of it.

    Args:
        default: the value without a choice.
        help: one sentence.
        name: what it is called where that is not its field.
        metavar: what stands for its value.
        shown: the default in words, or whether it is shown at all.
    """
    return field(default=default, metadata={_KEY: OptionInfo(help, name, metavar, shown)})


def option_info(described: Field[Any]) -> OptionInfo | None:
    """Return what is told of a field; None for one that programs do not offer."""
    metadata: Mapping[str, Any] = described.metadata
    info: OptionInfo | None = metadata.get(_KEY)
    return info
