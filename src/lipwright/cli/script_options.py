"""What shall be said: the text of --text or --script."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.core.atomic_file import check_rereadable
from lipwright.core.errors import UsageError, VoiceError

if TYPE_CHECKING:
    from lipwright.speech.script.script import Script

ANNOUNCED = 0.6
"""Seconds between an announcement and what it announces."""
STANDARD_INPUT = Path("-")
MAX_SCRIPT_BYTES = 4_000_000
"""A larger file has more characters than can be spoken at once, in any script of the world."""


def read_lines(
    text: str | None,
    script: Path | None,
    voice: str,
    language: str | None = None,
    values: Sequence[str] | None = None,
) -> Script:
    """Return what --text or --script says, in the language that this voice shall speak.

    values: of --set, each NAME=VALUE. Everything that can be wrong with them, or with the voice's
    name, is told here, before anything is made.
    """
    from lipwright.speech.script.script import read_script
    from lipwright.speech.script.template import parse_values
    from lipwright.speech.voices import parse_language, parse_voice

    tag = parse_language(language, parse_voice(voice, language))
    return read_script(read_words(text, script), values=parse_values(values or ()), language=tag)


def announced(script: Script, sentence: str) -> Script:
    """Return a script with a sentence and a pause before it."""
    from lipwright.speech.script.segments import Pause, Text

    return script.with_segments([Text(sentence), Pause(ANNOUNCED), *script.segments])


def read_words(text: str | None, script: Path | None) -> str:
    """Return the text, or what the script file says. Raises UsageError when there is none."""
    if script is not None:
        text = _read_script(script)
    if text is None or not text.strip():
        where = f"{script} is empty" if script is not None else "--text is empty"
        raise UsageError(f"{where}: give something to say.")
    return text


def _read_script(script: Path) -> str:
    """The text of a file, or of standard input for "-"."""
    name = "Standard input" if script == STANDARD_INPUT else str(script)
    content = _read_content(script)
    if len(content) > MAX_SCRIPT_BYTES:
        raise UsageError(
            f"{name} has more than {MAX_SCRIPT_BYTES:,} bytes, which is too long for a script: "
            "split it into smaller files."
        )
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise VoiceError(f"{name} is not UTF-8 text: save it as plain UTF-8 text.") from None


def _read_content(script: Path) -> bytes:
    """No more than one byte over what may be there: a device has no end."""
    most = MAX_SCRIPT_BYTES + 1
    if script == STANDARD_INPUT:
        try:
            return sys.stdin.buffer.read(most)
        except (OSError, AttributeError):
            raise VoiceError("Standard input cannot be read: give a file to --script.") from None
    check_rereadable(script)
    try:
        with script.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise VoiceError(
            f"{script} cannot be read ({error.strerror}): check the path and its permissions."
        ) from None
