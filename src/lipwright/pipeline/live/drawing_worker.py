"""The process that draws a live session: it keeps the clock, and gives frames as they are due."""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

import numpy as np

from lipwright.articulation.curves import CHANNELS, Articulation
from lipwright.core.child_process import Parent
from lipwright.core.messages import Message
from lipwright.pipeline.live.clock import LiveClock, Tick
from lipwright.pipeline.live.coding import CodedPicture
from lipwright.pipeline.live.scene import Scene

LATEST = 1.0
"""Frames by which one may be late and is still drawn."""
MOST_SKIPPED = 4
"""So many frames in a row are left out at most, however late it is."""
STALLED = 0.5
"""Seconds by which the clock may be behind before it is set back: the process did not run."""
FULL_SCALE = 32767


class Performer:
    """Gives frames at their times, and takes messages between them."""

    def __init__(self, parent: Parent, scene: Scene, rate: int) -> None:
        """rate: samples of sound per second, Hz."""
        self._parent, self._scene, self._fps = parent, scene, scene.fps
        self._clock = LiveClock(scene.fps, rate)
        self._keyframe = True
        self._skipped = 0

    def run(self) -> None:
        """Give frames until the parent ends or says "close"."""
        start, number = time.monotonic(), 0
        try:
            while self._take_messages(start + number / self._fps):
                late = time.monotonic() - start - number / self._fps
                if late > STALLED:
                    start += late
                    late = 0.0
                self._give(self._clock.tick(), late)
                number += 1
        finally:
            self._clock.close()

    def _take_messages(self, due: float) -> bool:
        """Take what is told until a time; returns whether to go on."""
        while True:
            left = due - time.monotonic()
            try:
                message = self._parent.inbox.get(timeout=max(left, 0.0))
            except Empty:
                return True
            if message is None or message.kind == "close":
                return False
            self._take(message)

    def _take(self, message: Message) -> None:
        fields = message.fields
        clock = self._clock
        if message.kind == "piece":
            samples, curves = unpack_piece(message)
            clock.spoken.add(fields["number"], samples, curves)
        elif message.kind == "spoken":
            clock.spoken.finish(fields["number"])
        elif message.kind == "hear":
            samples = np.frombuffer(message.payload, np.float32)
            clock.heard.add(samples, fields["rate"], fields["live"])
        elif message.kind == "interrupt":
            clock.interrupt()
        elif message.kind == "keyframe":
            self._keyframe = True

    def _give(self, tick: Tick, late: float) -> None:
        if late * self._fps > LATEST and self._skipped < MOST_SKIPPED:
            self._scene.skip(tick)
            self._skipped += 1
            coded = CodedPicture(b"", False)
        else:
            coded = self._scene.draw(tick, self._keyframe)
            self._keyframe, self._skipped = False, 0
        sound = (tick.samples * FULL_SCALE).round().astype("<i2").tobytes()
        self._parent.send(
            "frame",
            sound + coded.picture + coded.alpha,
            number=tick.number,
            sizes=[len(sound), len(coded.picture)],
            keyframe=coded.keyframe,
            speaking=tick.speaking,
            spoken_ahead=self._clock.spoken.seconds,
            heard_ahead=self._clock.heard.seconds,
            late=late,
        )


def unpack_piece(message: Message) -> tuple[np.ndarray, Articulation]:
    """Return the sound, mono float32 (n,), and the curves of a message "piece"."""
    size = 4 * message.fields["samples"]
    samples = np.frombuffer(message.payload[:size], np.float32)
    rows = np.frombuffer(message.payload[size:], np.float32).reshape(-1, len(CHANNELS))
    return samples, Articulation(message.fields["rate"], rows, message.fields["first"])


def main() -> None:
    """Draw the session that the parent opens, until it ends."""
    parent = Parent()
    message = parent.inbox.get()
    if message is None:
        return
    fields: dict[str, Any] = message.fields
    try:
        scene = Scene(message.payload, fields)
        width, height = scene.size
        parent.send("ready", width=width, height=height)
        Performer(parent, scene, fields["rate"]).run()
    except Exception as error:
        parent.fail(error)


if __name__ == "__main__":
    main()
