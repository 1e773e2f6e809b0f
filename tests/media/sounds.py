"""Sound files of any kind, made on the spot."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

MUXERS = {".m4a": "mp4", ".aac": "adts", ".mkv": "matroska", ".mp4": "mp4", ".opus": "ogg"}


def encode_sound(
    path: Path,
    samples: np.ndarray,
    rate: int,
    codec: str,
    layout: str = "mono",
    *,
    with_video: bool = False,
    delay: float = 0.0,
    holes: tuple[int, ...] = (),
    first_picture: int = 0,
) -> Path:
    """Encode float samples (channels, n), with pictures or packets left out where asked.

    `delay` starts the sound late (s); `holes` are the numbers of packets to leave out;
    the first picture is shown at `first_picture` / 25 s.
    """
    with av.open(str(path), "w", format=MUXERS.get(path.suffix, path.suffix[1:])) as output:
        if with_video:
            pictures = output.add_stream("libx264", rate=25)
            pictures.width, pictures.height, pictures.pix_fmt = 64, 64, "yuv420p"
        stream = output.add_stream(codec, rate=rate, layout=layout)
        if with_video:
            for number in range(max(1, round(25 * samples.shape[1] / rate))):
                picture = av.VideoFrame(64, 64, "yuv420p")
                picture.pts, picture.time_base = number + first_picture, Fraction(1, 25)
                output.mux(pictures.encode(picture))
            output.mux(pictures.encode(None))
        packets = []
        for start in range(0, samples.shape[1], 1024):
            block = np.ascontiguousarray(samples[:, start : start + 1024], np.float32)
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
            frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
            frame.pts = start + round(delay * rate)
            packets += stream.encode(frame)
        for number, packet in enumerate(packets + stream.encode(None)):
            if number not in holes:
                output.mux(packet)
    return path


def wav_bytes(payload: bytes, *, rate: int, channels: int, bits: int, tag: int) -> bytes:
    """A WAV file with any payload: `tag` 1 is integer PCM, 3 floating point."""
    block = channels * bits // 8
    head = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits)
    body = b"WAVEfmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", len(payload))
    return b"RIFF" + struct.pack("<I", len(body) + len(payload)) + body + payload


def chirp(seconds: float, rate: int) -> np.ndarray:
    """A sweep from 100 Hz to 2 kHz at half of full scale, float32 (n,): every moment differs."""
    times = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * (100 + 950 * times / seconds) * times)).astype(np.float32)


def lag(reference: np.ndarray, other: np.ndarray) -> int:
    """By how many samples `other` is late, by cross-correlation."""
    length = 1 << (len(reference) + len(other)).bit_length()
    product = np.fft.rfft(other, length) * np.conj(np.fft.rfft(reference, length))
    peak = int(np.argmax(np.fft.irfft(product)))
    return peak if peak < length // 2 else peak - length
