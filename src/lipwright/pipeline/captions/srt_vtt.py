"""Caption files: SubRip (.srt) and WebVTT (.vtt)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lipwright.core.errors import UsageError
from lipwright.core.validation import check_place
from lipwright.media.video.subtitle_stream import escape_vtt
from lipwright.pipeline.captions.cues import Cue


def check_caption_file(path: str | Path) -> Path:
    """Return the path of a caption file that can be written.

    Raises UsageError for an extension that is neither .srt nor .vtt, MediaError for a folder that
    does not exist or is not writable.
    """
    path = Path(path)
    if path.suffix.lower() not in _FORMATS:
        raise UsageError(f"{path} names no kind of captions: end it in {' or '.join(_FORMATS)}.")
    check_place(path, "caption")
    return path


def write_captions(path: str | Path, cues: Sequence[Cue]) -> None:
    """Write captions as UTF-8; the extension, .srt or .vtt, chooses the format.

    Raises UsageError for another extension, MediaError where the file cannot be written.
    """
    from lipwright.core.atomic_file import atomic_write

    path = check_caption_file(path)
    content = _FORMATS[path.suffix.lower()](cues)
    with atomic_write(path) as partial:
        partial.write_text(content, encoding="utf-8", newline="\n")


def to_srt(cues: Sequence[Cue]) -> str:
    """Return the text of a SubRip file."""
    blocks = [
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{cue.text}\n"
        for number, cue in enumerate(cues, 1)
    ]
    return "\n".join(blocks)


def to_vtt(cues: Sequence[Cue]) -> str:
    """Return the text of a WebVTT file (W3C, https://www.w3.org/TR/webvtt1/)."""
    blocks = [
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{escape_vtt(cue.text)}\n"
        for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _clock(seconds: float, point: str) -> str:
    """Format a time such as 01:02:03,456."""
    milliseconds = round(max(0.0, seconds) * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}{point}{milliseconds % 1000:03}"


_FORMATS = {".srt": to_srt, ".vtt": to_vtt}
