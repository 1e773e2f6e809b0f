"""What SSML's say-as asks for, in words."""

from __future__ import annotations

from lipwright.errors import VoiceError

READINGS = frozenset(
    "cardinal ordinal number digits characters spell-out verbatim date time telephone currency "
    "fraction unit name address".split()
)


def check_reading(how: str, detail: str = "") -> str:
    """Return the value of ``Text.say_as`` for interpret-as and format.

    Raises:
        VoiceError: no such reading.
    """
    if how not in READINGS:
        raise VoiceError(
            f'The SSML has an impossible say-as "{how}": write {", ".join(sorted(READINGS))}.'
        )
    return f"{how}:{detail}" if detail else how


def read_as(text: str, say_as: str, language: str) -> str:
    """Return the words of a text read in a given way."""
    return text
