"""What a recording is encoded with: as its caller, the machine or the run that broke off has it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.core.cores import MOST_CODING_THREADS, encoder_threads
from lipwright.pipeline.checkpoint import CheckpointStore

if TYPE_CHECKING:
    from lipwright.pipeline.options import RenderOptions

THREADS = "threads of the encoder"
"""In a plan. The bytes depend on it, and parts of one recording are made alike."""


def coding_threads(options: RenderOptions, output: Path) -> int:
    """Return how many threads encode a recording.

    A run that goes on takes as many as the one that broke off, however many cores there are now.
    """
    with suppress(KeyError, TypeError, ValueError):
        if options.resume and 0 < (then := int(_planned(output)[THREADS])) <= MOST_CODING_THREADS:
            return then
    return encoder_threads()


def _planned(output: Path) -> dict[str, str]:
    return CheckpointStore(output).planned()
