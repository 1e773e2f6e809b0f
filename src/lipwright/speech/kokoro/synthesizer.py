"""The offline voice: plan, speak chunk by chunk, join with natural pauses."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from lipwright.core.cancellation import check_cancelled
from lipwright.core.errors import UsageError, VoiceError
from lipwright.core.given import describe
from lipwright.core.readonly import read_only
from lipwright.media.audio.loudness import (
    PEAK_CEILING,
    TARGET_LUFS,
    limit_peaks,
    measure_loudness,
    to_gain,
)
from lipwright.media.audio.resample import resample
from lipwright.speech.cache import round_samples
from lipwright.speech.g2p.pronouncer import Pronouncer, read_lexicon
from lipwright.speech.kokoro.chunking import PAUSES, PhonemeChunk
from lipwright.speech.kokoro.model import SAMPLE_RATE, KokoroModel
from lipwright.speech.kokoro.planner import plan_script
from lipwright.speech.kokoro.voices import DEFAULT_VOICE, check_language, find_voice, load_style
from lipwright.speech.normalization.normalize import normalize
from lipwright.speech.script.script import Script, read_script
from lipwright.speech.speech import Phone, Speech
from lipwright.speech.streaming import SpeechChunk
from lipwright.speech.timing.word_alignment import words_from_phones

OUTPUT_RATE = 44100
SLOWEST, FASTEST = 0.5, 2.0

_LEAD_SECONDS = 0.08
_MARGIN_SECONDS = 0.04
_LONGEST_PREVOICING = 0.1
_FINAL_SILENCE_SECONDS = 0.25
_FADE_SECONDS = 0.01
_LONGEST_REST = 2.0
"""Seconds of a pause that are made with the words before it; the rest comes in blocks."""
_SILENT_BLOCK = read_only(np.zeros(5 * OUTPUT_RATE, np.float32))
"""Silence is given away in views of it, so that a long pause takes no memory."""
_LEVELLING = 4.0  # dB by which a chunk may differ from how loud its voice usually is
_SILENCE = 0.002  # of full scale: what counts as sound when the ends are trimmed

log = logging.getLogger("lipwright")

Lexicon = Mapping[str, str] | str | Path | None


class Synthesizer:
    """A loaded voice: keep one to speak many texts without loading the model again.

    Args:
        voice: an offline voice, "anika" or "kokoro:bf_emma".
        lexicon: pronunciations of one's own: a file (see ``read_lexicon``) or a mapping.
        threads: how many the model may use; None takes as many as are worth it.
        language: "en-IN", "en-US", "en-GB" or "hi-IN"; None is the voice's own.

    Raises:
        MissingExtraError: the weights are not installed.
        VoiceError: no such voice, one that is to be downloaded first, or no such language.
    """

    def __init__(
        self,
        voice: str = DEFAULT_VOICE,
        *,
        lexicon: Lexicon = None,
        threads: int | None = None,
        language: str | None = None,
    ) -> None:
        self.voice = find_voice(voice)
        self.language = self.voice.language if language is None else check_language(language)
        self._style = load_style(self.voice)
        self._pronouncer = Pronouncer(read_entries(lexicon), accent=self.language)
        self._model = KokoroModel(threads)

    def stream(
        self,
        text: str | Script,
        rate: float = 1.0,
        cut: Callable[[Iterator[PhonemeChunk]], Iterator[PhonemeChunk]] = iter,
    ) -> Iterator[SpeechChunk]:
        """Yield the speech of ``text`` chunk by chunk, about a sentence each, near -16 LUFS.

        ``cut`` makes shorter chunks of those, such as ``shorten_first``, so that sound is there
        sooner.

        Raises:
            UsageError: ``rate`` is not within 0.5 to 2.
            VoiceError: there is nothing in the text that can be spoken.
        """
        check_rate(rate)
        chunks = plan_script(self._read(text), self._pronouncer)
        start = 0.0
        for chunk, last in _mark_last(cut(iter(chunks))):
            check_cancelled()
            pause = PAUSES[chunk.ending] / rate if chunk.pause is None else chunk.pause
            if last:
                pause = max(chunk.pause or 0.0, _FINAL_SILENCE_SECONDS)
            spoken, phones = self._speak(chunk, rate, min(pause, _LONGEST_REST))
            for samples in _then_silence(round_samples(spoken), pause - _LONGEST_REST):
                shifted = tuple(Phone(start + p.start, start + p.end, p.symbol) for p in phones)
                yield SpeechChunk(samples, OUTPUT_RATE, start, shifted, chunk.done)
                start, phones = start + samples.size / OUTPUT_RATE, []

    def synthesize(
        self,
        text: str | Script,
        rate: float = 1.0,
        progress: Callable[[float], None] | None = None,
    ) -> Speech:
        """Speak ``text`` as one ``Speech`` at 44.1 kHz and -16 LUFS; see ``stream``."""
        script = self._read(text)
        pieces: list[np.ndarray] = []
        phones: list[Phone] = []
        for chunk in self.stream(script, rate):
            pieces.append(chunk.samples)
            phones.extend(chunk.phones or ())
            if progress:
                progress(chunk.done)
        return self.finish(Speech.from_samples(np.concatenate(pieces), OUTPUT_RATE, phones), script)

    def stop(self) -> None:
        """Break off what is being spoken, from another thread; nothing is spoken afterwards."""
        self._model.stop()

    def finish(self, speech: Speech, script: Script) -> Speech:
        """Join the chunks of a script with its written words."""
        phones = speech.phones or ()
        written = " ".join(script.plain.split())
        words = words_from_phones(phones, written, self._say)
        return Speech.from_samples(speech.samples, speech.rate, phones, written, words)

    def _read(self, text: str | Script) -> Script:
        if isinstance(text, Script):
            return text
        check_text(text)
        return read_script(text, language=self.language)

    def _say(self, written: str) -> str:
        """Return the phonemes of a piece of text by itself, "" where it cannot be spoken."""
        try:
            return " ".join(self._pronouncer.pronounce(normalize(written, self.language)))
        except VoiceError:
            return ""

    def _speak(
        self, chunk: PhonemeChunk, rate: float, pause: float
    ) -> tuple[np.ndarray, list[Phone]]:
        """Speak one chunk: samples at 44.1 kHz ending in ``pause`` seconds of rest, and phones."""
        if not chunk.phonemes:  # a rest before the first word
            return np.zeros(int(pause * OUTPUT_RATE), np.float32), []
        audio, bounds = self._model.speak(chunk.phonemes, self._style, rate * chunk.rate)
        first, last = _find_sound(audio, bounds)
        bounds = _end_with_sound(bounds, chunk.phonemes, last / SAMPLE_RATE + _MARGIN_SECONDS)
        first = max(0, first - int(_LEAD_SECONDS * SAMPLE_RATE))
        last = min(audio.size, last + int(_MARGIN_SECONDS * SAMPLE_RATE))
        audio = _fade_ends(audio[first:last], int(_FADE_SECONDS * SAMPLE_RATE))
        rest = np.zeros(int(pause * SAMPLE_RATE), np.float32)
        audio = resample(np.concatenate((audio, rest)), SAMPLE_RATE, OUTPUT_RATE)
        audio = self._set_loudness(audio)
        times = np.clip(bounds - first / SAMPLE_RATE, 0.0, audio.size / OUTPUT_RATE).tolist()
        phones = [
            Phone(begin, end, symbol)
            for begin, end, symbol in zip(times, times[1:], chunk.phonemes, strict=False)
        ]
        return audio, phones

    def _set_loudness(self, audio: np.ndarray) -> np.ndarray:
        """Bring one chunk to -16 LUFS, as far as that takes only a small change.

        A single short word has no meaningful loudness.
        """
        usual = audio * np.float32(to_gain(self.voice.gain_db))
        lacking = TARGET_LUFS - measure_loudness(usual, OUTPUT_RATE)
        if not np.isfinite(lacking):
            return usual
        gain = to_gain(float(np.clip(lacking, -_LEVELLING, _LEVELLING)))
        return limit_peaks(usual * np.float32(gain), PEAK_CEILING)


def _mark_last(chunks: Iterable[PhonemeChunk]) -> Iterator[tuple[PhonemeChunk, bool]]:
    """Yield each chunk, and whether it is the last one."""
    waiting: PhonemeChunk | None = None
    for chunk in chunks:
        if waiting is not None:
            yield waiting, False
        waiting = chunk
    if waiting is not None:
        yield waiting, True


def _then_silence(samples: np.ndarray, seconds: float) -> Iterator[np.ndarray]:
    """Yield samples, and then so many seconds of silence in blocks."""
    yield samples
    missing = round(seconds * OUTPUT_RATE)
    while missing > 0:
        yield _SILENT_BLOCK[:missing]
        missing -= _SILENT_BLOCK.size


def read_entries(lexicon: Lexicon) -> dict[str, str]:
    """Return a lexicon as a mapping, word to sounds. Raises VoiceError for an invalid file."""
    return read_lexicon(lexicon) if isinstance(lexicon, str | Path) else dict(lexicon or {})


def check_text(text: str) -> None:
    """Raise VoiceError for an empty text, UsageError for what is no text."""
    if not isinstance(text, str):
        raise UsageError(f"The text to speak is {describe(text)}: give a str or a Script.")
    if not text.strip():
        raise VoiceError("The text to speak is empty: write at least one word.")


def check_rate(rate: float) -> None:
    """Raise UsageError for a speaking rate out of range."""
    if not SLOWEST <= rate <= FASTEST:
        raise UsageError(
            f"A speaking rate of {rate} is out of range: choose {SLOWEST} to {FASTEST}."
        )


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
