"""How files from strangers are opened: as media of known kinds, and nothing else.

FFmpeg reads some four hundred kinds of file. Among them are playlists, concatenations, patterns of
file names and network sessions, through which a file could have others read, and texts and game
formats that nobody films with. Only what is named here is read, from the file itself alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from lipwright.media.limits import MAX_PIXELS

FILMS = (
    "mov", "matroska", "avi", "mpegts", "mpeg", "mpegvideo", "m4v", "h264", "hevc", "av1", "obu",
    "ivf", "flv", "asf", "ogg", "mxf", "dv", "rm", "nut", "gxf", "wtv", "mjpeg", "yuv4mpegpipe",
    "gif", "apng",
)  # fmt: skip
SOUNDS = (
    "wav", "w64", "aiff", "caf", "au", "flac", "mp3", "aac", "latm", "loas", "ac3", "eac3", "dts",
    "dtshd", "truehd", "mlp", "amr", "amrnb", "amrwb", "ape", "wv", "tta", "tak", "mpc", "mpc8",
    "voc", "dsf", "sox", "shn", "iff", "xwma", "oma", "nistsphere", "ircam", "qcp",
)  # fmt: skip
MAX_STREAMS = 100


def open_media(source: Path | BinaryIO) -> Any:
    """Return an av input container for a file, of which nothing is decoded that is too large.

    Raises what av raises: FFmpegError, ValueError or OSError.
    """
    import av

    options = {
        "protocol_whitelist": "file",
        "format_whitelist": ",".join(FILMS + SOUNDS),
        "max_streams": str(MAX_STREAMS),
        "max_pixels": str(MAX_PIXELS),
    }
    # From version 19 on PyAV always reads titles in an unknown encoding as best it can.
    tolerant = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
    # "file:" keeps FFmpeg from taking a name such as "12:30.wav" for a network address.
    named: Any = f"file:{source}" if isinstance(source, Path) else source
    return av.open(named, options=options, **tolerant)


def limit_pictures(stream: Any) -> None:
    """Let a stream's decoder refuse pictures that become too large later on."""
    stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
