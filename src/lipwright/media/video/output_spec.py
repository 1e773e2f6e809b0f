"""How a video file is encoded, handed on whole from the caller to the muxer."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from lipwright.core.errors import UsageError
from lipwright.core.validation import QUALITIES, Quality, check_choice
from lipwright.media.video.color import Colour
from lipwright.media.video.containers import Container
from lipwright.media.video.encoder_presets import Encoder

MIN_SIDE = 16  # px
MAX_RATE = 1000


@dataclass(frozen=True)
class OutputSpec:
    """Everything about a video file but its frames and its sound."""

    size: tuple[int, int]
    """(width, height) in px, both even."""
    fps: Fraction
    """Frames per second, any rational such as Fraction(30000, 1001)."""
    quality: Quality = "high"
    """How well it is encoded."""
    encoder: Encoder | None = None
    """What encodes it, as `choose_encoder` gives it; None for the usual one of such a file."""
    colour: Colour = Colour()
    """How the file keeps its colours."""
    aspect: Fraction = Fraction(1)
    """How much wider than high a pixel is to be shown."""
    container: Container | None = None
    """How the file is made; None for what its extension asks for."""
    threads: int | None = None
    """How many threads encode it; None for as many as there are cores. The bytes depend on it."""

    def __post_init__(self) -> None:
        """Raise UsageError for a rate or a quality that does not exist, ValueError for a size."""
        width, height = (int(side) for side in self.size)
        if width % 2 or height % 2 or min(width, height) < MIN_SIDE:
            raise ValueError(f"the size of a video must be even and at least 16, not {self.size}")
        object.__setattr__(self, "size", (width, height))
        fps = Fraction(self.fps).limit_denominator(1_000_000)
        if not 0 < fps <= MAX_RATE:
            raise UsageError(
                f"{self.fps} frames per second are impossible: choose between 1 and {MAX_RATE}."
            )
        object.__setattr__(self, "fps", fps)
        check_choice("quality", self.quality, QUALITIES)
