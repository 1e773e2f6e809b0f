"""Frames of a video counted under names, such as those without a face."""

from __future__ import annotations

from collections.abc import Mapping


class FrameCounter:
    """What was counted in the frames of a video: each frame by its number, once a name."""

    def __init__(self) -> None:
        self._found: dict[str, set[int]] = {}
        self._earlier: dict[str, int] = {}

    def add(self, name: str, frame: int) -> None:
        """Counts a frame under a name."""
        self._found.setdefault(name, set()).add(frame)

    def add_earlier(self, counts: Mapping[str, int]) -> None:
        """Adds what was counted in frames that this run does not make."""
        for name, count in counts.items():
            self._earlier[name] = self._earlier.get(name, 0) + count

    def within(self, frames: range) -> dict[str, int]:
        """How many of these frames were counted in this run under each name."""
        return {name: len(found.intersection(frames)) for name, found in self._found.items()}

    def total(self, name: str) -> int:
        """How many frames were counted under a name, those of earlier runs as well."""
        return self._earlier.get(name, 0) + len(self._found.get(name, ()))
