"""What a film has beside its picture and its sound: subtitles, chapters, other tracks.

Subtitles of text and chapters go into the new file, at their times. Other sound tracks do not: they
say, in another language or about the film, what the new speech replaces. Whatever is left out is
named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from lipwright.core.errors import UsageError
from lipwright.media.audio.tracks import TrackChoice, choose_track, describe_track
from lipwright.media.video.containers import Container

MAX_CAPTIONS, MAX_TEXT = 50_000, 2_000
"""Captions of a film that are kept, and letters of one."""
SHOWN = 4.0
"""Seconds for which a caption is shown that does not say it."""

_STYLES = re.compile(r"\{\\[^{}]*\}")  # as FFmpeg gives italics and the like


@dataclass(frozen=True)
class TimedText:
    """A caption, or the title of a chapter."""

    start: float
    """Seconds from the film's first picture."""
    end: float
    text: str


@dataclass(frozen=True)
class TextTrack:
    """Subtitles."""

    captions: tuple[TimedText, ...]
    name: str
    """What a person is told of it, such as "subtitles 1 (hin)"."""
    language: str
    """As the film has it: ISO 639-2."""
    title: str
    is_default: bool


@dataclass(frozen=True)
class Extras:
    """What a film has beside its picture and its sound."""

    subtitles: tuple[TextTrack, ...] = ()
    chapters: tuple[TimedText, ...] = ()
    left_out: tuple[str, ...] = ()
    """What is not kept, each by its name."""

    @property
    def kept(self) -> tuple[str, ...]:
        """What is kept, by name and count."""
        count = len(self.chapters)
        chapters = (f"{count} chapter{'s' * (count > 1)}",) if count else ()
        return (*(track.name for track in self.subtitles), *chapters)

    def fitted(self, kind: Container, stretch: float, seconds: float) -> Extras:
        """Return what a file holds that lasts `seconds` and plays so many times as slowly."""
        if kind.subtitle_codec is None:
            return Extras(left_out=(*self.left_out, *self.kept))
        subtitles = [
            replace(track, captions=_fitted(track.captions, stretch, seconds))
            for track in self.subtitles
        ]
        ended = tuple(track.name for track in subtitles if not track.captions)
        return Extras(
            tuple(track for track in subtitles if track.captions),
            _fitted(self.chapters, stretch, seconds),
            (*self.left_out, *ended),
        )


NO_EXTRAS = Extras()


def read_extras(path: Path, sound_track: TrackChoice = None) -> Extras:
    """Return what a film has beside its picture and its own sound, `sound_track`.

    Raises MediaError for what is no film.
    """
    from lipwright.media.audio.decode import picture_start
    from lipwright.media.video.index import open_video

    with open_video(path) as (container, picture):
        start = picture_start(container) or 0.0
        chapters = tuple(_chapters(container, start))
        tracks = list(_subtitles(container, start))
        left_out = (
            *_other_sounds(container, sound_track, path),
            *(track.name for track in tracks if not track.captions),
            *_other_streams(container, picture),
        )
    return Extras(tuple(track for track in tracks if track.captions), chapters, left_out)


def add_chapters(output: Any, chapters: tuple[TimedText, ...]) -> None:
    """Give an av output container its chapters, before anything is written to it."""
    clock = Fraction(1, 1000)
    output.set_chapters(
        [
            {
                "id": number,
                "start": round(chapter.start / clock),
                "end": round(chapter.end / clock),
                "time_base": clock,
                "metadata": {"title": chapter.text},
            }
            for number, chapter in enumerate(chapters, 1)
        ]
    )


def _fitted(texts: tuple[TimedText, ...], stretch: float, seconds: float) -> tuple[TimedText, ...]:
    moved = (TimedText(one.start * stretch, one.end * stretch, one.text) for one in texts)
    return tuple(
        replace(one, start=max(one.start, 0.0), end=min(one.end, seconds))
        for one in moved
        if one.start < seconds and one.end > 0
    )


def _chapters(container: Any, start: float) -> Iterator[TimedText]:
    for number, chapter in enumerate(container.chapters(), 1):
        first, last = (float(chapter[key] * chapter["time_base"]) for key in ("start", "end"))
        title = chapter["metadata"].get("title", str(number))
        yield TimedText(first - start, last - start, title[:MAX_TEXT])


def _subtitles(container: Any, start: float) -> Iterator[TextTrack]:
    """All subtitles; those that are pictures, or cannot be read, without captions."""
    from av.stream import Disposition

    streams = list(container.streams.subtitles)
    readable = [stream for stream in streams if stream.codec_context is not None]
    found = _read_captions(container, readable, start) if readable else {}
    for number, stream in enumerate(streams, 1):
        tags = {key.lower(): value for key, value in stream.metadata.items()}
        yield TextTrack(
            _with_ends(found.get(stream.index, [])),
            f"subtitles {describe_track(stream, number)}",
            tags.get("language", "und"),
            tags.get("title", ""),
            Disposition.default in stream.disposition,
        )


def _read_captions(container: Any, streams: list[Any], start: float) -> dict[int, list[TimedText]]:
    """Captions by the numbers of their streams; none of one with too many."""
    import av

    found: dict[int, list[TimedText]] = {stream.index: [] for stream in streams}
    packets = container.demux(streams)
    with suppress(av.FFmpegError, ValueError, StopIteration):  # cut short: what is there counts
        while True:
            packet = next(packets)
            if not packet.size or packet.pts is None:
                continue
            shown = float(packet.pts * packet.time_base) - start
            lasts = float((packet.duration or 0) * packet.time_base)
            text = _text_of(packet)
            if text:
                found[packet.stream.index].append(TimedText(shown, shown + lasts, text))
    return {index: texts for index, texts in found.items() if len(texts) <= MAX_CAPTIONS}


def _text_of(packet: Any) -> str:
    """The plain text of a caption, empty for a picture."""
    import av

    try:
        parts = [part for part in packet.decode() if part.type == b"ass"]
    except (av.FFmpegError, ValueError):
        return ""
    text = b"\n".join(part.dialogue for part in parts).decode("utf-8", "replace")
    return _STYLES.sub("", text).replace("\r", "").strip()[:MAX_TEXT]


def _with_ends(captions: list[TimedText]) -> tuple[TimedText, ...]:
    """Captions in order, each with an end."""
    captions = sorted(captions, key=lambda one: one.start)
    following = [*(one.start for one in captions[1:]), float("inf")]
    return tuple(
        one if one.end > one.start else replace(one, end=min(one.start + SHOWN, later))
        for one, later in zip(captions, following, strict=True)
    )


def _other_sounds(container: Any, own: TrackChoice, path: Path) -> Iterator[str]:
    streams = list(container.streams.audio)
    if len(streams) > 1:
        with suppress(UsageError):
            own = choose_track(container, own, path).index
        for number, stream in enumerate(streams, 1):
            if stream.index != own:
                yield f"sound track {describe_track(stream, number)}"


def _other_streams(container: Any, picture: Any) -> Iterator[str]:
    from av.stream import Disposition

    for number, stream in enumerate(container.streams.video, 1):
        if Disposition.attached_pic in stream.disposition:
            yield "cover picture"
        elif stream.index != picture.index:
            yield f"video track {describe_track(stream, number)}"
    for stream in container.streams.attachments:
        yield f"attached file {stream.metadata.get('filename', stream.index)}"
