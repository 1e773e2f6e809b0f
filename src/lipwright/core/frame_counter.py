"""Counts of a video's frames by name, such as those without a face."""

from __future__ import annotations

from collections.abc import Mapping


class FrameCounter:
    """Counts frames of a video by name; a frame counts once for each name."""

    def __init__(self) -> None:
        self._found: dict[str, set[int]] = {}
        self._earlier: dict[str, int] = {}

    def add(self, name: str, frame: int) -> None:
        """Count a frame under a name."""
        self._found.setdefault(name, set()).add(frame)

    def add_earlier(self, counts: Mapping[str, int]) -> None:
        """Add the counts of frames that earlier runs rendered."""
        for name, count in counts.items():
            self._earlier[name] = self._earlier.get(name, 0) + count

    def within(self, frames: range) -> dict[str, int]:
        """Return how many of these frames this run counted under each name."""
        return {name: len(found.intersection(frames)) for name, found in self._found.items()}

    def total(self, name: str) -> int:
        """Return how many frames were counted under a name, earlier runs included."""
        return self._earlier.get(name, 0) + len(self._found.get(name, ()))
