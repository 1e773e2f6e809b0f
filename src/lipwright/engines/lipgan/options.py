"""What LipGAN takes beside the options of all engines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from lipwright.core.errors import UsageError
from lipwright.core.option import option
from lipwright.core.validation import check_choice

if TYPE_CHECKING:
    from lipwright.engines.onnx_generator import Networks

LARGEST_BATCH = 1024
PasteName = Literal["soft", "official"]
TimingName = Literal["exact", "official"]
PASTES = get_args(PasteName)
TIMINGS = get_args(TimingName)


@dataclass(frozen=True)
class LipGanOptions:
    """Options of LipGAN."""

    batch_size: int = option(8, "Frames that a network draws at once.", metavar="N")
    """Frames drawn at once; halved when memory is short."""
    paste: PasteName = option(
        "soft", "How a network's drawing is put back: softly, or as its authors do."
    )
    """"soft": the lower face through a feathered mask, in the picture's colours. "official": the
    whole box, as the authors' program pastes it."""
    timing: TimingName = option(
        "exact",
        "Where a frame's sound is looked for: where the frame stands, or as the authors' program "
        "does.",
    )
    """"exact": a frame stands in its stretch of sound where training put it. "official": the
    stretch begins at the frame, and mouths come early by 0.32 s (mel) or 0.16 s (MFCC)."""
    checkpoint: str | Path | None = None
    """Weights of your own instead of those that were downloaded."""
    networks: Networks | None = None
    """The networks themselves instead of a checkpoint."""

    def __post_init__(self) -> None:
        """Raise UsageError for values out of range."""
        check_choice("paste", self.paste, PASTES)
        check_choice("timing", self.timing, TIMINGS)
        if not 1 <= self.batch_size <= LARGEST_BATCH:
            raise UsageError(
                f"{self.batch_size} frames cannot be drawn at once: give 1 to {LARGEST_BATCH}."
            )
