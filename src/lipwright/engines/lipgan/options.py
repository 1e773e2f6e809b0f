"""What LipGAN takes beside the options of all engines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.engines.shared_options import (
    PasteName,
    TimingName,
    batch_size_option,
    check_shared,
    paste_option,
    timing_option,
)

if TYPE_CHECKING:
    from lipwright.engines.onnx_generator import Networks


@dataclass(frozen=True)
class LipGanOptions:
    """Options of LipGAN."""

    batch_size: int = batch_size_option()
    """Frames drawn at once; halved when memory is short."""
    paste: PasteName = paste_option()
    """"soft": the lower face through a feathered mask, in the picture's colours. "official": the
    whole box, as the authors' program pastes it."""
    timing: TimingName = timing_option()
    """"exact": a frame stands in its stretch of sound where training put it. "official": the
    stretch begins at the frame, and mouths come early by 0.32 s (mel) or 0.16 s (MFCC)."""
    checkpoint: str | Path | None = None
    """Weights of your own instead of those that were downloaded."""
    networks: Networks | None = None
    """The networks themselves instead of a checkpoint."""

    def __post_init__(self) -> None:
        """Raise UsageError for values out of range."""
        check_shared(paste=self.paste, timing=self.timing, batch_size=self.batch_size)
