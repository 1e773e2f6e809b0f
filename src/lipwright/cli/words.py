"""What shall be said: the text of --text or --script."""

from __future__ import annotations

from pathlib import Path

from lipwright.errors import UsageError, VoiceError

MAX_SCRIPT_BYTES = 1_000_000
"""About 18 hours of speech: a larger file is no script but a mistake."""


def read_words(text: str | None, script: Path | None) -> str:
    """The text itself, or what the script file says. Raises UsageError when there is none."""
    if script is not None:
        text = _read_script(script)
    if text is None or not text.strip():
        where = f"{script} is empty" if script is not None else "--text is empty"
        raise UsageError(f"{where}: give something to say.")
    return text


def _read_script(script: Path) -> str:
    try:
        if script.stat().st_size > MAX_SCRIPT_BYTES:
            raise UsageError(f"{script} is too long for a script: split it into smaller files.")
        return script.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise VoiceError(f"{script} is not UTF-8 text: save it as plain UTF-8 text.") from None
    except OSError as error:
        raise VoiceError(
            f"{script} cannot be read ({error.strerror}): check the path and its permissions."
        ) from None
