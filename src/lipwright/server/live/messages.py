"""What a viewer may say, checked."""

from __future__ import annotations

import json
import math
from typing import Any, NamedTuple

from lipwright.core.errors import UsageError

RATES = (8_000, 48_000)
"""Of a microphone, Hz."""
DEEPEST = 4
"""Characters of JSON for each of a text, at most: \\uXXXX has six for one of two bytes."""


class Said(NamedTuple):
    """A message of a viewer."""

    kind: str
    """"say", "piece", "end", "interrupt", "microphone", "ping"."""
    text: str = ""
    rate: int = 0
    time: float = 0.0


def parse(message: str, most: int) -> Said:
    """Read a text message. most: characters of a text. Raises UsageError for what is none."""
    if len(message) > 6 * most + 1000:
        raise _too_long(len(message), most)
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        raise UsageError("The message is no JSON: send an object with a type.") from None
    kind = found.get("type") if isinstance(found, dict) else None
    if kind in ("say", "piece"):
        return Said(kind, text=_text(found.get("text"), kind, most))
    if kind in ("end", "interrupt"):
        return Said(kind)
    if kind == "microphone":
        return Said(kind, rate=_rate(found.get("rate")))
    if kind == "ping":
        return Said(kind, time=_time(found.get("time")))
    raise UsageError(
        'The message has no type that is known: send "say", "piece", "end", "interrupt", '
        '"microphone" or "ping".'
    )


def _text(value: Any, kind: str, most: int) -> str:
    if not isinstance(value, str) or not (value.strip() or kind == "piece"):
        raise UsageError("The message has no text: say what shall be spoken.")
    if len(value) > most:
        raise _too_long(len(value), most)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError("The text has half a character in it: send whole ones.") from None
    return value


def _too_long(count: int, most: int) -> UsageError:
    return UsageError(f"The text has {count} characters: send at most {most}.")


def _rate(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError("The microphone's rate is no whole number of Hz: send one, or 0 for off.")
    if value and not RATES[0] <= value <= RATES[1]:
        raise UsageError(
            f"A microphone of {value} Hz cannot be heard: send {RATES[0]} to {RATES[1]}."
        )
    return value


def _time(value: Any) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        return float(value) if good and math.isfinite(value) else 0.0
    except OverflowError:
        return 0.0
