"""What LatentSync takes beside the options of all engines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.core.errors import UsageError
from lipwright.core.option import option
from lipwright.engines.shared_options import (
    PasteName,
    TimingName,
    check_shared,
    compile_option,
    paste_option,
    timing_option,
)

if TYPE_CHECKING:
    from lipwright.engines.latentsync.networks import Networks

MODELS = {256: "latentsync-1.5", 512: "latentsync"}
"""The weights for each size in px."""
MOST_STEPS = 500
STRONGEST_GUIDANCE = 10.0


@dataclass(frozen=True)
class LatentSyncOptions:
    """Options of LatentSync."""

    size: int = option(
        512, "Size in px at which LatentSync draws: 256 (version 1.5) or 512 (1.6).", metavar="PX"
    )
    """256 takes the weights of version 1.5, 512 those of 1.6."""
    steps: int = option(20, "Steps from noise to a face: more take longer.", metavar="N")
    """Steps of denoising; the authors take 20 to 50."""
    guidance: float = option(
        1.5, "How much the lips follow the sound: 1 least and twice as fast.", metavar="X"
    )
    """1 to 10; the authors take 1 to 2. Above 1 the network runs twice for each step."""
    deep_cache: bool = option(
        False, "Reuse the network's deep layers for three steps: faster, another drawing."
    )
    """DeepCache, as the authors' example program uses it."""
    low_memory: bool = option(
        False, "Keep on the GPU only the network that is at work, and draw in smaller parts."
    )
    """For GPUs of 8 GB at 256 px and of 12 GB at 512 px."""
    compile: bool = compile_option()
    """Whether torch.compile makes the U-Net faster, which takes minutes at first."""
    timing: TimingName = timing_option()
    """"exact": the sound around the middle of the frame, to the sound's end. "official": as the
    authors' program rounds it. At its own 25 frames/s they differ at the end only."""
    paste: PasteName = paste_option()
    """"soft": the lower face through a feathered mask, in the picture's colours. "official":
    aligned, stretched and pasted as the authors' program does it."""
    checkpoint: str | Path | None = None
    """Weights of your own instead of those that were downloaded: .safetensors, or .pt."""
    networks: Networks | None = None
    """The networks themselves instead of a checkpoint."""

    def __post_init__(self) -> None:
        """Raise UsageError for values out of range."""
        check_shared(paste=self.paste, timing=self.timing)
        if self.size not in MODELS:
            raise UsageError(f"LatentSync cannot draw at {self.size} px: choose 256 or 512.")
        if not 1 <= self.steps <= MOST_STEPS:
            raise UsageError(f"{self.steps} steps are not possible: give 1 to {MOST_STEPS}.")
        if not 1 <= self.guidance <= STRONGEST_GUIDANCE:
            raise UsageError(
                f"A guidance of {self.guidance:g} is not possible: give 1 to "
                f"{STRONGEST_GUIDANCE:g}."
            )
