"""What a picture and a video that were made ready to speak have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lipwright.core.cancellation import cancellable, cancellable_items
from lipwright.core.validation import check_not_an_input
from lipwright.media.video.containers import check_output
from lipwright.pipeline.dialogue import Dialogue, check_captions
from lipwright.pipeline.options import Progress, RenderOptions, SyncResult

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lipwright.core.cancellation import CancelToken
    from lipwright.engines.base import Engine
    from lipwright.pipeline.dialogue import SpeechInput
    from lipwright.pipeline.sinks.base import RenderedStream


class TimedFrame(NamedTuple):
    """A frame and when it is seen."""

    number: int
    """From 0 on."""
    time: Fraction
    """Seconds from the beginning of the speech, exact."""
    image: NDArray[np.uint8]
    """BGR uint8 (height, width, 3); may be overwritten by the next."""


class PreparedSource(ABC):
    """A picture or a video made ready to speak."""

    options: RenderOptions
    engine: Engine
    _path: Path | None
    """The file it comes from; None for one from memory."""

    def close(self) -> None:
        """Let go of the engine, unless it was given as an object; nothing is drawn afterwards."""
        if self.engine is not self.options.engine:
            self.engine.close()

    def frames(
        self,
        speech: SpeechInput,
        fps: float | str | Fraction | None = None,
        first: int = 0,
        *,
        cancel: CancelToken | None = None,
    ) -> Iterator[NDArray[np.uint8]]:
        """Return the frames of the source saying `speech`, one at a time.

        Args:
            speech: a sound file, a `Speech`, or a mapping from speakers to what each of them says.
            fps: frames per second; None takes the option, and without one a video's own rate, or
                25 for a picture.
            first: the number of the first frame; of a video the beginning of a chunk (see
                `lipwright.media.video.chunks`).
            cancel: ends the work from another thread.

        Returns:
            BGR uint8 (height, width, 3); a frame may be overwritten by the next one of the same
            iterator: copy it to keep it.

        Raises:
            FaceError: no face is seen. Cancelled: by `cancel`.
        """
        from lipwright.pipeline.sinks.iterator import IteratorSink

        with cancellable(cancel):
            frames = IteratorSink(first).consume(self.stream(speech, fps))
        return cancellable_items(frames, cancel)

    def timed_frames(
        self,
        speech: SpeechInput,
        fps: float | str | Fraction | None = None,
        first: int = 0,
        *,
        cancel: CancelToken | None = None,
    ) -> Iterator[TimedFrame]:
        """Return the frames, with their numbers and times; arguments and errors as for `frames`."""
        from lipwright.pipeline.sinks.iterator import IteratorSink

        with cancellable(cancel):
            stream = self.stream(speech, fps)
            frames = IteratorSink(first).consume(stream)
        return _timed(cancellable_items(frames, cancel), stream.spec.fps, first)

    def stream(
        self, speech: SpeechInput, fps: float | str | Fraction | None = None
    ) -> RenderedStream:
        """Return frames and sound of the source saying `speech`, for any sink.

        Arguments and errors as for `frames`.
        """
        options = self.options.for_file({} if fps is None else {"fps": fps})
        return self._stream(Dialogue.of(speech, options.audio_track), options.rate)

    def save(
        self,
        speech: SpeechInput,
        output: str | Path,
        *,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
        **changes: Any,
    ) -> SyncResult:
        """Write the video of the source saying `speech` (as for `frames`), sound included.

        The file appears only when it is whole.

        Args:
            speech: a sound file, a `Speech`, or a mapping from speakers to what each of them says.
            output: ends in .mp4, .webm, .mov, .mkv or .gif.
            progress: told how far the work is.
            cancel: ends the work from another thread, without a file.
            changes: of the options in `options.PER_FILE`, for this file alone.

        Raises:
            MediaError: it cannot be written. FaceError: no face is seen. UsageError: what is
                to be resumed is something else, or the output is there and shall stay.
        """
        options, output = self.options.for_file(changes), check_output(output)
        talk = Dialogue.of(speech, options.audio_track)
        check_not_an_input(output, self._path, *talk.paths)
        check_captions(options.captions, talk)
        return self._write(talk, options, output, progress)

    @abstractmethod
    def _stream(self, talk: Dialogue, rate: Fraction | None) -> RenderedStream:
        """Frames and sound; rate: frames per second, None for the source's own."""

    @abstractmethod
    def _write(
        self, talk: Dialogue, options: RenderOptions, output: Path, progress: Progress | None
    ) -> SyncResult:
        """Write a video file of which all that does not need the source has been checked."""


def _timed(frames: Iterator[np.ndarray], fps: Fraction, first: int) -> Iterator[TimedFrame]:
    for number, image in enumerate(frames, first):
        yield TimedFrame(number, number / fps, image)
