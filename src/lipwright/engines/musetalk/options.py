"""What MuseTalk takes beside the options of all engines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from lipwright.core.errors import UsageError
from lipwright.core.option import option
from lipwright.core.validation import check_choice

if TYPE_CHECKING:
    from lipwright.engines.musetalk.networks import Networks

LARGEST_BATCH = 1024
PasteName = Literal["soft", "official"]
PASTES = get_args(PasteName)
Timing = Literal["exact", "official"]
TIMINGS = get_args(Timing)


@dataclass(frozen=True)
class MuseTalkOptions:
    """Options of MuseTalk."""

    batch_size: int = option(8, "Frames that a network draws at once.", metavar="N")
    """Frames drawn at once; halved when memory is short."""
    paste: PasteName = option(
        "soft", "How a network's drawing is put back: softly, or as its authors do."
    )
    """"soft": the lower face through a feathered mask, in the picture's colours. "official": jaw
    and cheeks through the mask of the authors' program."""
    timing: Timing = option(
        "exact",
        "Where a frame's sound is looked for: where the frame stands, or as the authors' program "
        "does.",
    )
    """"exact": at any frame rate as the authors' program does at 25 frames per second. "official":
    its windows begin earlier at some rates, it counts whole frames per second, and stops at 50."""
    compile: bool = option(False, "Compile the network first: minutes, and then faster on a GPU.")
    """Whether torch.compile makes the network faster, which takes minutes at first."""
    checkpoint: str | Path | None = None
    """Weights of your own instead of those that were downloaded: the file of the UNet, or a folder
    as the authors' program has it."""
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
