"""What a campaign is: all that its videos depend on besides the people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from lipwright.campaign.outputs import DEFAULT_PATTERN
from lipwright.core.validation import DEFAULT_FPS, check_choice, parse_fps

Reuse = Literal["segments", "speech", "nothing"]
REUSES: tuple[str, ...] = ("segments", "speech", "nothing")
VOICE, LANGUAGE, IMAGE, OPT_OUT, PRIORITY = "voice", "language", "image", "opt_out", "priority"
"""Columns with a meaning of their own."""
SPECIAL = (VOICE, LANGUAGE, IMAGE, OPT_OUT, PRIORITY)


@dataclass(frozen=True)
class CampaignPlan:
    """What a campaign makes, for everybody.

    Raises:
        UsageError: a value that does not exist.
    """

    script: str
    """The text with its places: see `template`."""
    image: str
    """The portrait's path; a column "image" may name another, beside the table."""
    name: str = ""
    """The campaign's own name, which every video carries."""
    voice: str = "anika"
    """Who speaks where no column "voice" says so."""
    language: str | None = None
    """BCP 47 tag; None is the voice's own. A column "language" may say otherwise."""
    rate: float = 1.0
    """Speed of the speech, 0.5 to 2."""
    pattern: str = DEFAULT_PATTERN
    """Of the videos' names: see `OutputNames`."""
    fps: str = str(DEFAULT_FPS)
    """Frames per second, any rational."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of `RenderOptions`, by name: quality, motion, speaker, seed, encoder."""
    reuse: Reuse = "segments"
    """What is made once for everybody: "segments" (speech and pictures), "speech" or "nothing"."""
    images: str = "."
    """The folder that paths in the column "image" count from."""
    read_back: bool = False
    """Whether a recogniser hears what was spoken of each person."""

    def __post_init__(self) -> None:
        """Check what can be checked without the portrait and the people."""
        from lipwright.campaign.template import read_template
        from lipwright.pipeline.options import RenderOptions

        check_choice("reuse", self.reuse, REUSES)
        parse_fps(self.fps)
        read_template(self.script)
        RenderOptions(**self.options)

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second."""
        return parse_fps(self.fps)

    def voice_of(self, row: Mapping[str, str]) -> str:
        """Return who speaks to a person."""
        return row.get(VOICE, "").strip() or self.voice

    def language_of(self, row: Mapping[str, str]) -> str | None:
        """Return the language that a person hears; None is the voice's own."""
        return row.get(LANGUAGE, "").strip() or self.language

    def image_of(self, row: Mapping[str, str]) -> Path:
        """Return the portrait that speaks to a person."""
        own = row.get(IMAGE, "").strip()
        return Path(self.images) / own if own else Path(self.image)

    def fields(self) -> dict[str, Any]:
        """Return it as JSON can hold it; `CampaignPlan(**fields)` is the same again."""
        return {**asdict(self), "options": dict(self.options)}

    def digest(self) -> str:
        """Return a digest of all that shapes the videos, the portrait's content included."""
        from lipwright.core.version import __version__

        shaping = {**self.fields(), "name": "", "image": "", "images": "", "version": __version__}
        picture = hashlib.sha256(Path(self.image).read_bytes()).hexdigest()
        content = json.dumps([shaping, picture], sort_keys=True, default=str)
        return hashlib.sha256(content.encode()).hexdigest()
