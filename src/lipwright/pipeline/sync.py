"""The whole way: a picture or a video and a speech become frames, and the frames a video file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.core.cancellation import cancellable
from lipwright.core.early_call import EarlyCall
from lipwright.core.errors import UsageError
from lipwright.core.given import check_is_path
from lipwright.core.output_lock import check_no_clobber, locked_output
from lipwright.core.validation import check_not_an_input
from lipwright.media.video.containers import check_output
from lipwright.pipeline.options import Progress, RenderOptions, SyncResult
from lipwright.pipeline.portrait import Portrait
from lipwright.pipeline.prepared_source import TimedFrame
from lipwright.pipeline.render_job import read_speech
from lipwright.pipeline.video import Video

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lipwright.core.cancellation import CancelToken
    from lipwright.core.given import PictureLike
    from lipwright.pipeline.dialogue import SpeechInput
    from lipwright.speech.speech import Speech


def open_source(
    source: PictureLike,
    options: RenderOptions | None = None,
    progress: Progress | None = None,
    **changes: Any,
) -> Portrait | Video:
    """Make a picture (see `Portrait`; arrays are BGR uint8 (h, w, 3)) or a video ready to speak.

    Options of the other kind are left out.
    """
    from lipwright.media.video.source import is_video

    options = RenderOptions.of(options, changes)
    if isinstance(source, str | Path) and is_video(check_is_path(source, "picture")):
        return Video(source, options)
    return Portrait(source, options, progress=progress)


def sync(
    source: PictureLike,
    speech: SpeechInput | Callable[[], Speech],
    output: str | Path,
    options: RenderOptions | None = None,
    *,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
    **changes: Any,
) -> SyncResult:
    """Make a video of the face in `source` saying `speech`.

    Args:
        source: a picture (a file, its bytes, an open binary file, a Pillow image, BGR uint8
            (h, w, 3), BGRA or grey), or a video file to be dubbed.
        speech: a sound or video file, its bytes, an open binary file, or a `Speech`, such as
            `synthesize` returns; or, where several people speak, a mapping from speakers
            (as `RenderOptions.speaker`) to what each of them says, all from the beginning on; or a
            function that returns a `Speech`, called once the source is ready, for a voice that
            costs time or money (an `EarlyCall` is begun before).
        output: ends in .mp4, .webm, .mov, .mkv or .gif.
        options: what the caller chooses.
        progress: told how far the work is.
        cancel: ends the work from another thread, without a file.
        changes: options by name, such as quality="low", instead of those in `options`.

    Raises:
        UsageError: an option that does not exist, or an output that is an input. MediaError: what
        cannot be read or written. FaceError: no usable face. Cancelled: by `cancel`.
    """
    with cancellable(cancel):
        return _sync(source, speech, output, RenderOptions.of(options, changes), progress)


def _sync(
    source: PictureLike,
    speech: SpeechInput | Callable[[], Speech],
    output: str | Path,
    options: RenderOptions,
    progress: Progress | None,
) -> SyncResult:
    started = time.perf_counter()
    options = with_speaker(options, speech)
    output = check_output(output)
    said: SpeechInput | Callable[[], Speech] = speech
    if not callable(speech) and not isinstance(speech, Mapping):
        said = read_speech(speech, options.audio_track)
    _check_early(options, output, source, said)
    with locked_output(output, options.no_clobber):
        if isinstance(said, EarlyCall):
            said.begin()
        ready = open_source(source, options, progress)
        try:
            spoken = said() if callable(said) else said
            result = ready.save(spoken, output, progress=progress)
        finally:
            ready.close()
    return replace(result, seconds=time.perf_counter() - started)


def render_frames(
    source: PictureLike,
    speech: SpeechInput,
    options: RenderOptions | None = None,
    *,
    fps: float | str | Fraction | None = None,
    cancel: CancelToken | None = None,
    **changes: Any,
) -> Iterator[NDArray[np.uint8]]:
    """Return the frames of `sync` rather than its file.

    BGR uint8 (h, w, 3): see `Portrait.frames` and `Video.frames`.
    """
    return (
        frame.image
        for frame in render_timed_frames(source, speech, options, fps=fps, cancel=cancel, **changes)
    )


def render_timed_frames(
    source: PictureLike,
    speech: SpeechInput,
    options: RenderOptions | None = None,
    *,
    fps: float | str | Fraction | None = None,
    cancel: CancelToken | None = None,
    **changes: Any,
) -> Iterator[TimedFrame]:
    """Return the frames of `sync` with their numbers and times: see `Portrait.timed_frames`."""
    options = with_speaker(RenderOptions.of(options, changes), speech)
    with cancellable(cancel):
        ready = open_source(source, options)
        return ready.timed_frames(speech, fps, cancel=cancel)


def with_speaker(options: RenderOptions, speech: object) -> RenderOptions:
    """Return the options with the speaker of the first speech, where each names its own.

    Raises UsageError where speakers are given twice.
    """
    if not isinstance(speech, Mapping) or not speech:
        return options
    if options.speaker != "auto":
        raise UsageError("Speakers were given twice: name them with the speeches alone.")
    return replace(options, speaker=next(iter(speech)))


def _check_early(options: RenderOptions, output: Path, source: object, speech: object) -> None:
    """Raise what can be told before the source is looked at."""
    from lipwright.pipeline.encoding_choice import chosen_encoder

    speeches = speech.values() if isinstance(speech, Mapping) else [speech]
    paths = [getattr(one, "path", one) for one in [source, *speeches]]
    check_not_an_input(output, *(Path(one) for one in paths if isinstance(one, str | Path)))
    if options.captions is not None:
        options.captions.check(output)
        if options.captions.file is not None:
            check_no_clobber(Path(options.captions.file), options.no_clobber)
    chosen_encoder(options, output)
    options.provenance.credentials(output)
