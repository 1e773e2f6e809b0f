"""What MuseTalk and LatentSync hear: Whisper's log-mel spectrogram, and states of its encoder.

`log_mel` needs numpy alone; `encoder` needs torch and is imported by its own name.
"""

from collections.abc import Callable

import numpy as np

from lipwright.engines.whisper.log_mel import (
    BANDS,
    HOP,
    PIECE_COLUMNS,
    PIECE_SAMPLES,
    RATE,
    STEPS_PER_SECOND,
    log_mel,
    log_power_blocks,
    normalise,
    piece_log_mel,
)

__all__ = [
    "BANDS",
    "HOP",
    "Hear",
    "PIECE_COLUMNS",
    "PIECE_SAMPLES",
    "PIECE_STEPS",
    "RATE",
    "STEPS_PER_SECOND",
    "log_mel",
    "log_power_blocks",
    "normalise",
    "piece_log_mel",
]

PIECE_STEPS = PIECE_COLUMNS // 2
"""States that the encoder makes of 30 s."""
Hear = Callable[[np.ndarray], np.ndarray]
"""Gives the encoder's states, float32 (1500, 5, 384), of 30 s of log-mel, float32 (80, 3000)."""
