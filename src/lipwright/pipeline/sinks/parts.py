"""A video file that is written in parts, so that a run that broke off can go on."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.core.errors import FaceError, UsageError
from lipwright.core.peek import peek
from lipwright.media.video.audio_stream import SoundAhead
from lipwright.media.video.concat import join_parts
from lipwright.media.video.containers import container_for
from lipwright.media.video.sound_plan import is_recorded
from lipwright.media.video.writer import VideoWriter
from lipwright.pipeline.checkpoint import Checkpoint, CheckpointStore

if TYPE_CHECKING:
    from fractions import Fraction

    from lipwright.pipeline.render_job import RenderJob
    from lipwright.pipeline.sinks.base import RenderedStream
    from lipwright.speech.speech import Speech

log = logging.getLogger("lipwright")


class Heard:
    """A digest of what was heard of a speech up to any time: is it spoken the same again?"""

    def __init__(self, speech: Speech) -> None:
        self._blocks = speech.blocks(speech.rate)
        self._rate = speech.rate
        self._digest = hashlib.sha256()
        self._rest = b""
        self._done = 0  # bytes

    def until(self, seconds: float) -> str:
        """Return the digest of all samples from the beginning to there; times must not go back."""
        wanted = 4 * round(seconds * self._rate) - self._done
        while len(self._rest) < wanted and (block := next(self._blocks, None)) is not None:
            self._rest += block.tobytes()
        taken, self._rest = self._rest[:wanted], self._rest[wanted:]
        self._digest.update(taken)
        self._done += len(taken)
        return self._digest.copy().hexdigest()


def check_heard(parts: CheckpointStore, heard: Heard, fps: Fraction) -> None:
    """Raise UsageError where finished parts say something else than the speech does now."""
    done = 0
    for part in parts.finished:
        done += part.frames
        if part.heard != heard.until(float(done / fps)):
            raise UsageError(
                f"{parts.output} cannot be resumed, for the same text is not spoken as it was: "
                "begin anew without resuming.",
                option="resume",
            )


class ResumableSink:
    """Writes `job.output` part by part, so that a run that broke off can go on."""

    def __init__(self, job: RenderJob, resume: bool) -> None:
        """Look for what an earlier run has finished.

        Raises UsageError where it is something else.
        """
        self._job, self._parts = job, CheckpointStore(job.output)
        self._plan = {name: str(value) for name, value in job.plan().items()}
        self._resume = resume and self._parts.load(self._plan)
        self._heard = Heard(job.speech) if job.speech.path is None else None
        if self._heard is not None:
            check_heard(self._parts, self._heard, job.spec.fps)
        for part in self._parts.finished:
            job.counter.add_earlier(part.counts)
        self.resumed = self._parts.frames
        """Frames that are finished from the start."""

    def consume(self, stream: RenderedStream) -> int:
        """Make what is missing and join it all; return how many frames the file has.

        Raises MediaError where it cannot be written.
        """
        job, parts = self._job, self._parts
        with _keeping(parts, job.spec.fps), self._sound(stream) as sound:
            if not self._resume:
                parts.begin(self._plan)
            if not self._is_complete():
                images = stream.render(self.resumed)
                while self._write_part(images, stream):
                    pass
            join_parts(
                [part.path for part in parts.finished],
                job.output,
                job.spec.fps,
                sound,
                stream.subtitles(),
                stream.sound_seconds,
                job.encoder.tag,
                stream.metadata,
                stream.credentials,
                stream.extras,
            )
        parts.remove()
        return parts.frames

    @contextmanager
    def _sound(self, stream: RenderedStream) -> Iterator[Any]:
        """Give the sound; of a recording it is encoded while pictures are made."""
        if not is_recorded(stream.sound):
            yield stream.sound
            return
        seconds = float("inf") if stream.sound_seconds is None else stream.sound_seconds
        with closing(SoundAhead(stream.sound, container_for(self._job.output), seconds)) as sound:
            yield sound

    def _is_complete(self) -> bool:
        known, parts = self._job.frames, self._parts
        if known is not None:
            return parts.frames >= known
        return bool(parts.finished) and parts.finished[-1].frames < self._job.chunk

    def _write_part(self, images: Iterator[tuple[Any, Any]], stream: RenderedStream) -> bool:
        """Makes the next part; whether there may be another."""
        job, parts, done = self._job, self._parts, self._parts.frames
        first, images = peek(images)
        if first is None:
            return False
        spec = replace(stream.spec, container=parts.kind)
        with VideoWriter(parts.next_path(), spec) as video:
            for image, changed in islice(images, job.chunk):
                video.write(image, changed)
                stream.report(done + video.frames)
            part = self._described(video.path, range(done, done + video.frames))
            parts.record(part)
        parts.finished.append(part)
        return part.frames == job.chunk

    def _described(self, path: Path, frames: range) -> Checkpoint:
        end = float(frames.stop / self._job.spec.fps)
        heard = None if self._heard is None else self._heard.until(end)
        return Checkpoint(path, len(frames), self._job.counter.within(frames), heard)


@contextmanager
def _keeping(parts: CheckpointStore, fps: Fraction) -> Iterator[None]:
    """While parts are made: whatever goes wrong, what is finished stays, and that is said."""
    try:
        yield
    except FaceError:  # there never was a face: going on would not help
        parts.remove()
        raise
    except BaseException:
        if not parts.finished and parts.folder.exists():
            parts.remove()
        elif parts.folder.exists():
            log.info(
                "%.0f s of %s are finished and kept: the same again, resumed, goes on there.",
                float(parts.frames / fps),
                parts.output,
                extra={"option": "resume"},
            )
        raise
