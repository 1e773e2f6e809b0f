"""Sound for the fake services to send."""

from __future__ import annotations

import io
import wave

import numpy as np


def hum(seconds: float, rate: int) -> np.ndarray:
    """A low tone that swells and falls six times a second, float32 (n,)."""
    times = np.arange(int(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * 180 * times) * (0.3 + 0.1 * np.sin(2 * np.pi * 6 * times))
    return tone.astype(np.float32)


def pcm16(samples: np.ndarray) -> bytes:
    return (samples * 32767).astype("<i2").tobytes()


def wav(samples: np.ndarray, rate: int) -> bytes:
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm16(samples))
    return data.getvalue()


def mp3(samples: np.ndarray, rate: int) -> bytes:
    import av

    data = io.BytesIO()
    with av.open(data, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), "fltp", "mono")
        frame.rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return data.getvalue()
