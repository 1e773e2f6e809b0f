"""One open video file: encode pictures and sound, interleave them, mark them as AI-generated."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lipwright.core.cores import encoder_threads
from lipwright.media.video.audio_stream import Soundtrack, open_soundtrack
from lipwright.media.video.containers import CONTAINERS, Container
from lipwright.media.video.encoder_presets import SPOOL, Encoder
from lipwright.media.video.encoder_trial import open_quietly
from lipwright.media.video.extras import NO_EXTRAS, Extras, add_chapters
from lipwright.media.video.frame_converter import FrameConverter
from lipwright.media.video.gif import frame_step, write_gif
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.provenance import embed_marker, tags
from lipwright.media.video.scheduling import unchanged_scheduling
from lipwright.media.video.subtitle_stream import Caption, SubtitleTrack, open_subtitles
from lipwright.media.video.yuv_frame import YuvFrame

KEYFRAME_SECONDS = 10


class Muxer:
    """Encodes into `path`; used by one thread at a time. Errors of av pass through."""

    def __init__(
        self,
        path: Path,
        spec: OutputSpec,
        audio: Any = None,
        metadata: Mapping[str, str] | None = None,
        subtitles: Sequence[Caption] = (),
        sound_seconds: float = float("inf"),
        extras: Extras = NO_EXTRAS,
    ) -> None:
        """Open the file; spec has its container and its encoder, else as for `VideoWriter`."""
        import av

        assert spec.container is not None and spec.encoder is not None
        self._path, self._kind = path, spec.container
        self._gif = spec.container.muxer == "gif"
        # A GIF's palette must be known before its first frame: the pictures wait in a file.
        self._spool = path.with_suffix(".mkv") if self._gif else path
        self._step = frame_step(spec.fps) if self._gif else 1
        self._fps = spec.fps / self._step
        self._metadata = dict(metadata or {})
        kind = CONTAINERS[".mkv"] if self._gif else spec.container
        audio = None if self._gif else audio
        self._output = av.open(
            f"file:{self._spool}", "w", format=kind.muxer, options=dict(kind.options)
        )
        self._soundtrack: Soundtrack | None = None
        self._subtitles: list[SubtitleTrack] = []
        self._converter = FrameConverter(spec.colour, spec.encoder)
        self._given = self._frames = 0
        try:
            self._output.metadata.update(tags(self._metadata))
            self._video = self._add_stream(spec, spec.encoder, kind)
            if audio is not None:
                self._soundtrack = open_soundtrack(audio, self._output, kind, sound_seconds)
            self._subtitles = open_subtitles(
                subtitles, extras.subtitles, self._output, self._kind, sound_seconds
            )
            add_chapters(self._output, extras.chapters)
        except BaseException:
            self.abandon()
            raise

    def _add_stream(self, spec: OutputSpec, encoder: Encoder, kind: Container) -> Any:
        """Describe the pictures to their encoder, which opens with the first of them."""
        open_quietly(encoder)
        options = encoder.settings(SPOOL if self._gif else spec.quality)
        stream: Any = self._output.add_stream(encoder.name, rate=self._fps, options=options)
        stream.width, stream.height = spec.size
        stream.pix_fmt = encoder.pixels
        context = stream.codec_context
        if encoder.tag and kind.muxer in ("mp4", "mov"):
            context.codec_tag = encoder.tag
        context.time_base = 1 / self._fps
        context.gop_size = max(1, round(self._fps * KEYFRAME_SECONDS))
        colour = spec.colour
        context.colorspace = colour.matrix
        context.color_primaries, context.color_trc = colour.primaries, colour.transfer
        context.color_range = self._converter.span
        context.sample_aspect_ratio = spec.aspect
        context.thread_count = spec.threads or encoder_threads()
        context.thread_type = "FRAME"  # threads on slices would cost bits
        return stream

    def add(self, picture: np.ndarray | YuvFrame) -> None:
        """Encode the next picture: in planes, or BGRA uint8 (h, w, 4)."""
        self._given += 1
        if (self._given - 1) % self._step:
            return
        frame = self._converter.converted(picture)
        frame.pts, frame.time_base = self._frames, 1 / self._fps
        self._encode(frame)
        self._frames += 1
        self._advance(float(self._frames / self._fps))

    def finish(self) -> None:
        """Write what is left, of the sound to its very end, and close the file."""
        self._encode(None)
        self._advance(float("inf"))
        for track in self._tracks():
            track.close()
        self._output.close()
        if self._gif:
            write_gif(self._spool, self._path)
            self._spool.unlink()
        embed_marker(self._path, self._kind, self._metadata)

    def abandon(self) -> None:
        """Close everything in whatever state it is; the file is not usable."""
        for track in self._tracks():
            with contextlib.suppress(Exception):
                track.close()
        with contextlib.suppress(Exception):
            self._output.close()
        if self._gif:
            self._spool.unlink(missing_ok=True)

    def _encode(self, frame: Any) -> None:
        """Encode a frame, or with None what the encoder still holds."""
        opened = self._video.codec_context.is_open  # PyAV opens it at the first frame
        with contextlib.nullcontext() if opened else unchanged_scheduling():
            packets = self._video.encode(frame)
        self._output.mux(packets)

    def _tracks(self) -> list[Any]:
        return [*([] if self._soundtrack is None else [self._soundtrack]), *self._subtitles]

    def _advance(self, until: float) -> None:
        for track in self._tracks():
            track.advance(until)
