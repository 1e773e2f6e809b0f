"""Concatenate parts of a video: packets are copied, no frame is encoded twice."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from lipwright.core.atomic_file import atomic_write
from lipwright.core.errors import MediaError
from lipwright.media.safe_open import open_media
from lipwright.media.video.audio_stream import open_soundtrack
from lipwright.media.video.containers import Container, container_for
from lipwright.media.video.content_credentials import ContentCredentials
from lipwright.media.video.extras import NO_EXTRAS, Extras, add_chapters
from lipwright.media.video.provenance import embed_marker, tags
from lipwright.media.video.subtitle_stream import Caption, open_subtitles

ALPHA = "alpha_mode"  # a tag of Matroska: the picture is seen through


def join_parts(
    parts: Sequence[Path],
    output: Path,
    fps: Fraction,
    audio: Any = None,
    subtitles: Sequence[Caption] = (),
    sound_seconds: float | None = None,
    tag: str | None = None,
    metadata: Mapping[str, str] | None = None,
    credentials: ContentCredentials | None = None,
    extras: Extras = NO_EXTRAS,
) -> None:
    """Write the videos `parts`, one after the other, as one file with sound and subtitles.

    parts: each begins with a key frame, has its frames at i / fps from 0 on, and all were encoded
    with the same settings. audio, subtitles, sound_seconds, extras: as for `VideoWriter`. tag: the
    codec tag for MP4 and MOV; None for the usual one. metadata: tags added to those that mark the
    video as AI-generated. credentials: what the file is signed with. The file is written
    atomically. Raises MediaError where it cannot be written.
    """
    import av

    try:
        with atomic_write(output, parts[0].parent) as partial:  # where leftovers are looked for
            kind, marks = container_for(output), dict(metadata or {})
            joiner = _Joiner(partial, kind, fps, parts, tag)
            seconds = float("inf") if sound_seconds is None else sound_seconds
            joiner.join(audio, subtitles, seconds, marks, extras)
            if credentials is not None:
                credentials.sign(partial, kind, output.name, marks.get("consent"))
    except av.FFmpegError as error:
        raise MediaError(
            f"{output} cannot be joined from its parts ({error}): render it again from the start."
        ) from error


def count_frames(path: Path) -> int | None:
    """Return the number of frames of a part; None where it is not a whole video."""
    import av

    try:
        with _opened(path) as packets:
            return sum(1 for _ in packets)
    except (av.FFmpegError, OSError, ValueError):
        return None


class _Joiner:
    """One output file while packets are written to it."""

    def __init__(
        self, path: Path, kind: Container, fps: Fraction, parts: Sequence[Path], tag: str | None
    ) -> None:
        self._path, self._kind, self._fps, self._parts = path, kind, fps, parts
        self._tag = tag if kind.muxer in ("mp4", "mov") else None

    def join(
        self,
        audio: Any,
        subtitles: Sequence[Caption],
        seconds: float,
        metadata: Mapping[str, str],
        extras: Extras,
    ) -> None:
        """Write all packets, the sound and the subtitles up to `seconds`, and the tags."""
        import av

        with ExitStack() as stack:
            options = dict(self._kind.options)
            output = av.open(f"file:{self._path}", "w", format=self._kind.muxer, options=options)
            stack.callback(output.close)
            output.metadata.update(tags(metadata))
            video = self._add_video(output)
            tracks: list[Any] = []
            if audio is not None:
                tracks.append(open_soundtrack(audio, output, self._kind, seconds))
                stack.callback(tracks[-1].close)
            add_chapters(output, extras.chapters)
            for track in open_subtitles(subtitles, extras.subtitles, output, self._kind, seconds):
                tracks.append(track)
                stack.callback(track.close)
            self._copy(output, video, tracks)
        embed_marker(self._path, self._kind, metadata)

    def _add_video(self, output: Any) -> Any:
        """Add a stream like that of the first part, with a clock that counts frames."""
        with open_media(self._parts[0]) as first:
            template = first.streams.video[0]
            video = output.add_stream_from_template(template, opaque=True)
            kept = {k: v for k, v in template.metadata.items() if k.lower() == ALPHA}
        video.metadata.update(kept)
        video.time_base = 1 / self._fps
        if self._tag:
            video.codec_context.codec_tag = self._tag
        return video

    def _copy(self, output: Any, video: Any, tracks: Sequence[Any]) -> None:
        delay = max(self._delay(part) for part in self._parts)
        done = 0
        for part in self._parts:
            count = 0
            with _opened(part) as packets:
                for packet in packets:
                    packet.pts = done + self._number(packet)
                    packet.dts = done + count - delay
                    packet.duration, packet.time_base = 1, 1 / self._fps
                    packet.stream = video
                    output.mux(packet)
                    count += 1
                    for track in tracks:
                        track.advance(float((done + count) / self._fps))
            done += count
        for track in tracks:
            track.advance(float("inf"))

    def _delay(self, part: Path) -> int:
        """Return by how many frames packets precede their presentation, for the decoder's sake."""
        with _opened(part) as packets:
            return max((i - self._number(packet) for i, packet in enumerate(packets)), default=0)

    def _number(self, packet: Any) -> int:
        """Return which frame of its part a packet holds; the part's own clock is rounded."""
        return int(round(packet.pts * packet.time_base * self._fps))


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[Any]]:
    """Yield the packets of a part in stored order."""
    with contextlib.closing(open_media(path)) as container:
        yield (packet for packet in container.demux(container.streams.video[0]) if packet.size)
