"""Text to speech: normalise, pronounce, speak chunk by chunk, join with natural pauses."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lipwright.assets import read_asset
from lipwright.errors import UsageError, VoiceError
from lipwright.speech.base import Phone, Speech
from lipwright.speech.chunks import PAUSES, Chunk, split_into_chunks
from lipwright.speech.kokoro_model import SAMPLE_RATE, KokoroModel
from lipwright.speech.loudness import limit_peaks, measure_loudness
from lipwright.speech.normalize import normalize
from lipwright.speech.pronounce import Pronouncer, read_lexicon
from lipwright.speech.voices import DEFAULT_VOICE, KokoroVoice, find_voice

OUTPUT_RATE = 44100
TARGET_LUFS = -16.0
PEAK_CEILING = 10 ** (-1 / 20)
SLOWEST, FASTEST = 0.5, 2.0

_LEAD_SECONDS = 0.08
_MARGIN_SECONDS = 0.04
_LONGEST_PREVOICING = 0.1
_FINAL_SILENCE_SECONDS = 0.25
_FADE_SECONDS = 0.01
_SILENCE = 0.002  # of full scale: what counts as sound when the ends are trimmed

log = logging.getLogger("lipwright")

Lexicon = Mapping[str, str] | str | Path | None


@dataclass(frozen=True)
class SpeechChunk:
    """A stretch of speech with the pause after it."""

    samples: np.ndarray
    """Mono float32 (n,), near -16 LUFS, peaks below -1 dBFS."""
    rate: int
    start: float
    """Seconds from the start of the speech."""
    phones: tuple[Phone, ...]
    """Times count from the start of the speech."""
    done: float
    """How much of the text is spoken after this chunk, 0 to 1."""


class Synthesizer:
    """A loaded voice: keep one to speak many texts without loading the model again."""

    def __init__(
        self, voice: str = DEFAULT_VOICE, *, lexicon: Lexicon = None, threads: int = 2
    ) -> None:
        self.voice = find_voice(voice)
        self._style = _load_style(self.voice)
        entries = read_lexicon(lexicon) if isinstance(lexicon, str | Path) else dict(lexicon or {})
        self._pronouncer = Pronouncer(entries)
        self._model = KokoroModel(threads)

    def stream(self, text: str, rate: float = 1.0) -> Iterator[SpeechChunk]:
        """Yield the speech of ``text`` chunk by chunk, about a sentence each.

        Raises:
            UsageError: ``rate`` is not within 0.5 to 2.
            VoiceError: there is nothing in the text that can be spoken.
        """
        _check_rate(rate)
        chunks = self._plan(text)
        total = sum(len(chunk.phonemes) for chunk in chunks)
        start, spoken = 0.0, 0
        for number, chunk in enumerate(chunks):
            last = number == len(chunks) - 1
            pause = _FINAL_SILENCE_SECONDS if last else PAUSES[chunk.ending] / rate
            samples, phones = self._speak(chunk, rate, pause)
            spoken += len(chunk.phonemes)
            shifted = tuple(Phone(start + p.start, start + p.end, p.symbol) for p in phones)
            yield SpeechChunk(samples, OUTPUT_RATE, start, shifted, spoken / total)
            start += samples.size / OUTPUT_RATE

    def synthesize(
        self,
        text: str,
        rate: float = 1.0,
        progress: Callable[[float], None] | None = None,
    ) -> Speech:
        """Speak ``text`` as one ``Speech`` at 44.1 kHz and -16 LUFS; see ``stream``."""
        pieces: list[np.ndarray] = []
        phones: list[Phone] = []
        for chunk in self.stream(text, rate):
            pieces.append(chunk.samples)
            phones.extend(chunk.phones)
            if progress:
                progress(chunk.done)
        samples = np.concatenate(pieces)
        loudness = measure_loudness(samples, OUTPUT_RATE)
        samples = limit_peaks(samples * np.float32(_to_gain(TARGET_LUFS - loudness)), PEAK_CEILING)
        return Speech.from_samples(samples, OUTPUT_RATE, phones, transcript=" ".join(text.split()))

    def _plan(self, text: str) -> list[Chunk]:
        if not text.strip():
            raise VoiceError("The text to speak is empty: write at least one word.")
        chunks = split_into_chunks(normalize(text), self._pronouncer.pronounce)
        if not chunks:
            shown = " ".join(text.split())[:40]
            raise VoiceError(f'Nothing in the text "{shown}" can be spoken: write some words.')
        return chunks

    def _speak(self, chunk: Chunk, rate: float, pause: float) -> tuple[np.ndarray, list[Phone]]:
        """Speak one chunk: samples at 44.1 kHz ending in ``pause`` seconds of rest, and phones."""
        import soxr

        audio, bounds = self._model.speak(chunk.phonemes, self._style, rate)
        first, last = _find_sound(audio, bounds)
        bounds = _end_with_sound(bounds, chunk.phonemes, last / SAMPLE_RATE + _MARGIN_SECONDS)
        first = max(0, first - int(_LEAD_SECONDS * SAMPLE_RATE))
        last = min(audio.size, last + int(_MARGIN_SECONDS * SAMPLE_RATE))
        audio = _fade_ends(audio[first:last], int(_FADE_SECONDS * SAMPLE_RATE))
        rest = np.zeros(int(pause * SAMPLE_RATE), np.float32)
        audio = soxr.resample(np.concatenate((audio, rest)), SAMPLE_RATE, OUTPUT_RATE)
        audio = limit_peaks(audio * np.float32(_to_gain(self.voice.gain_db)), PEAK_CEILING)
        times = np.clip(bounds - first / SAMPLE_RATE, 0.0, audio.size / OUTPUT_RATE).tolist()
        phones = [
            Phone(begin, end, symbol)
            for begin, end, symbol in zip(times, times[1:], chunk.phonemes, strict=False)
        ]
        return audio, phones


def synthesize(
    text: str,
    voice: str = DEFAULT_VOICE,
    rate: float = 1.0,
    lexicon: Lexicon = None,
    progress: Callable[[float], None] | None = None,
) -> Speech:
    """Speak a text offline with an Indian English voice.

    Args:
        text: what to say; numbers, dates, amounts and abbreviations are read out.
        voice: "anika" or another name from ``list_voices``.
        rate: speed, 0.5 (half as fast) to 2.0 (twice as fast).
        lexicon: pronunciations of one's own: a file (see ``read_lexicon``) or a mapping.
        progress: called with the part done, 0 to 1, after each chunk.

    Returns:
        Mono speech at 44.1 kHz, -16 LUFS, with exact phone times.

    Raises:
        MissingExtraError: the voice is not installed.
        UsageError: ``rate`` is out of range.
        VoiceError: no such voice, nothing to speak, or a lexicon that cannot be read.
    """
    _check_rate(rate)
    find_voice(voice)
    if not text.strip():
        raise VoiceError("The text to speak is empty: write at least one word.")
    return Synthesizer(voice, lexicon=lexicon).synthesize(text, rate, progress)


def stream_speech(
    text: str,
    voice: str = DEFAULT_VOICE,
    rate: float = 1.0,
    lexicon: Lexicon = None,
) -> Iterator[SpeechChunk]:
    """Yield the speech of a text as it is made; arguments and errors as in ``synthesize``."""
    _check_rate(rate)
    yield from Synthesizer(voice, lexicon=lexicon).stream(text, rate)


def _check_rate(rate: float) -> None:
    if not SLOWEST <= rate <= FASTEST:
        raise UsageError(
            f"A speaking rate of {rate} is out of range: choose {SLOWEST} to {FASTEST}."
        )


def _load_style(voice: KokoroVoice) -> np.ndarray:
    data = read_asset("lipwright.speech", voice.table, voice.sha256)
    return np.frombuffer(data, np.float32).reshape(-1, 1, 256)


def _find_sound(audio: np.ndarray, bounds: np.ndarray) -> tuple[int, int]:
    """Return the first and the last (exclusive) sample that sounds, by level and phone times."""
    loud = np.flatnonzero(np.abs(audio) > _SILENCE)
    if loud.size == 0:
        return int(bounds[0] * SAMPLE_RATE), int(bounds[-1] * SAMPLE_RATE)
    # A breath long before the first phone is not part of the speech.
    first = max(loud[0], int((bounds[0] - _LONGEST_PREVOICING) * SAMPLE_RATE))
    return int(first), int(loud[-1]) + 1


def _end_with_sound(bounds: np.ndarray, phonemes: str, end: float) -> np.ndarray:
    """Let the last spoken symbol end where its sound does; the model lets it run into silence."""
    spoken = len(phonemes.rstrip(" .,!?;:…—"))
    ended = bounds.copy()
    ended[: spoken + 1] = np.minimum(ended[: spoken + 1], end)
    return ended


def _fade_ends(audio: np.ndarray, length: int) -> np.ndarray:
    ramp = np.linspace(0.0, 1.0, min(length, audio.size // 2), dtype=np.float32)
    faded = audio.astype(np.float32, copy=True)
    faded[: ramp.size] *= ramp
    faded[faded.size - ramp.size :] *= ramp[::-1]
    return faded


def _to_gain(decibels: float) -> float:
    return 10 ** (decibels / 20)
