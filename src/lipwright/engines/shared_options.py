"""Options that several engines have, each written once."""

from __future__ import annotations

from typing import Any, Literal, get_args

from lipwright.core.errors import UsageError
from lipwright.core.option import option
from lipwright.core.validation import check_choice

PasteName = Literal["soft", "official"]
TimingName = Literal["exact", "official"]
LARGEST_BATCH = 1024


def batch_size_option() -> Any:
    """Return the field of how many frames are drawn at once, an int."""
    return option(8, "Frames that a network draws at once.", metavar="N")


def paste_option() -> Any:
    """Return the field of how a drawing is put back, a `PasteName`."""
    return option("soft", "How a network's drawing is put back: softly, or as its authors do.")


def timing_option() -> Any:
    """Return the field of which sound a frame hears, a `TimingName`."""
    return option(
        "exact",
        "Where a frame's sound is looked for: where the frame stands, or as the authors' program "
        "does.",
    )


def compile_option() -> Any:
    """Return the field of whether torch.compile is used, a bool."""
    return option(False, "Compile the network first: minutes, and then faster on a GPU.")


def check_shared(
    paste: str = "soft", timing: str = "exact", batch_size: int = LARGEST_BATCH
) -> None:
    """Raise UsageError for values that these options do not have."""
    check_choice("paste", paste, get_args(PasteName))
    check_choice("timing", timing, get_args(TimingName))
    if not 1 <= batch_size <= LARGEST_BATCH:
        raise UsageError(f"{batch_size} frames cannot be drawn at once: give 1 to {LARGEST_BATCH}.")
