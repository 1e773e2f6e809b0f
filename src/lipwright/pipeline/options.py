"""What a caller is told: how far the work is, and what was made."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol


class Progress(Protocol):
    """Told how far the work is: stage is "portrait" (steps) or "frames" (frames)."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


@dataclass(frozen=True)
class SyncResult:
    """What was made."""

    output: Path
    """The video file."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    fps: Fraction
    """Frames per second, exact."""
    frames: int
    """How many frames the video has."""
    duration: float
    """Seconds of video."""
    seconds: float
    """Seconds it took, from reading the source to the finished file."""
    engine: str
    """The engine that moved the face."""
    encoder: str
    """What encoded the video, by FFmpeg's name."""
    speech: Path | None
    """The sound file that was spoken (of several the longest), or None for one from memory."""
    speakers: tuple[int, ...]
    """Who spoke, by the numbers that `lipwright faces` shows: 0 is the largest."""
    faceless: int = 0
    """Frames of a film in which nobody who speaks is seen: they are as they were."""
    unreadable: int = 0
    """Frames for which the film could not be read: they show the picture before."""
    resumed: int = 0
    """Frames that an earlier run had finished before it broke off."""
    ai_generated: bool = True
    """Always: the file's own metadata says so as well."""

    @property
    def speed(self) -> float:
        """Seconds of video made in a second of time."""
        return float((self.frames - self.resumed) / self.fps) / max(self.seconds, 1e-9)


def report(progress: Progress | None, stage: str, done: int, total: int) -> None:
    """Tells whoever wants to know how far the work is."""
    if progress is not None:
        progress(stage, done, total)
