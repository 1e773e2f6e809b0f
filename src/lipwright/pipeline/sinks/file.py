"""A video file that is written in one go."""

from __future__ import annotations

from pathlib import Path

from lipwright.media.video.writer import VideoWriter
from lipwright.pipeline.sinks.base import RenderedStream


class FileSink:
    """Writes a file, which appears only when it is whole."""

    def __init__(self, path: Path) -> None:
        """path: where the file is to be written."""
        self._path = path

    def consume(self, stream: RenderedStream) -> int:
        """Write the file; return how many frames it has.

        Raises MediaError where it cannot be written.
        """
        with VideoWriter(
            self._path,
            stream.spec,
            stream.sound,
            metadata=stream.metadata,
            credentials=stream.credentials,
            subtitles=stream.subtitles(),
            sound_seconds=stream.sound_seconds,
            extras=stream.extras,
        ) as video:
            for image, changed in stream.render(0):
                video.write(image, changed)
                stream.report(video.frames)
        return video.frames
