"""The kinds of video file lipwright writes, and how each is encoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lipwright.errors import UsageError


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
    ".gif": Container("gif", "gif", None, subtitle_codec=None),
}

# CRF of x264, and of libvpx-vp9. On a moving face at 1080p 18 gives 46.1 dB of luma PSNR at
# 1.8 Mb/s (SSIM 0.986, the rest is the photograph's grain), VP9's 28 gives 45.3 dB at 1.0 Mb/s.
CONSTANT_QUALITY = {
    "low": (22, 34),
    "medium": (20, 31),
    "high": (18, 28),
}
SPOOL_CRF = 4  # of the file a GIF is made from

# Measured on a talking head at 1080p, one core: preset veryfast costs 16 ms a frame; without
# B-frames, sub-pixel refinement and a long look-ahead 10 ms, at equal PSNR and 1.3 times the bits.
# Macroblock-tree rate control has to stay: a picture that mostly stands still needs a quarter of
# the bits with it.
X264_OPTIONS = {"preset": "veryfast"}
X264_PARAMETERS = "bframes=0:subme=1:rc-lookahead=10:me=dia:mixed-refs=0:partitions=none"
VP9_OPTIONS = {
    "deadline": "realtime",
    "cpu-used": "8",
    "row-mt": "1",
    "lag-in-frames": "0",
    "static-thresh": "0",
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
    """Raises UsageError for a kind of file without subtitle tracks."""
    if kind.subtitle_codec is None:
        raise UsageError(
            f"A {kind.muxer.upper()} holds no subtitles: write an .mp4, .mov, .mkv or .webm."
        )


def video_options(codec: str, quality: str) -> dict[str, str]:
    """Options of the video encoder `codec` at "low", "medium" or "high" quality.

    "spool" is the near lossless and fast quality of a file that does not stay.
    """
    if quality == "spool":
        return {"preset": "ultrafast", "crf": str(SPOOL_CRF)}
    x264_crf, vp9_crf = CONSTANT_QUALITY[quality]
    if codec == "libx264":
        return {**X264_OPTIONS, "crf": str(x264_crf), "x264-params": X264_PARAMETERS}
    return {**VP9_OPTIONS, "crf": str(vp9_crf), "b": "0"}
