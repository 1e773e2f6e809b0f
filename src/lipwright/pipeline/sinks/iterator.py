"""Frames for whoever wants them one at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lipwright.pipeline.sinks.base import RenderedStream


class IteratorSink:
    """Gives the frames from number `first` on, BGR uint8 (h, w, 3)."""

    def __init__(self, first: int = 0) -> None:
        """first: the number of the first frame."""
        self._first = first

    def consume(self, stream: RenderedStream) -> Iterator[np.ndarray]:
        """Return the frames; the caller takes the sound from the speech."""
        return _pictures(stream, self._first)


def _pictures(stream: RenderedStream, first: int) -> Iterator[np.ndarray]:
    for image, _ in stream.render(first):
        yield image if isinstance(image, np.ndarray) else image.bgr()
