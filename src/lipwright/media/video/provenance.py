"""Mark a video as AI-generated, for people (a comment) and for machines (IPTC, in XMP).

IPTC's digital source type for a real photograph that a model animated is
"compositeWithTrainedAlgorithmicMedia" (https://cv.iptc.org/newscodes/digitalsourcetype/). FFmpeg
keeps free tags in Matroska but only a few in MP4 and none in GIF, so XMP is added to those by hand.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from html import escape
from pathlib import Path

from lipwright.media.video.containers import Container

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
COMMENT = "AI-generated video: lip movements synthesised by lipwright"
SOFTWARE = "lipwright"

# XMP specification, part 3 (2020): section 1.1.5 for the box of MPEG-4 and QuickTime files ...
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
# ... and 1.1.2 for GIF, whose readers skip the text as blocks of arbitrary length and land on the
# "magic trailer" that leads them out of it from wherever they hit it.
GIF_XMP_HEADER = b"\x21\xff\x0bXMP DataXMP"
GIF_XMP_TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
GIF_END = b"\x3b"

XMP_TEMPLATE = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<Iptc4xmpExt:DigitalSourceType>{source_type}</Iptc4xmpExt:DigitalSourceType>
<xmp:CreatorTool>{software}</xmp:CreatorTool>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{comment}</rdf:li></rdf:Alt></dc:description>
{terms}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""

XMP_TERMS = """<xmpRights:UsageTerms><rdf:Alt>
<rdf:li xml:lang="x-default">{consent}</rdf:li></rdf:Alt></xmpRights:UsageTerms>
"""


def tags(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a video's container; `extra` adds to them or replaces the comment.

    "consent" among them is what is said about the consent of the person shown.
    """
    marks = {"comment": COMMENT, "software": SOFTWARE}
    return {**marks, **extra, "description": SOURCE_TYPE, "digitalsourcetype": SOURCE_TYPE}


def embed_marker(path: Path, kind: Container, metadata: Mapping[str, str]) -> None:
    """Add an XMP packet to the finished MP4, MOV or GIF at `path`; other kinds keep their tags.

    metadata: what was added to `tags`. Raises OSError if the file cannot be written.
    """
    comment, consent = metadata.get("comment", COMMENT), metadata.get("consent")
    packet = XMP_TEMPLATE.format(
        source_type=SOURCE_TYPE,
        software=SOFTWARE,
        comment=escape(comment, quote=False),
        terms=XMP_TERMS.format(consent=escape(consent, quote=False)) if consent else "",
    ).encode()
    with path.open("r+b") as file:
        if kind.muxer in ("mp4", "mov"):
            file.seek(0, os.SEEK_END)
            size = 8 + len(XMP_UUID) + len(packet)
            file.write(size.to_bytes(4, "big") + b"uuid" + XMP_UUID + packet)
        elif kind.muxer == "gif":
            file.seek(-1, os.SEEK_END)
            if file.read(1) == GIF_END:
                file.seek(-1, os.SEEK_END)
                text = comment.encode()[:255]
                file.write(b"\x21\xfe" + bytes([len(text)]) + text + b"\x00")
                file.write(GIF_XMP_HEADER + packet + GIF_XMP_TRAILER + GIF_END)
