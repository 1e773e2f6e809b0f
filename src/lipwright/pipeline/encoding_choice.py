"""What a recording is encoded with: as its caller, the machine or the run that broke off has it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.core.cores import MOST_CODING_THREADS, encoder_threads
from lipwright.pipeline.checkpoint import CheckpointStore

if TYPE_CHECKING:
    from lipwright.media.video.encoder_presets import Encoder
    from lipwright.pipeline.options import RenderOptions

ENCODER = "encoder"
"""In a plan: FFmpeg's name of it."""
THREADS = "threads of the encoder"
"""In a plan. The bytes depend on it, and parts of one recording are made alike."""


def chosen_encoder(options: RenderOptions, output: Path) -> Encoder:
    """Return the encoder of a recording; raises UsageError for one that cannot be had.

    Where the fastest is asked for, a run that goes on takes that of the run that broke off: which
    is the fastest may have changed.
    """
    from lipwright.media.video.encoder_selection import AUTO, choose_encoder

    name = options.encoder
    if options.resume and name == AUTO and options.wants_gpu_encoder:
        name = _planned_encoder(output) or AUTO
    return choose_encoder(name, output, options.wants_gpu_encoder)


def coding_threads(options: RenderOptions, output: Path) -> int:
    """Return how many threads encode a recording.

    A run that goes on takes as many as the one that broke off, however many cores there are now.
    """
    with suppress(KeyError, TypeError, ValueError):
        if options.resume and 0 < (then := int(_planned(output)[THREADS])) <= MOST_CODING_THREADS:
            return then
    return encoder_threads()


def _planned_encoder(output: Path) -> str | None:
    """The encoder of the run that broke off, where it is one for such a file."""
    from lipwright.media.video.encoder_presets import ENCODERS

    encoder = ENCODERS.get(str(_planned(output).get(ENCODER)))
    return encoder.name if encoder and output.suffix.lower() in encoder.files else None


def _planned(output: Path) -> dict[str, str]:
    return CheckpointStore(output).planned()
