"""What a file is that cannot be read as a picture, told by how it begins."""

from __future__ import annotations

CURE = "give a PNG or JPEG picture"


def _is_heif(head: bytes) -> bool:
    brands = (
        b"heic",
        b"heix",
        b"heim",
        b"heis",
        b"hevc",
        b"hevx",
        b"mif1",
        b"msf1",
        b"avif",
        b"avis",
    )
    return head[4:8] == b"ftyp" and head[8:12] in brands


def describe_header(head: bytes) -> str:
    """Return what a file is that is no picture that can be read, by its first 32 bytes."""
    start = head.lstrip()[:12].lower()
    if _is_heif(head):
        return "is a HEIC or AVIF picture that Pillow cannot read here"
    if head[4:8] == b"ftyp" or head[:4] in (b"\x1aE\xdf\xa3", b"RIFF"):
        return "is a video or sound file, not a picture"
    if start.startswith(b"%pdf"):
        return "is a PDF document, not a picture"
    if start.startswith((b"<svg", b"<?xml", b"<!doctype", b"<html")):
        return "is a web page or vector drawing, not a photograph"
    if all(byte >= 32 or byte in b"\t\r\n\f" for byte in head) and max(head) < 127:
        return "is a text file, not a picture, whatever its name says"
    return "is not a picture of a known format"


def cure_for(head: bytes) -> str:
    """Return what to do about a file that is no picture that can be read."""
    return "convert it to PNG or JPEG first" if _is_heif(head) else CURE
