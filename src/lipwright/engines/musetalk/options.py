"""What MuseTalk takes beside the options of all engines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.engines.shared_options import (
    PasteName,
    TimingName,
    batch_size_option,
    check_shared,
    compile_option,
    paste_option,
    timing_option,
)

if TYPE_CHECKING:
    from lipwright.engines.musetalk.networks import Networks


@dataclass(frozen=True)
class MuseTalkOptions:
    """Options of MuseTalk."""

    batch_size: int = batch_size_option()
    """Frames drawn at once; halved when memory is short."""
    paste: PasteName = paste_option()
    """"soft": the lower face through a feathered mask, in the picture's colours. "official": jaw
    and cheeks through the mask of the authors' program."""
    timing: TimingName = timing_option()
    """"exact": at any frame rate as the authors' program does at 25 frames per second. "official":
    its windows begin earlier at some rates, it counts whole frames per second, and stops at 50."""
    compile: bool = compile_option()
    """Whether torch.compile makes the network faster, which takes minutes at first."""
    checkpoint: str | Path | None = None
    """Weights of your own instead of those that were downloaded: the file of the UNet, or a folder
    as the authors' program has it."""
    networks: Networks | None = None
    """The networks themselves instead of a checkpoint."""

    def __post_init__(self) -> None:
        """Raise UsageError for values out of range."""
        check_shared(paste=self.paste, timing=self.timing, batch_size=self.batch_size)
