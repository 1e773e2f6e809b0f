"""Frames and a speech become a video file, at once or in parts that a later run can resume."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lipwright.core.cancellation import check_cancelled
from lipwright.core.errors import UsageError
from lipwright.core.output_lock import locked_output
from lipwright.pipeline.options import Progress, SyncResult

if TYPE_CHECKING:
    from lipwright.pipeline.captions.overlay import Picture
    from lipwright.pipeline.render_job import RenderJob
    from lipwright.pipeline.sinks.base import Sink

Frames = Callable[[int], "Iterator[Picture]"]
"""The frames from any number on, BGR uint8 (h, w, 3)."""


def write_video(job: RenderJob, frames: Frames, progress: Progress | None) -> SyncResult:
    """Write the video file of a job, which appears only when it is whole.

    Args:
        job: what is to be written besides the frames.
        frames: gives the frames from any number on, BGR uint8 (h, w, 3).
        progress: told how far the work is.

    Raises:
        MediaError: the file cannot be written.
        UsageError: what is to be resumed is another video, or one that is made in one go; or the
            output is there and shall not be replaced.
    """
    with locked_output(job.output, job.options.no_clobber):
        return _write(job, frames, progress)


def _write(job: RenderJob, frames: Frames, progress: Progress | None) -> SyncResult:
    from lipwright.pipeline.captions import plan_captions
    from lipwright.pipeline.label import draw_label, labelled
    from lipwright.pipeline.sinks.base import RenderedStream
    from lipwright.pipeline.sinks.file import FileSink
    from lipwright.pipeline.sinks.parts import ResumableSink

    options, spec = job.options, job.spec
    if options.resume and job.is_gif:
        raise UsageError(
            f"{job.output} is a GIF, made in one go: begin anew without resuming.", option="resume"
        )
    started = time.perf_counter()
    captions = plan_captions(
        options.captions, job.speech, job.output, spec.size, spec.fps, job.face_to_keep_clear
    )
    label = draw_label(options.provenance, spec.size)
    stream = RenderedStream(
        spec,
        job.sound or job.speech,
        lambda first: labelled(
            captions.paint(_checked(frames(first)), job.dirty_box, first), label
        ),
        job.sound_seconds,
        lambda: captions.track,
        options.provenance.metadata,
        options.provenance.credentials(job.output),
        job.extras,
        lambda done: job.report_progress(progress, done),
    )
    sink: Sink[int] = FileSink(job.output)
    resumed = 0
    if options.resume or job.is_long():
        sink = parts = ResumableSink(job, options.resume)
        resumed = parts.resumed
    written = sink.consume(stream)
    captions.write()
    return job.result(written, resumed, time.perf_counter() - started)


def _checked(frames: Iterator[Picture]) -> Iterator[Picture]:
    """The same frames, unless the work is cancelled."""
    for frame in frames:
        check_cancelled()
        yield frame
