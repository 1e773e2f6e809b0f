"""The process that writes one stream to the network: frames in at stdin, news out at stdout.

A process, because FFmpeg waits for the network inside calls that stop all of Python; and because a
process whose network hangs can be ended at once. `RtmpSink` starts one for each connection.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, BinaryIO

HEADER = struct.Struct("<IIII")
"""Of a frame: its number, whether decoding can begin there, bytes of picture and of sound."""
SOUND_RATE = 48000  # Hz: what the platforms want
SOUND_BITS = 128_000


def pack(number: int, keyframe: bool, picture: bytes, sound: bytes) -> bytes:
    """Return a frame as the process reads it."""
    return HEADER.pack(number, keyframe, len(picture), len(sound)) + picture + sound


class StreamWriter:
    """A container at an address: H.264 as it comes, the sound as AAC."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """settings: url, format (of FFmpeg, or None), options, width, height, fps, rate."""
        import av

        self._fps, self._rate = Fraction(settings["fps"]), int(settings["rate"])
        self._output: Any = av.open(
            settings["url"], "w", format=settings["format"], options=dict(settings["options"])
        )
        self._video = self._output.add_mux_stream(
            "h264", rate=self._fps, width=settings["width"], height=settings["height"]
        )
        self._sound = self._output.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        self._sound.codec_context.bit_rate = SOUND_BITS
        self._first: int | None = None
        self._heard = 0  # samples given to the encoder

    def write(self, number: int, keyframe: bool, picture: bytes, sound: bytes) -> bool:
        """Write a frame; return whether there is something to see: it begins at a keyframe."""
        import av

        if self._first is None:
            if not keyframe:
                return False
            self._first = number
        number -= self._first
        if picture:
            packet = av.Packet(picture)
            packet.stream = self._video
            packet.time_base = 1 / self._fps
            packet.pts = packet.dts = number
            packet.duration = 1
            packet.is_keyframe = keyframe
            self._output.mux(packet)
        missing = int(number * self._rate / self._fps) - self._heard
        if missing > 0:  # frames that were dropped: the sound keeps its time
            self._hear(bytes(2 * missing))
        self._hear(sound)
        return True

    def _hear(self, sound: bytes) -> None:
        import av
        import numpy as np

        if not sound:
            return
        samples = np.frombuffer(sound, np.int16)[None]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = self._rate
        frame.pts, frame.time_base = self._heard, Fraction(1, self._rate)
        self._heard += samples.shape[1]
        self._output.mux(self._sound.encode(frame))

    def close(self) -> None:
        """Write what is left and end the stream."""
        if self._first is not None:
            self._output.mux(self._sound.encode(None))
        self._output.close()


def _reason(error: Exception) -> str:
    """Return what the server said, where it said something, or what went wrong."""
    said = getattr(error, "log", None)
    if said and str(said[2]).startswith("Server error"):
        return str(said[2]).strip()
    return getattr(error, "strerror", None) or str(error)


def run(frames: BinaryIO, news: BinaryIO) -> int:
    """Write what comes until it ends; return the exit status.

    News are lines of JSON: {"event": "connected"}, or {"event": "failed", "why": ...}.
    """

    def tell(**what: str) -> None:
        news.write(json.dumps(what).encode() + b"\n")
        news.flush()

    try:
        writer = StreamWriter(json.loads(frames.readline()))
        connected = False
        while len(header := frames.read(HEADER.size)) == HEADER.size:
            number, keyframe, picture, sound = HEADER.unpack(header)
            written = writer.write(number, bool(keyframe), frames.read(picture), frames.read(sound))
            if written and not connected:
                connected = True
                tell(event="connected")
        writer.close()
    except Exception as error:  # of av, some kinds are no OSError; whoever reads the news decides
        tell(event="failed", why=_reason(error))
        return 1
    return 0


if __name__ == "__main__":
    import av.logging

    av.logging.set_level(av.logging.ERROR)  # so that errors tell what the server said
    sys.exit(run(sys.stdin.buffer, sys.stdout.buffer))
