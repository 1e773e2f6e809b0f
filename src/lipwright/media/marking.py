"""Mark a video as AI-generated, for people (a comment) and for machines (IPTC, in XMP).

IPTC's digital source type for a real photograph that a model set in motion is
"compositeWithTrainedAlgorithmicMedia" (https://cv.iptc.org/newscodes/digitalsourcetype/).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
COMMENT = "AI-generated video: lip movements synthesised by lipwright"
SOFTWARE = "lipwright"


def tags(extra: Mapping[str, str]) -> dict[str, str]:
    """The tags of a video's container; `extra` adds to them and may replace the free texts."""
    marks = {"comment": COMMENT, "software": SOFTWARE}
    return {**marks, **extra, "description": SOURCE_TYPE, "digitalsourcetype": SOURCE_TYPE}


def embed_marker(path: Path) -> None:
    """Add the XMP packet to a finished file."""
