"""Placeholders such as ``{name}`` in a script, and their values."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping

from lipwright.core.errors import UsageError, VoiceError

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{\s{0,9}([^\W\d_][\w .-]{0,99}?)\s{0,9}\}")

log = logging.getLogger("lipwright")


def fill_placeholders(
    text: str,
    values: Mapping[str, str] | None = None,
    escape: Callable[[str], str] = lambda value: value,
) -> str:
    """Replace ``{name}`` by its value; ``{{`` and ``}}`` are the braces themselves.

    Args:
        text: a name begins with a letter and may have 100 letters, digits, spaces and . _ -
        values: by name.
        escape: makes a value safe within the text's markup.

    Raises:
        VoiceError: a placeholder has no value; the message names all such.
    """
    known = dict(values or {})
    used: set[str] = set()
    missing: list[str] = []

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return match[0][0]
        used.add(name)
        if name not in known:
            missing.append(name)
            return match[0]
        return escape(str(known[name]))

    filled = _PLACEHOLDER.sub(fill, text)
    if missing:
        names = ", ".join("{" + name + "}" for name in dict.fromkeys(missing))
        raise VoiceError(
            f"The text has {names} without a value: give one for each name, or write {{{{ and }}}} "
            "for braces.",
            option="set",
        )
    for name in known.keys() - used:
        log.warning("The text has no {%s}: its value is not used.", name)
    return filled


def parse_values(assignments: Iterable[str]) -> dict[str, str]:
    """Parse assignments ``name=value`` to a mapping.

    Raises:
        UsageError: no "=", no name, or the same name twice.
    """
    values: dict[str, str] = {}
    for assignment in assignments:
        name, separator, value = assignment.partition("=")
        name = name.strip().removeprefix("{").removesuffix("}")
        if not separator or not _PLACEHOLDER.fullmatch("{" + name + "}"):
            raise UsageError(
                f'"{assignment}" gives no value: write name=value, such as name=Mathangi.',
                option="set",
            )
        if name in values:
            raise UsageError(f"{name} has two values: give one.", option="set")
        values[name] = value
    return values
