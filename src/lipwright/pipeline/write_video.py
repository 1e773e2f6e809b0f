"""Frames and a speech become a video file, at once or in parts that a later run can resume."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from lipwright.core.errors import UsageError
from lipwright.pipeline.options import Progress, SyncResult

if TYPE_CHECKING:
    from lipwright.pipeline.captions.burn_in import Picture
    from lipwright.pipeline.captions.options import CaptionPlan
    from lipwright.pipeline.render_job import RenderJob

Frames = Callable[[int], "Iterable[Picture]"]
"""The frames from any number on, BGR uint8 (h, w, 3)."""


def write_video(
    job: RenderJob, frames: Frames, progress: Progress | None, resume: bool = False
) -> SyncResult:
    """Write the video file of a job, which appears only when it is whole.

    Args:
        job: what is to be written besides the frames.
        frames: gives the frames from any number on, BGR uint8 (h, w, 3).
        progress: told how far the work is.
        resume: goes on with what an earlier run has finished.

    Raises:
        MediaError: the file cannot be written.
        UsageError: there is nothing to resume.
    """
    from lipwright.pipeline.captions import plan_captions
    from lipwright.pipeline.resume import ResumableRender

    if resume and job.is_gif:
        raise UsageError(f"{job.output} is a GIF, made in one go: leave --resume out.")
    started, resumed = time.perf_counter(), 0
    shown = plan_captions(
        job.captions, job.speech, job.output, job.size, job.fps, job.face_to_keep_clear
    )
    if resume or job.is_long():
        run = ResumableRender(job, resume)
        resumed = run.resumed
        written = run.write(frames, shown, progress)
    else:
        written = _write_at_once(job, frames, shown, progress)
    shown.write()
    return SyncResult(
        output=job.output,
        width=job.size[0],
        height=job.size[1],
        fps=job.fps,
        frames=written,
        duration=float(written / job.fps),
        seconds=time.perf_counter() - started,
        engine=job.engine,
        encoder=job.encoder.name,
        speech=job.speech.path,
        speakers=job.speakers,
        faceless=job.counter.total("faceless"),
        unreadable=job.counter.total("unreadable"),
        resumed=resumed,
    )


def _write_at_once(
    job: RenderJob, frames: Frames, shown: CaptionPlan, progress: Progress | None
) -> int:
    with job.writer(
        job.output,
        audio=job.sound or job.speech,
        subtitles=shown.track,
        sound_seconds=job.sound_seconds,
    ) as video:
        for image, changed in shown.paint(iter(frames(0)), job.dirty_box):
            video.write(image, changed)
            job.report_progress(progress, video.frames)
    return video.frames
