"""The kinds of video file lipwright writes, and how each is encoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lipwright.core.errors import UsageError
from lipwright.core.given import check_is_path
from lipwright.core.validation import check_place


@dataclass(frozen=True)
class Container:
    """One kind of file: FFmpeg's muxer and its options, and the codecs that go into it."""

    muxer: str
    video_codec: str
    audio_codec: str | None
    copied: tuple[str, ...] = ()
    """Codecs whose packets are copied, because every player of such a file knows them."""
    options: tuple[tuple[str, str], ...] = ()
    subtitle_codec: str | None = "mov_text"


FASTSTART = (("movflags", "+faststart"),)
QUICKTIME = (("movflags", "+faststart+use_metadata_tags"),)  # QuickTime's own way to hold any tag
CONTAINERS = {
    ".mp4": Container("mp4", "libx264", "aac", ("aac",), FASTSTART),
    ".m4v": Container("mp4", "libx264", "aac", ("aac",), FASTSTART),
    ".mov": Container("mov", "libx264", "aac", ("aac", "alac"), QUICKTIME),
    ".mkv": Container(
        "matroska",
        "libx264",
        "aac",
        ("aac", "alac", "flac", "mp3", "opus", "vorbis"),
        subtitle_codec="subrip",
    ),
    ".webm": Container(
        "webm", "libvpx-vp9", "libopus", ("opus", "vorbis"), subtitle_codec="webvtt"
    ),
    ".gif": Container("gif", "libx264", None, subtitle_codec=None),
}


def container_for(path: Path) -> Container:
    """The kind of file that `path`'s extension asks for; raises UsageError for an unknown one."""
    try:
        return CONTAINERS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(CONTAINERS)
        what = f"the extension {path.suffix!r}" if path.suffix else "no extension"
        raise UsageError(
            f"{path} has {what}, which names no kind of video: end it in one of {known}."
        ) from None


def check_holds_subtitles(kind: Container) -> None:
    """Raise UsageError for a kind of file without subtitle tracks."""
    if kind.subtitle_codec is None:
        raise UsageError(
            f"A {kind.muxer.upper()} holds no subtitles: write an .mp4, .mov, .mkv or .webm."
        )


def check_output(output: str | Path) -> Path:
    """Return the path of a video that can be written, as far as one can tell before writing it.

    Raises UsageError for an extension that is no kind of video, MediaError for a folder that is
    not there or not writable.
    """
    path = check_is_path(output, "output")
    container_for(path)
    check_place(path, "video")
    return path
