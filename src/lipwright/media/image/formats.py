"""Which kinds of picture are read, and what a file is that is none of them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from PIL import Image

# Formats whose decoders are safe on files from strangers: no EPS (runs Ghostscript), no stubs.
# HEIF is there for those who have registered the pillow-heif plug-in.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM", "TGA", "HEIF")
HEIF_BRANDS = (
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis",
)  # fmt: skip
CURE = "give a PNG or JPEG picture"


def open_header(file: Path | IO[bytes]) -> Image.Image:
    """Open a picture of one of `FORMATS`, of which only the header is read.

    Raises what Pillow raises: UnidentifiedImageError for any other kind of file.
    """
    Image.init()
    return Image.open(file, formats=[name for name in FORMATS if name in Image.OPEN])


def is_image(path: Path) -> bool:
    """Return whether a file looks like a picture of a kind that is read, by its header alone."""
    try:
        with no_warnings(), open_header(path):
            return True
    except Exception:  # whatever is wrong with it as a picture is told by those who read it as one
        return False


@contextmanager
def no_warnings() -> Iterator[None]:
    """Silence Pillow's Python warnings (odd tags, its own looser limit on size)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def describe_other(head: bytes) -> str:
    """Return what a file is that is none of `FORMATS`, and what to do about it.

    head: its first bytes, at least one.
    """
    if _is_heif(head):
        return (
            "is a HEIC or AVIF picture that Pillow cannot read here: convert it to PNG or JPEG "
            "first"
        )
    return f"{_kind(head)}: {CURE}"


def _is_heif(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS


def _kind(head: bytes) -> str:
    start = head.lstrip()[:12].lower()
    if head[4:8] == b"ftyp" or head[:4] in (b"\x1aE\xdf\xa3", b"RIFF"):
        return "is a video or sound file, not a picture"
    if start.startswith(b"%pdf"):
        return "is a PDF document, not a picture"
    if start.startswith((b"<svg", b"<?xml", b"<!doctype", b"<html")):
        return "is a web page or vector drawing, not a photograph"
    if all(byte >= 32 or byte in b"\t\r\n\f" for byte in head) and max(head) < 127:
        return "is a text file, not a picture, whatever its name says"
    return "is not a picture of a known format"
