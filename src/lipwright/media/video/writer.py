"""Write a video file: pictures from the caller, sound from a recording, encoded in the background.

The caller's thread only copies or converts pixels. A worker thread encodes and interleaves, behind
a short queue, so that memory does not grow with the length of the video.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from lipwright.core.atomic_file import cannot_write, commit, create_partial
from lipwright.core.errors import MediaError
from lipwright.core.rect import Box
from lipwright.core.thread_priority import yield_to_others
from lipwright.core.worker_thread import WorkerThread
from lipwright.media.video.color import even_box
from lipwright.media.video.containers import container_for
from lipwright.media.video.content_credentials import ContentCredentials
from lipwright.media.video.encoder_presets import ENCODERS
from lipwright.media.video.extras import NO_EXTRAS, Extras
from lipwright.media.video.frame_pool import FramePool, PooledFrame
from lipwright.media.video.muxer import Muxer
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.subtitle_stream import Caption
from lipwright.media.video.yuv_frame import YuvFrame

QUEUE_LENGTH = 3  # pictures waiting for the encoder: enough to even out, 9 MB at 1080p
CHECK_SECONDS = 0.5  # how often a waiting caller looks whether the worker has failed


class VideoWriter:
    """Encodes frames and a soundtrack into one file.

    Use it as a context manager: the file appears at its path when the block ends well, and nothing
    is left there when it does not.

        with VideoWriter("talk.mp4", OutputSpec((1280, 720), Fraction(25)), "voice.wav") as video:
            for frame in frames:
                video.write(frame)

    Raises UsageError for an extension or quality that does not exist, MediaError for everything
    that keeps the file from being written (in `__enter__`, `write` or on leaving the block).
    """

    def __init__(
        self,
        path: str | Path,
        spec: OutputSpec,
        audio: Any = None,
        *,
        metadata: Mapping[str, str] | None = None,
        credentials: ContentCredentials | None = None,
        subtitles: Sequence[Caption] = (),
        sound_seconds: float | None = None,
        extras: Extras = NO_EXTRAS,
    ) -> None:
        """Describe the file; it is opened by `with`.

        Args:
            path: the file to write; its extension chooses .mp4, .m4v, .mov, .mkv, .webm or .gif.
            spec: size, frame rate and how it is encoded.
            audio: a sound or video file's path, an object with `samples` (mono) and `rate` or a
                `path` (Speech), or None for a video without sound.
            metadata: tags added to those that mark the video as AI-generated.
            credentials: what the file is signed with; None for no signature.
            subtitles: captions for a track that a viewer can switch on; none for no such track.
            sound_seconds: where the sound is cut off; None lets it play to its end.
            extras: subtitles and chapters of the film that it is made from.
        """
        self.path = Path(path)
        self.frames = 0
        """Frames written so far."""
        container = spec.container or container_for(self.path)
        encoder = spec.encoder or ENCODERS[container.video_codec]
        self.spec = replace(spec, container=container, encoder=encoder)
        width, height = spec.size
        self._shape = height, width, 4 if encoder.alpha else 3
        self._pool: FramePool | None = None
        self._audio, self._metadata, self._subtitles = audio, dict(metadata or {}), subtitles
        self._credentials = credentials
        self._extras = extras
        self._sound_seconds = float("inf") if sound_seconds is None else sound_seconds
        self._partial: Path | None = None
        self._muxer: Muxer | None = None
        self._thread: WorkerThread | None = None
        self._waiting: queue.Queue[PooledFrame | YuvFrame | None] = queue.Queue(QUEUE_LENGTH)
        self._cancelled = threading.Event()
        self._failure: BaseException | None = None

    def __enter__(self) -> VideoWriter:
        self._partial = create_partial(self.path)
        try:
            self._muxer = Muxer(
                self._partial,
                self.spec,
                self._audio,
                self._metadata,
                self._subtitles,
                self._sound_seconds,
                self._extras,
            )
        except BaseException as error:
            self._remove()
            raise _explained(error, self.path) from error
        self._thread = WorkerThread(self._work, "lipwright-video", daemon=True)
        self._thread.start()
        return self

    def write(self, frame: np.ndarray | YuvFrame, changed: Box | None = None) -> None:
        """Add one BGR uint8 picture of shape (height, width, 3); it is copied.

        BGRA (height, width, 4) where the encoder keeps transparency.

        A `YuvFrame` is taken as it is, and belongs to the writer from then on, unless it is `lent`:
        then it is copied too. `changed` = (x0, y0, x1, y1) promises that only those pixels differ
        from the previous frame's, which makes it cheaper; an empty box says that nothing does. None
        promises nothing.
        """
        self._check(frame)
        if self._thread is None:
            raise RuntimeError("the video is not open: use it in a with block")
        box: Box | None = None
        if changed is not None and self.frames:
            box = even_box(changed, *self.spec.size) or (0, 0, 0, 0)
        if self._pool is not None:
            self._pool.changed(box)
        if isinstance(frame, YuvFrame) and not frame.lent:
            self._put(frame)
        else:
            self._put(self._pooled(frame))
        self.frames += 1

    def _check(self, frame: np.ndarray | YuvFrame) -> None:
        if isinstance(frame, YuvFrame):
            if frame.size != self.spec.size:
                raise ValueError(f"a frame must be {self.spec.size} px large, not {frame.size}")
        elif frame.shape != self._shape or frame.dtype != np.uint8:
            raise ValueError(f"a frame must be uint8 {self._shape}, not {frame.shape}")

    def _pooled(self, frame: np.ndarray | YuvFrame) -> PooledFrame:
        if self._pool is None:
            count = QUEUE_LENGTH + 2  # those waiting, one in work, one being filled
            alpha = self._shape[2] == 4
            self._pool = FramePool(count, self.spec.size, self.spec.colour, alpha)
        return self._pool.filled(frame, self._look_for_failure)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._put(None)
                self._join()
                self._raise_failure()
                assert self._partial is not None
                self._sign(self._partial)
                commit(self._partial, self.path)
        finally:
            self._cancelled.set()
            self._join()
            self._remove()

    def _sign(self, partial: Path) -> None:
        if self._credentials is None:
            return
        assert self.spec.container is not None
        consent = self._metadata.get("consent")
        self._credentials.sign(partial, self.spec.container, self.path.name, consent)

    def _look_for_failure(self) -> float:
        self._raise_failure()
        return CHECK_SECONDS

    def _put(self, picture: PooledFrame | YuvFrame | None) -> None:
        while True:
            self._raise_failure()
            try:
                return self._waiting.put(picture, timeout=CHECK_SECONDS)
            except queue.Full:
                continue

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise _explained(self._failure, self.path) from self._failure

    def _join(self) -> None:
        if self._thread is not None:
            self._thread.wait()
            self._thread = None

    def _work(self) -> None:
        """The worker: everything from frames to the file, until there is no more or it fails."""
        assert self._muxer is not None
        yield_to_others()  # one thread draws, and all wait for it; the encoder fills what it leaves
        try:
            while not self._cancelled.is_set():
                try:
                    picture = self._waiting.get(timeout=CHECK_SECONDS / 5)
                except queue.Empty:
                    continue
                if picture is None:
                    self._muxer.finish()
                    return
                if isinstance(picture, YuvFrame):
                    self._muxer.add(picture)
                    continue
                self._muxer.add(picture.picture)
                if self._pool is not None:
                    self._pool.free(picture)
            self._muxer.abandon()
        except BaseException as error:  # handed to the caller's thread
            self._failure = error
            self._muxer.abandon()

    def _remove(self) -> None:
        if self._partial is not None:
            self._partial.unlink(missing_ok=True)


def _explained(error: BaseException, path: Path) -> BaseException:
    """The error as a user should read it; what is no failure of the file passes unchanged."""
    if isinstance(error, OSError):  # av's errors with an errno are OSErrors as well
        return cannot_write(path, error)
    if type(error).__module__.startswith("av."):
        return MediaError(
            f"{path} cannot be encoded ({error}): try another kind of file or another recording."
        )
    return error
