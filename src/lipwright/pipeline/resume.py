"""What a long recording remembers from part to part, so that a run that broke off can go on."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright.core.errors import FaceError, UsageError
from lipwright.media.video.concat import join_parts
from lipwright.pipeline.checkpoint import Checkpoint, CheckpointStore

if TYPE_CHECKING:
    from fractions import Fraction

    from lipwright.pipeline.captions.burn_in import Picture
    from lipwright.pipeline.captions.options import CaptionPlan
    from lipwright.pipeline.options import Progress
    from lipwright.pipeline.render_job import RenderJob
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
        """The digest of all samples from the beginning to there; times must not go back."""
        wanted = 4 * round(seconds * self._rate) - self._done
        while len(self._rest) < wanted and (block := next(self._blocks, None)) is not None:
            self._rest += block.tobytes()
        taken, self._rest = self._rest[:wanted], self._rest[wanted:]
        self._digest.update(taken)
        self._done += len(taken)
        return self._digest.copy().hexdigest()


def check_heard(parts: CheckpointStore, heard: Heard, fps: Fraction) -> None:
    """Raises UsageError where finished parts say something else than the speech does now."""
    done = 0
    for part in parts.finished:
        done += part.frames
        if part.heard != heard.until(float(done / fps)):
            raise UsageError(
                f"{parts.output} cannot be resumed, for the same text is not spoken as it was: "
                "leave --resume out to begin anew."
            )


Frames = Callable[[int], "Iterable[Picture]"]
"""The frames from any number on."""


class ResumableRender:
    """A long recording that is written part by part, begun anew or resumed."""

    def __init__(self, recording: RenderJob, resume: bool) -> None:
        """Raises UsageError where there is nothing to resume, or something else."""
        self._recording = recording
        self._parts = CheckpointStore(recording.output)
        plan = {name: str(value) for name, value in recording.plan().items()}
        if resume:
            self._parts.load(plan)
        else:
            self._parts.begin(plan)
        self._heard = Heard(recording.speech) if recording.speech.path is None else None
        if self._heard is not None:
            check_heard(self._parts, self._heard, recording.fps)
        for part in self._parts.finished:
            recording.counter.add_earlier(part.counts)
        self.resumed = self._parts.frames
        """Frames that are finished from the start."""

    def write(self, frames: Frames, shown: CaptionPlan, progress: Progress | None) -> int:
        """Makes what is missing and joins it all; how many frames there are."""
        recording, parts = self._recording, self._parts
        with _keeping(parts, recording.fps):
            if not self._is_complete():
                images = shown.paint(iter(frames(self.resumed)), recording.dirty_box, self.resumed)
                while self._write_part(images, progress):
                    pass
            join_parts(
                [part.path for part in parts.finished],
                recording.output,
                recording.fps,
                recording.sound or recording.speech,
                shown.track,
                recording.sound_seconds,
                recording.encoder.tag,
            )
        parts.remove()
        return parts.frames

    def _is_complete(self) -> bool:
        known, parts = self._recording.frames, self._parts
        if known is not None:
            return parts.frames >= known
        return bool(parts.finished) and parts.finished[-1].frames < self._recording.chunk

    def _write_part(self, images: Iterator[tuple[Any, Any]], progress: Progress | None) -> bool:
        """Makes the next part; whether there may be another."""
        recording, parts, done = self._recording, self._parts, self._parts.frames
        first = next(images, None)
        if first is None:
            return False
        with recording.writer(parts.next_path(), kind=parts.kind) as video:
            for image, changed in chain([first], islice(images, recording.chunk - 1)):
                video.write(image, changed)
                recording.report_progress(progress, done + video.frames)
            part = self._described(video.path, range(done, done + video.frames))
            parts.record(part)
        parts.finished.append(part)
        return part.frames == recording.chunk

    def _described(self, path: Path, frames: range) -> Checkpoint:
        end = float(frames.stop / self._recording.fps)
        heard = None if self._heard is None else self._heard.until(end)
        return Checkpoint(path, len(frames), self._recording.counter.within(frames), heard)


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
                "%.0f s of %s are finished and kept: the same command with --resume goes on there.",
                float(parts.frames / fps),
                parts.output,
            )
        raise
