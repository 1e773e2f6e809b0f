"""People who speak freely: their sound, and their lips as a tracker saw them.

The folder is that of LIPWRIGHT_WILD in the environment, or ../shared/data/wild. It holds
speaker_NN.flac, speaker_NN.csv (a row a frame; columns time_s, lip_gap, lip_width, jaw, level_db
and others) and offsets.json (frames by which the lips are late).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lipwright.media.audio.decode import decode_blocks

RATE = 16_000
SPEECH_RANGE = 35.0  # dB below the loudest frame of a clip within which a frame is speech


class WildClip(NamedTuple):
    """One speaker."""

    name: str
    times: np.ndarray
    """float64 (T,): when each frame is shown, s."""
    lips: np.ndarray
    """float64 (T, 3): gap, width and chin, in distances of the outer eye corners."""
    level: np.ndarray
    """float64 (T,): dB of the 40 ms of sound around each frame."""
    sound: np.ndarray
    """Mono float32 (n,) at 16 kHz."""
    offset: float
    """Frames by which the lips are late: row i + offset belongs to the sound at row i."""

    @property
    def fps(self) -> float:
        return float((len(self.times) - 1) / (self.times[-1] - self.times[0]))

    @property
    def speech(self) -> np.ndarray:
        """Which frames have sound that is speech, bool (T,)."""
        return self.level >= self.level.max() - SPEECH_RANGE

    @property
    def speech_seconds(self) -> tuple[float, float]:
        """When the first and the last frame of speech are shown."""
        first, *_, last = self.times[self.speech]
        return float(first), float(last)


def find_wild() -> Path:
    """Where the clips are, or would be."""
    return Path(os.environ.get("LIPWRIGHT_WILD", "../shared/data/wild"))


def read_wild(folder: Path) -> list[WildClip]:
    """All clips; none where the folder is missing."""
    if not (folder / "offsets.json").exists():
        return []
    offsets = json.loads((folder / "offsets.json").read_text("utf-8"))
    return [read_clip(folder, name, frames) for name, frames in offsets.items()]


def read_clip(folder: Path, name: str, offset: float) -> WildClip:
    rows = np.genfromtxt(folder / f"{name}.csv", delimiter=",", names=True)
    lips = np.stack([rows["lip_gap"], rows["lip_width"], rows["jaw"]], axis=1)
    sound = np.concatenate(list(decode_blocks(folder / f"{name}.flac", RATE)))
    return WildClip(name, rows["time_s"], lips, rows["level_db"], sound, offset)
