"""A speech in pieces is the whole speech, and its last curves are those of the whole."""

from __future__ import annotations

import numpy as np
from tests.helpers import speech_like

from lipwright.articulation import articulate
from lipwright.pipeline.live.spoken import spoken_pieces
from lipwright.speech import Phone, Speech, StreamingSpeech
from lipwright.speech.streaming import SpeechChunk

RATE = 44_100


def chunks() -> list[SpeechChunk]:
    """Two sentences with phones."""
    made = []
    for turn in range(2):
        start = turn * 1.5
        symbols = "mamabapapo"
        phones = [
            Phone(start + 0.1 + i * 0.12, start + 0.22 + i * 0.12, s) for i, s in enumerate(symbols)
        ]
        sound = speech_like(1.5, RATE, seed=turn)
        made.append(SpeechChunk(sound, RATE, start, tuple(phones), (turn + 1) / 2))
    return made


def test_the_sound_is_whole_and_the_curves_end_as_those_of_the_whole() -> None:
    made = chunks()
    pieces = list(spoken_pieces(StreamingSpeech(iter(made), RATE), RATE))
    sound = np.concatenate([piece.samples for piece in pieces])
    np.testing.assert_array_equal(sound, np.concatenate([chunk.samples for chunk in made]))
    rows = np.zeros((400, 9), np.float32)
    for piece in pieces:
        rows[piece.first : piece.first + len(piece.rows)] = piece.rows
    phones = [phone for chunk in made for phone in chunk.phones or ()]
    whole = articulate(Speech.from_samples(sound, RATE, phones)).curves
    np.testing.assert_allclose(rows[: len(whole)], whole, atol=1e-5)
    assert whole.max() > 0.1


def test_sound_is_resampled_without_a_gap() -> None:
    pieces = list(spoken_pieces(StreamingSpeech(iter(chunks()), RATE), 24_000))
    assert abs(sum(len(piece.samples) for piece in pieces) - 3 * 24_000) <= 1


def test_a_voice_without_phones_is_heard_as_a_whole() -> None:
    speech = Speech.from_samples(speech_like(2.0, 16_000), 16_000)
    (piece,) = spoken_pieces(speech, 16_000)
    assert piece.first == 0 and piece.rate == 50
    np.testing.assert_allclose(piece.rows, articulate(speech).curves, atol=1e-6)
