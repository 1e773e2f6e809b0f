"""A voice that is kept, texts that come in pieces, and speaking that is cancelled."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import lipwright
from lipwright.speech.sentences import LONGEST, whole_sentences
from lipwright.speech.speech import Speech

pytest.importorskip("misaki")

TEXT = 'Hello Dr. Rao. How are "you?" I paid Rs. 5.50 to A. K. Sen today! नमस्ते। Fine'
SENTENCES = [
    "Hello Dr. Rao.",
    'How are "you?"',
    "I paid Rs. 5.50 to A. K. Sen today!",
    "नमस्ते।",
    "Fine",
]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_sentences_are_the_same_however_they_are_cut(size):
    pieces = [TEXT[start : start + size] for start in range(0, len(TEXT), size)]
    assert list(whole_sentences(pieces)) == SENTENCES


def test_a_sentence_comes_before_the_next_piece_is_asked_for():
    def pieces():
        yield "One. Tw"
        pytest.fail("the first sentence was whole")

    assert next(whole_sentences(pieces())) == "One."


def test_a_text_without_an_end_is_cut():
    parts = list(whole_sentences("word " for _ in range(1000)))
    assert len(parts) > 2 and max(map(len, parts)) <= LONGEST
    assert " ".join(parts).split() == ["word"] * 1000


def test_a_voice_is_loaded_once(monkeypatch):
    from lipwright.speech.kokoro import model

    voice = lipwright.Voice("anika", cache=False)
    first = voice.synthesize("Hello.")
    monkeypatch.setattr(model, "open_written", None)  # no network is opened again
    monkeypatch.setattr("lipwright.speech.g2p.dictionary._read", None)
    second = voice.synthesize("Hello.")
    assert np.array_equal(first.samples, second.samples)
    assert lipwright.synthesize("Hi.", cache=False).duration > 0.2


def test_pieces_are_spoken_before_the_text_ends():
    go_on = threading.Event()

    def pieces():
        yield from ("Hel", "lo Ravi. Th")
        assert go_on.wait(60)
        yield "ank you."

    speech = lipwright.Voice("anika").speak_pieces(pieces())
    first = next(speech.blocks(speech.rate))
    assert first.size and not go_on.is_set()
    go_on.set()
    assert speech.transcript == "Hello Ravi. Thank you."
    assert speech.words is not None and speech.phones is not None
    assert [word.text for word in speech.words] == ["Hello", "Ravi.", "Thank", "you."]
    starts = [phone.start for phone in speech.phones]
    assert starts == sorted(starts) and speech.phones[-1].end <= speech.duration + 1e-6


@pytest.mark.parametrize("wrong", ["text", None, 5])
def test_pieces_that_are_none(wrong):
    with pytest.raises(lipwright.UsageError, match="pieces"):
        lipwright.Voice().speak_pieces(wrong)


def test_a_piece_that_is_no_text():
    with pytest.raises(lipwright.UsageError, match="piece"):
        lipwright.Voice().speak_pieces([b"bytes"]).result()  # type: ignore[list-item]


def test_a_voice_of_a_service_speaks_no_pieces():
    with pytest.raises(lipwright.UsageError, match="offline"):
        lipwright.Voice("edge:en-IN-NeerjaNeural").speak_pieces(["Hello."])


def test_speaking_is_cancelled():
    token = lipwright.CancelToken()
    text = "We are here to guide you today through many things. " * 20
    with pytest.raises(lipwright.Cancelled):
        lipwright.synthesize(text, cache=False, progress=lambda _: token.cancel(), cancel=token)


@pytest.mark.parametrize(
    ("kind", "full"), [("int8", 64), ("int16", 16384), ("int32", 2**30), ("uint8", 192)]
)
def test_integer_samples_are_scaled(kind, full):
    speech = Speech.from_samples(np.full(10, full, kind), 8000)
    assert speech.samples.dtype == np.float32
    assert speech.samples.max() == pytest.approx(0.5)


@pytest.mark.parametrize("wrong", [None, "text", [1, 2], np.zeros(4, bool), [[1], [1, 2]]])
def test_samples_that_are_none(wrong):
    with pytest.raises(lipwright.UsageError, match="float32"):
        Speech.from_samples(wrong, 8000)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked on Unix alone")
def test_a_forked_process_speaks_too():
    code = (
        "import os, lipwright\n"
        "say = lambda: lipwright.synthesize('Yes.', cache=False).samples.tobytes()\n"
        "said = say()\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    os._exit(0 if say() == said else 1)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=120)
