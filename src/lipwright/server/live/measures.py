"""What is measured of live sessions, and the sink that measures it on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from lipwright.pipeline.live.frames import LiveFormat, LiveFrame, LiveSink, VideoCoding
from lipwright.server.metrics import Metrics

LOUD = 200
"""Of int16: what is louder is no silence."""


class LiveMeasures:
    """The numbers of all live sessions."""

    def __init__(self, metrics: Metrics) -> None:
        self.opened = metrics.counter("live_sessions_total", "Live sessions that were begun.")
        self.ended = metrics.counter("live_ends_total", "Live sessions that ended, by reason.")
        self.refused = metrics.counter("live_refused_total", "What viewers sent and was not taken.")
        self.dropped = metrics.counter("live_dropped_total", "Pictures that slow viewers missed.")
        self.late = metrics.counter("live_late_total", "Pictures that were drawn too late.")
        self.frames = metrics.counter("live_frames_total", "Pictures that were sent.")
        self.first_frame = metrics.histogram(
            "live_first_frame_seconds", "From the ticket's use to the first picture."
        )
        self.first_sound = metrics.histogram(
            "live_first_sound_seconds", "From a text to its first sound."
        )
        for counter in (self.opened, self.refused, self.dropped, self.late, self.frames):
            counter.add(0)  # so that it is there before the first
        self.running = metrics.gauge("live_sessions", "Live sessions that run.")
        self.drift = metrics.gauge(
            "live_av_drift_seconds", "How far a picture is from its sound, the worst session."
        )


class MeasuredSink:
    """Passes a session's frames on to a sink, and takes notes."""

    def __init__(
        self,
        sink: LiveSink,
        measures: LiveMeasures,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sink, self._measures, self._clock = sink, measures, clock
        self.coding: VideoCoding = sink.coding
        self._began = clock()
        self._asked: float | None = None
        self._seen = False
        self._sound_time = self._picture_time = 0.0
        self.on_frame: Callable[[], None] = lambda: None
        """Called with each frame."""
        self.on_close: Callable[[], None] = lambda: None
        """Called when the session gives no more frames."""

    @property
    def drift(self) -> float:
        """Seconds by which the last picture is behind its sound."""
        return self._sound_time - self._picture_time

    def asked(self) -> None:
        """Note that somebody wants to hear something now."""
        if self._asked is None:
            self._asked = self._clock()

    async def open(self, form: LiveFormat) -> None:
        """Open the sink."""
        await self._sink.open(form)

    async def send(self, frame: LiveFrame) -> None:
        """Pass a frame on."""
        await self._sink.send(frame)
        now = self._clock()
        self._sound_time = frame.time
        if frame.picture:
            self._picture_time = frame.time
            self._measures.frames.add()
            if not self._seen:
                self._seen = True
                self._measures.first_frame.observe(now - self._began)
        else:
            self._measures.late.add()
        if self._asked is not None and _is_loud(frame.sound):
            self._measures.first_sound.observe(now - self._asked)
            self._asked = None
        self.on_frame()

    async def interrupt(self) -> None:
        """Pass it on."""
        self._asked = None
        await self._sink.interrupt()

    async def close(self) -> None:
        """Close the sink."""
        dropped: Any = getattr(self._sink, "dropped", 0)
        if dropped:
            self._measures.dropped.add(dropped)
        try:
            await self._sink.close()
        finally:
            self.on_close()


def _is_loud(sound: bytes) -> bool:
    samples = memoryview(sound).cast("h")
    return any(abs(samples[place]) > LOUD for place in range(0, len(samples), 8))
