"""Which of several sound tracks of a file is used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipwright.core.errors import UsageError

TrackChoice = int | str | None
"""The number of a sound track, from 1 on, or its language; None for the file's default one."""

ALIASES = (
    "ar ara", "bn ben", "bg bul", "ca cat", "cs ces cze", "cy cym wel", "da dan", "de deu ger",
    "el ell gre", "en eng", "es spa", "et est", "eu eus baq", "fa fas per", "fi fin", "fr fra fre",
    "ga gle", "gu guj", "he heb", "hi hin", "hr hrv", "hu hun", "hy hye arm", "id ind",
    "is isl ice", "it ita", "ja jpn", "ka kat geo", "kn kan", "ko kor", "lt lit", "lv lav",
    "mk mkd mac", "ml mal", "mr mar", "ms msa may", "my mya bur", "ne nep", "nl nld dut", "no nor",
    "pa pan", "pl pol", "pt por", "ro ron rum", "ru rus", "sk slk slo", "sl slv", "sq sqi alb",
    "sr srp", "sv swe", "ta tam", "te tel", "th tha", "tr tur", "uk ukr", "ur urd", "vi vie",
    "zh zho chi",
)  # fmt: skip
"""Codes of one language: of ISO 639-1, and both kinds of ISO 639-2, which files have."""
_BY_CODE = {code: codes.split()[0] for codes in ALIASES for code in codes.split()}


@dataclass(frozen=True)
class SoundFile:
    """One sound track of a file."""

    path: Path
    track: TrackChoice = None

    @classmethod
    def of(cls, source: Any) -> SoundFile | None:
        """Return what a path, or an object with `path` and maybe `track`, such as a Speech, names.

        None for sound from memory.
        """
        if isinstance(source, str | Path):
            return cls(Path(source))
        path = getattr(source, "path", None)
        return None if path is None else cls(Path(path), getattr(source, "track", None))


def check_track(wanted: TrackChoice) -> TrackChoice:
    """Return a choice with a number as such.

    Raises UsageError for what can be neither a number nor a language.
    """
    if wanted is None:
        return None
    text = str(wanted).strip()
    if text.isdecimal() and int(text) > 0:
        return int(text)
    if text.replace("-", "").isalpha():
        return text
    raise UsageError(
        f"There can be no sound track {text!r}: give its number, from 1 on, or its language, such "
        "as hi.",
        option="audio-track",
    )


def choose_track(container: Any, wanted: TrackChoice, path: Path) -> Any:
    """Return the wanted sound stream of an av container, which has at least one.

    A file's only sound track is taken whatever is wanted: there is nothing to choose. Raises
    UsageError where there is no such track among several.
    """
    streams = list(container.streams.audio)
    default = _default(streams)
    wanted = check_track(wanted)
    if wanted is None or len(streams) == 1:
        return default
    if isinstance(wanted, int):
        found = streams[wanted - 1 : wanted]
    else:
        found = [stream for stream in streams if _speaks(stream, wanted)]
    if not found:
        known = ", ".join(describe_track(stream, n) for n, stream in enumerate(streams, 1))
        raise UsageError(
            f"{path} has no sound track {wanted}: choose one of {known}.", option="audio-track"
        )
    return default if default in found else found[0]


def describe_track(stream: Any, number: int) -> str:
    """Return how a person is told of a stream: its number, language and title."""
    tags = {key.lower(): value for key, value in stream.metadata.items()}
    language, title = tags.get("language", "und"), tags.get("title", "")
    more = [part for part in (language if language != "und" else "", title) if part]
    return f"{number} ({', '.join(more)})" if more else str(number)


def _default(streams: list[Any]) -> Any:
    """The first stream that is marked as the default one, else the first."""
    from av.stream import Disposition

    usable = [stream for stream in streams if stream.codec_context is not None] or streams
    return next((one for one in usable if Disposition.default in one.disposition), usable[0])


def _speaks(stream: Any, language: str) -> bool:
    said, wanted = stream.metadata.get("language", "").lower(), language.lower()
    if said == wanted:
        return bool(said)
    first, second = (code.partition("-")[0] for code in (said, wanted))
    return bool(first) and _BY_CODE.get(first, first) == _BY_CODE.get(second, second)
