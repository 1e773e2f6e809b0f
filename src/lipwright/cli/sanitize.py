"""What is printed for people: one line, of characters that show themselves."""

from __future__ import annotations

from lipwright.core.secrets import hide_credentials

JOINERS = "\u200c\u200d"
"""Cannot be seen, but words in Hindi are not spelled without them."""


def one_line(text: str) -> str:
    """Return the text in one line, without credentials.

    What would steer a terminal is spelled out.
    """
    return "".join(map(_shown, hide_credentials(" ".join(text.split()))))


def _shown(character: str) -> str:
    if character.isprintable() or character in JOINERS:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
