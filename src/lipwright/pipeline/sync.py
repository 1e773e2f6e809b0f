"""The whole story: a picture or a film and a speech become frames, and the frames a video file."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from lipwright.core.errors import UsageError
from lipwright.core.validation import Length, Motion, Quality
from lipwright.media.video.containers import check_output
from lipwright.pipeline.options import Progress, SyncResult
from lipwright.pipeline.portrait import Portrait
from lipwright.pipeline.render_job import read_speech
from lipwright.pipeline.video import Video

if TYPE_CHECKING:
    import numpy as np

    from lipwright.face.speaker_selection import SpeakerLike
    from lipwright.pipeline.captions import Captions
    from lipwright.pipeline.dialogue import SpeechInput

FILM_ONLY, PORTRAIT_ONLY = ("length", "keep_audio"), ("motion", "seed")


class SourceOptions(TypedDict, total=False):
    """How a picture (`Portrait`) or a film (`Video`) is made ready; each says what it takes."""

    engine: str
    quality: Quality
    encoder: str
    motion: Motion
    length: Length
    keep_audio: float | None
    speaker: SpeakerLike
    gpu: bool
    seed: int
    engine_options: Mapping[str, object] | None


def open_source(
    source: str | Path | np.ndarray,
    progress: Progress | None = None,
    **options: Unpack[SourceOptions],
) -> Portrait | Video:
    """A picture, or a video, made ready to speak. Options of the other kind are left out."""
    from lipwright.media.video.source import is_video

    if isinstance(source, str | Path) and is_video(source):
        return Video(source, **_without(options, PORTRAIT_ONLY))
    if options.get("keep_audio") is not None:
        raise UsageError("A picture has no sound that could be kept: leave keep_audio out.")
    return Portrait(source, progress=progress, **_without(options, FILM_ONLY))


def sync(
    source: str | Path | np.ndarray,
    speech: SpeechInput,
    output: str | Path,
    *,
    fps: float | str | Fraction | None = None,
    captions: Captions | None = None,
    progress: Progress | None = None,
    resume: bool = False,
    **options: Unpack[SourceOptions],
) -> SyncResult:
    """Makes a video of the face in `source` saying `speech`.

    Args:
        source: a picture file, BGR uint8 (h, w, 3), or a video file to be dubbed.
        speech: a sound or video file, or a `Speech`, such as `synthesize` returns; or, where
            several people speak, a mapping from speakers (as `Portrait` and `Video` take them) to
            what each of them says, all from the beginning on.
        output: ends in .mp4, .webm, .mov, .mkv or .gif.
        fps: any rational, as a number, a Fraction, or text such as "30000/1001"; None takes 25, or
            the source video's own.
        captions: what is said, as text: see `lipwright.pipeline.captions.Captions`.
        progress: told how far the work is.
        resume: goes on where an earlier run of the same broke off; what lasts longer than 20 s
            keeps what is finished, in a hidden folder beside the output, until all of it is.
        options: those of `Portrait`, or of `Video` where the source is a video.

    Raises what `Portrait` or `Video` and their `save` raise.
    """
    started = time.perf_counter()
    output = check_output(output)
    if captions is not None:
        captions.check(output)
    if not isinstance(speech, Mapping):
        speech = read_speech(speech)
    result = open_source(source, progress, **with_speaker(options, speech)).save(
        speech, output, fps=fps, captions=captions, progress=progress, resume=resume
    )
    return replace(result, seconds=time.perf_counter() - started)


def render_frames(
    source: str | Path | np.ndarray,
    speech: SpeechInput,
    *,
    fps: float | str | Fraction | None = None,
    **options: Unpack[SourceOptions],
) -> Iterator[np.ndarray]:
    """The frames of `sync` rather than its file: see `Portrait.frames` and `Video.frames`."""
    return open_source(source, **with_speaker(options, speech)).frames(speech, fps)


def with_speaker(options: SourceOptions, speech: SpeechInput) -> SourceOptions:
    """The options with the speaker of the first speech, where each speech names its own.

    Raises UsageError where speakers are given twice.
    """
    if not isinstance(speech, Mapping) or not speech:
        return options
    if options.get("speaker", "auto") != "auto":
        raise UsageError("Speakers were given twice: name them with the speeches alone.")
    return {**options, "speaker": next(iter(speech))}


def _without(options: SourceOptions, names: tuple[str, ...]) -> dict:
    return {name: value for name, value in options.items() if name not in names}
