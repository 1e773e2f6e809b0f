"""The sound of a video file, written in step with its pictures so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from io import BytesIO
from typing import Any, Protocol

from lipwright.core.prefetch import prefetch
from lipwright.core.thread_priority import yield_to_others
from lipwright.media.audio import decode
from lipwright.media.video.containers import Container
from lipwright.media.video.sound_plan import Copying, Encoding, plan_sound

PACKETS_AHEAD = 20_000  # some 8 minutes, of 8 MB


class Soundtrack(Protocol):
    """Something that adds the sound of a video, a stretch at a time."""

    def advance(self, until: float) -> None:
        """Write all sound that starts before `until` seconds."""

    def close(self) -> None:
        """Let go of the recording."""


def open_soundtrack(
    source: Any, output: Any, kind: Container, seconds: float = float("inf")
) -> Soundtrack:
    """Add a sound stream for `source` to the av output container `output`.

    `source` is the path of a sound or video file, an object such as Speech: with a `path` (and a
    `track`), or with `samples` (mono float, [-1, 1]) and `rate`; a `Mix`; or a `SoundAhead`. Raises
    MediaError if it has no sound.
    """
    if isinstance(source, SoundAhead):
        return source.opened(output)
    plan = plan_sound(source, kind, seconds)
    if isinstance(plan, Copying):
        return CopiedSoundtrack(plan, output)
    return EncodedSoundtrack(plan, output)


class CopiedSoundtrack:
    """Packets taken over from the recording, moved so that `start` stands at zero."""

    def __init__(self, plan: Copying, output: Any) -> None:
        sound, start, self._seconds = plan
        self._resources = ExitStack()
        opened = decode.open_sound(sound.path, sound.track)
        container, stream = self._resources.enter_context(opened)
        self._packets = container.demux(stream)
        self._output = output
        self._stream = output.add_stream_from_template(stream)
        self._shift = round(start / stream.time_base)
        self._last_dts: int | None = None
        self._waiting: Any = None

    def advance(self, until: float) -> None:
        """Write the sound up to `until` (s), or to its end."""
        while (packet := self._next()) is not None:
            if packet.dts * packet.time_base >= min(until, self._seconds):
                return
            self._waiting = None
            packet.stream = self._stream
            self._output.mux(packet)

    def close(self) -> None:
        """Let go of the sound."""
        self._resources.close()

    def _next(self) -> Any:
        """The packet to be written next, None at the end; time stamps never run backwards."""
        import av

        while self._waiting is None:
            try:
                packet = next(self._packets)
            except (StopIteration, av.FFmpegError):
                return None
            if packet.dts is None or not packet.size:
                continue
            packet.dts -= self._shift
            packet.pts = packet.dts
            if self._last_dts is None or packet.dts > self._last_dts:
                self._last_dts = packet.dts
                self._waiting = packet
        return self._waiting


class EncodedSoundtrack:
    """Sound encoded with the container's own codec."""

    def __init__(self, plan: Encoding, output: Any) -> None:
        """Open the codec."""
        self._plan, self._output = plan, output
        self._packets = plan.packets(plan.add_stream(output))
        self._written = 0.0  # samples handed to the encoder

    def advance(self, until: float) -> None:
        """Write the sound up to `until` (s), or to its end."""
        while self._written < until * self._plan.rate:
            self._written, packets = next(self._packets)
            self._output.mux(packets)

    def close(self) -> None:
        """Let go of the sound."""
        self._plan.close()


class SoundAhead:
    """Sound that is encoded in a thread of its own, before the file that it is for is opened."""

    def __init__(self, source: Any, kind: Container, seconds: float = float("inf")) -> None:
        """Begin. Arguments as for `open_soundtrack`, for a file of that kind."""
        self._made = prefetch(_made_ahead(source, kind, seconds), PACKETS_AHEAD)

    def opened(self, output: Any) -> Soundtrack:
        """Add the sound to an av output container, once; errors as for `open_soundtrack`."""
        plan = next(self._made)
        if isinstance(plan, Copying):
            return CopiedSoundtrack(plan, output)
        return _ReadySoundtrack(self._made, plan.add_stream(output), output)

    def close(self) -> None:
        """Stop."""
        self._made.close()


class _ReadySoundtrack:
    """Packets that another encoder made with the same settings."""

    def __init__(self, packets: Iterator[Any], stream: Any, output: Any) -> None:
        self._packets, self._stream, self._output = packets, stream, output
        self._waiting: Any = next(packets, None)

    def advance(self, until: float) -> None:
        """Write the sound up to `until` (s), or to its end."""
        while self._waiting is not None and self._waiting.pts * self._waiting.time_base < until:
            self._waiting.stream = self._stream
            self._output.mux(self._waiting)
            self._waiting = next(self._packets, None)

    def close(self) -> None:
        """Leave the rest to whoever gave the packets."""


def _made_ahead(source: Any, kind: Container, seconds: float) -> Iterator[Any]:
    """Yield the plan, and then the packets of sound that is encoded."""
    import av

    yield_to_others()
    plan = plan_sound(source, kind, seconds)
    yield plan
    if isinstance(plan, Copying):
        return
    # never begun, nor written to: codecs are asked for what a container needs
    with closing(plan), av.open(BytesIO(), "w", format=kind.muxer) as container:
        for _, packets in plan.packets(plan.add_stream(container)):
            yield from packets
