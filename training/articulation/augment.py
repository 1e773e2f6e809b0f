"""What recordings in the world do to a voice: rooms, microphones, codecs, noise; another throat.

Each function takes mono samples at 16 kHz and returns as many, at the same times.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import av
import nonspeech
import numpy as np
from scipy.signal import fftconvolve, istft, stft

from lipwright.articulation.ear import SAMPLE_RATE

CODECS = (
    ("libopus", "ogg", (6000, 8000, 12000, 24000), (8000, 16000)),
    ("libmp3lame", "mp3", (16000, 24000, 48000), (16000,)),
    ("pcm_mulaw", "wav", (None,), (8000,)),
    ("adpcm_ima_wav", "wav", (None,), (8000, 16000)),
)
FRAME = 512
_CEPSTRUM = 26  # of 512: what is slower than 1.6 ms is the throat's, the rest the vocal cords'


def level_of(samples: np.ndarray) -> float:
    """Root mean square of the loud half."""
    power = np.square(samples)
    return float(np.sqrt(power[power >= np.median(power)].mean() + 1e-12))


def mix(samples: np.ndarray, other: np.ndarray, ratio: float) -> np.ndarray:
    """Add another sound `ratio` dB below."""
    return samples + other * level_of(samples) / level_of(other) * 10 ** (-ratio / 20)


def room(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Early reflections and a tail of 0.1 to 0.9 s; the direct sound stays where it was."""
    decay = np.exp(rng.uniform(np.log(0.1), np.log(0.9)))
    count = int(decay * SAMPLE_RATE)
    times = np.arange(count) / SAMPLE_RATE
    tail = rng.normal(0, 1, count) * np.exp(-6.9 * times / decay)
    tail[: int(rng.uniform(0.001, 0.012) * SAMPLE_RATE)] = 0
    for _ in range(rng.integers(2, 8)):
        tail[rng.integers(16, min(count, 800))] += rng.normal(0, 8)
    tail *= 10 ** (-rng.uniform(-2, 14) / 20) / np.sqrt(np.square(tail).sum() + 1e-9)
    tail[0] = 1.0
    wet: np.ndarray = fftconvolve(samples, tail)[: len(samples)]
    return wet


