"""A subtitle stream that viewers can switch on, written in step with the frames."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import ExitStack
from fractions import Fraction
from typing import Any, Protocol

from lipwright.core.errors import MediaError
from lipwright.media.video.containers import Container, check_holds_subtitles
from lipwright.media.video.extras import TextTrack

CLOCK = Fraction(1, 1000)

# FFmpeg's encoder of MPEG-4 timed text (3GPP TS 26.245) takes its font from such a header.
ASS_HEADER = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, BackColour, Bold, Italic, Underline, Alignment
Style: Default,Sans,16,&Hffffff,&H0,0,0,0,2

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""

# A stream without an encoder is described by one that FFmpeg reads: the shortest file of its kind.
EXAMPLES = {
    "subrip": ("srt", b"1\n00:00:00,000 --> 00:00:01,000\n-\n"),
    "webvtt": ("webvtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\n-\n"),
}


class Caption(Protocol):
    """A text with its times; `lipwright.pipeline.captions.Cue` is one."""

    @property
    def start(self) -> float:
        """Seconds."""

    @property
    def end(self) -> float:
        """Seconds."""

    @property
    def text(self) -> str:
        """Lines of plain text with a line feed between two."""


class SubtitleTrack:
    """Adds a stream of `captions`, in order, to the av output container `output`.

    Nothing is shown after `seconds`, where the sound is cut off. Raises UsageError for a container
    that holds no subtitles, MediaError where the installed PyAV cannot write them.
    """

    def __init__(
        self,
        captions: Sequence[Caption],
        output: Any,
        kind: Container,
        seconds: float = float("inf"),
        *,
        language: str | None = None,
        title: str = "",
    ) -> None:
        """Add the stream; without a language it is guessed by the letters."""
        check_holds_subtitles(kind)
        self._captions, self._output, self._seconds = captions, output, seconds
        self._codec = kind.subtitle_codec or ""
        self._written = 0
        self._resources = ExitStack()
        self._stream = self._add_stream()
        self._stream.metadata["language"] = language or guess_language(captions)
        if title:
            self._stream.metadata["title"] = title

    def show_by_default(self) -> None:
        """Mark the stream as the one that players show unasked."""
        from av.stream import Disposition

        self._stream.disposition = Disposition.default

    def advance(self, until: float) -> None:
        """Write every caption that starts before `until` seconds."""
        while self._written < len(self._captions):
            caption = self._captions[self._written]
            if caption.start >= min(until, self._seconds):
                return
            self._output.mux(self._packet(caption))
            self._written += 1

    def close(self) -> None:
        """Release what describes the stream."""
        self._resources.close()

    def _add_stream(self) -> Any:
        import av

        if self._codec in EXAMPLES:
            name, content = EXAMPLES[self._codec]
            example = self._resources.enter_context(av.open(io.BytesIO(content), format=name))
            return self._output.add_stream_from_template(example.streams.subtitles[0])
        stream = self._output.add_stream(self._codec)
        if not hasattr(stream.codec_context, "subtitle_header"):
            raise MediaError(
                "Subtitles in this kind of video need a newer PyAV: run pip install --upgrade av."
            )
        stream.codec_context.subtitle_header = ASS_HEADER
        stream.codec_context.time_base = stream.time_base = CLOCK
        return stream

    def _packet(self, caption: Caption) -> Any:
        import av

        text = caption.text.encode()
        if self._codec == "mov_text":
            text = len(text).to_bytes(2, "big") + text
        elif self._codec == "webvtt":
            text = escape_vtt(caption.text).encode()
        packet = av.Packet(text)
        packet.stream, packet.time_base = self._stream, CLOCK
        packet.pts = packet.dts = round(caption.start / CLOCK)
        end = min(caption.end, self._seconds)
        packet.duration = max(1, round(end / CLOCK) - packet.pts)
        packet.is_keyframe = True
        return packet


def escape_vtt(text: str) -> str:
    """Escape the characters with a meaning in WebVTT."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def guess_language(captions: Sequence[Caption]) -> str:
    """Guess the ISO 639-2 code by the letters: "hin" for mostly Devanagari, else "eng"."""
    letters = [letter for caption in captions for letter in caption.text if letter.isalpha()]
    devanagari = sum("\u0900" <= letter <= "\u097f" for letter in letters)
    return "hin" if devanagari > len(letters) / 2 else "eng"


def open_subtitles(
    captions: Sequence[Caption],
    kept: Sequence[TextTrack],
    output: Any,
    kind: Container,
    seconds: float = float("inf"),
) -> list[SubtitleTrack]:
    """Add streams for new captions, if there are any, and for subtitles that a film had.

    Arguments and errors as for `SubtitleTrack`.
    """
    tracks = [SubtitleTrack(captions, output, kind, seconds)] if captions else []
    for track in kept:
        language, title = track.language, track.title
        added = SubtitleTrack(track.captions, output, kind, seconds, language=language, title=title)
        if track.is_default and not captions:
            added.show_by_default()
        tracks.append(added)
    return tracks
