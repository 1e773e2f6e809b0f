"""What MuseTalk and LatentSync hear: Whisper's log-mel spectrogram, and states of its encoder.

`log_mel` needs numpy alone; `encoder` needs torch and is imported by its own name.
"""

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
    "PIECE_COLUMNS",
    "PIECE_SAMPLES",
    "RATE",
    "STEPS_PER_SECOND",
    "log_mel",
    "log_power_blocks",
    "normalise",
    "piece_log_mel",
]