def microphone(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A crooked frequency response; sometimes only a telephone's band."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    octaves = np.log2(np.maximum(hertz, 40) / 40)
    gain = np.interp(octaves, np.linspace(0, 7.7, 8), rng.normal(0, 0.5, 8))
    gain += (octaves - 4) * rng.normal(0, 0.12)
    if rng.random() < 0.25:
        low, high = rng.uniform(60, 350), rng.uniform(2800, 7000)
        gain -= 3 * np.maximum(0, np.log2(np.maximum(low, 1) / np.maximum(hertz, 1)))
        gain -= 8 * np.maximum(0, np.log2(np.maximum(hertz, 1) / high))
    response: np.ndarray = np.fft.irfft(spectrum * np.exp(gain), len(samples))
    return response


def codec(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Once through a lossy codec at a low rate; what it delays is brought back."""
    name, container, rates, widths = CODECS[rng.choice(len(CODECS), p=[0.5, 0.2, 0.15, 0.15])]
    return through_codec(
        samples, name, container, rates[rng.integers(len(rates))], int(rng.choice(widths))
    )


def through_codec(
    samples: np.ndarray, name: str, container: str, bit_rate: int | None, width: int
) -> np.ndarray:
    """Encode and decode at `width` Hz and `bit_rate`, back in time with the original."""
    peak = max(1e-6, float(np.abs(samples).max())) / 0.8
    pcm = np.int16(np.clip(samples / peak, -1, 1) * 32767)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as out:
        stream = out.add_stream(name, rate=width, layout="mono")
        if bit_rate is not None:
            stream.bit_rate = bit_rate
        resampler = av.AudioResampler(
            format=stream.codec_context.format, layout="mono", rate=width,
            frame_size=stream.codec_context.frame_size or None,
        )  # fmt: skip
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    buffer.seek(0)
    back = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    parts = []
    with av.open(buffer) as source:
        for decoded in source.decode(audio=0):
            parts += [p.to_ndarray()[0] for p in back.resample(decoded)]
        parts += [p.to_ndarray()[0] for p in back.resample(None)]
    return in_time(np.concatenate(parts), samples) * peak


def in_time(sound: np.ndarray, original: np.ndarray) -> np.ndarray:
    """Shift by what a codec delayed (at most 0.15 s) and cut to the original's length."""
    longest, count = int(0.15 * SAMPLE_RATE), len(original)
    sound = np.pad(sound, (0, max(0, count - len(sound))))[: count + longest]
    size = count + 2 * longest
    product = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(original, size))
    match = np.fft.irfft(product, size)
    lags = np.r_[np.arange(longest), np.arange(-longest, 0)]
    lag = int(lags[np.argmax(match[lags])])
    moved = sound[lag:] if lag >= 0 else np.pad(sound, (-lag, 0))
    return np.pad(moved, (0, max(0, count - len(moved))))[:count]


def split(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spectrum and log envelope, both (257, T), of the short-time Fourier transform."""
    spectrum = stft(samples, nperseg=FRAME, noverlap=FRAME * 3 // 4)[2]
    cepstrum = np.fft.irfft(np.log(np.abs(spectrum) + 1e-5), FRAME, axis=0)
    cepstrum[_CEPSTRUM:-_CEPSTRUM] = 0
    return spectrum, np.fft.rfft(cepstrum, axis=0).real


def join(spectrum: np.ndarray, count: int) -> np.ndarray:
    """The sound of a spectrum (257, T)."""
    sound: np.ndarray = istft(spectrum, nperseg=FRAME, noverlap=FRAME * 3 // 4)[1]
    return np.pad(sound, (0, max(0, count - len(sound))))[:count]


def another_throat(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Formants moved by 0.82 to 1.25, the pitch kept."""
    spectrum, envelope = split(samples)
    factor = np.exp(rng.uniform(np.log(0.82), np.log(1.25)))
    bins = np.arange(len(envelope)) / factor
    below = np.clip(bins.astype(int), 0, len(envelope) - 2)
    share = np.clip(bins - below, 0, 1)[:, None]
    moved = envelope[below] * (1 - share) + envelope[below + 1] * share
    return join(spectrum * np.exp(np.clip(moved - envelope, -6, 6)), len(samples))


def whisper(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The throat's envelope with breath instead of a voice."""
    spectrum, envelope = split(samples)
    air = stft(rng.normal(0, 0.03, len(samples)), nperseg=FRAME, noverlap=FRAME * 3 // 4)[2]
    air = air[:, : spectrum.shape[1]]
    tilt = np.minimum(0, np.linspace(-2.5, 1.5, len(envelope)))[:, None]
    return join(air * np.exp(envelope[:, : air.shape[1]] + tilt) * 30, len(samples))


def sing(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same words on held notes: the voiced part's excitation becomes a tone of steps."""
    spectrum, envelope = split(samples)
    count = len(samples)
    pitch, start = np.zeros(count), 0
    root, scale = rng.uniform(90, 300), nonspeech.MAJOR
    while start < count:
        length = int(rng.uniform(0.15, 0.8) * SAMPLE_RATE)
        pitch[start : start + length] = root * 2 ** (scale[rng.integers(len(scale))] / 12)
        start += length
    vibrato = 1 + 0.02 * np.sin(2 * np.pi * 5.5 * np.arange(count) / SAMPLE_RATE)
    phase = np.cumsum(pitch * vibrato) / SAMPLE_RATE
    pulses = np.diff(np.floor(phase), prepend=0.0) * np.sqrt(SAMPLE_RATE / np.maximum(pitch, 1))
    voice = stft(pulses, nperseg=FRAME, noverlap=FRAME * 3 // 4)[2][:, : spectrum.shape[1]]
    low = np.square(np.abs(spectrum[:64])).sum(0)
    high = np.square(np.abs(spectrum[96:])).sum(0)
    voiced = (low > 2 * high).astype(float)[None, : voice.shape[1]]
    sung = voice * np.exp(envelope[:, : voice.shape[1]]) * 16
    return join(spectrum[:, : voice.shape[1]] * (1 - voiced) + sung * voiced, count)


def babble(others: list[np.ndarray], count: int, rng: np.random.Generator) -> np.ndarray:
    """Several of the other voices at once."""
    total = np.zeros(count)
    for _ in range(rng.integers(3, 7)):
        voice = others[rng.integers(len(others))]
        total += np.resize(np.roll(voice, rng.integers(len(voice))), count)
    return total


def environment(
    samples: np.ndarray, others: list[np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """A room, music or noise, a microphone and a codec, each with its chance."""

    def maybe(
        chance: float, change: Callable[[np.ndarray, np.random.Generator], np.ndarray]
    ) -> None:
        nonlocal samples
        if rng.random() < chance:
            samples = change(samples, rng)

    count = len(samples)
    maybe(0.5, room)
    if rng.random() < 0.55:
        kind = rng.random()
        if kind < 0.3:
            samples = mix(samples, nonspeech.music(count, rng), rng.uniform(0, 20))
        elif kind < 0.45:
            samples = mix(samples, babble(others, count, rng), rng.uniform(4, 22))
        else:
            other = nonspeech.BACKGROUNDS[rng.integers(len(nonspeech.BACKGROUNDS))]
            samples = mix(samples, other(count, rng), rng.uniform(0, 25))
    samples = mix(samples, nonspeech.noise(count, rng), rng.uniform(25, 60))
    maybe(0.6, microphone)
    maybe(0.3, codec)
    return samples
