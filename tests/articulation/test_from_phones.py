"""Phones to curves: what must hold for any text."""

from __future__ import annotations

import time

import numpy as np
import pytest

from lipwright.articulation import CHANNELS, Articulation, articulate
from lipwright.articulation.constraints import CLOSING_SPEED, OPENING_SPEED, limit_speed
from lipwright.articulation.from_phones import RATE, articulate_phones
from lipwright.articulation.phone_segments import build_segments
from lipwright.articulation.viseme_targets import EXPANSIONS, TARGETS
from lipwright.speech.speech import Phone, Speech

KOKORO_SYMBOLS = (
    "AIOQSTWYᵊabcdefhijklmnopqrstuvwxyzɑɐɒæβɔɕçɖðʤəɚɛɜɟɡɥɨɪʝɯɰŋɳɲɴøɸθœɹɾɻʁɽʂʃʈʧʊʋʌɣɤχʎʒʔʣʥʦʨꭧᵻ"
)


def spoken(symbols: str, step: float = 0.07, start: float = 0.3) -> list[Phone]:
    return [
        Phone(start + index * step, start + (index + 1) * step, symbol)
        for index, symbol in enumerate(symbols)
    ]


def opening(result: Articulation, times: np.ndarray | float) -> np.ndarray:
    curves = result.at(times)
    return curves[:, CHANNELS.index("gap")] + curves[:, CHANNELS.index("drop")]


SENTENCE = "pˈipəl mˈA hæv pɹˈɑbləmz wɪð mˈuvɪŋ bˈOθ lˈɪps, ʃˈi sˈɛd. fˈIv vˈæn bˈæbi mˈʌmi."


@pytest.mark.parametrize("step", [0.03, 0.05, 0.08, 0.15])
def test_bilabials_are_closed_at_their_centres(step: float) -> None:
    phones = spoken(SENTENCE, step)
    result = articulate_phones(phones, phones[-1].end + 0.3)
    for phone in phones:
        if phone.symbol in "mbp":
            assert opening(result, (phone.start + phone.end) / 2)[0] < 1e-4, phone


@pytest.mark.parametrize("phase", [0.0, 0.011, 0.023, 0.037])
def test_a_frame_at_25_fps_shows_every_bilabial(phase: float) -> None:
    phones = [
        Phone(phone.start + phase, phone.end + phase, phone.symbol)
        for phone in spoken("abapamabaʔapa", 0.06)
    ]
    result = articulate_phones(phones, 2.0)
    for phone in phones:
        if phone.symbol in "mbp":
            frames = np.arange(int(phone.start * 25) - 1, int(phone.end * 25) + 2) / 25
            assert opening(result, frames).min() < 1e-4, phone


def test_vowels_open_and_tell_apart() -> None:
    middle = 0.3 + 1.5 * 0.12
    shapes = {
        vowel: dict(zip(CHANNELS, articulate_phones(spoken(f"t{vowel}t", 0.12), 1).at(middle)[0],
                        strict=True))
        for vowel in "aiuo"
    }  # fmt: skip
    assert shapes["a"]["gap"] > 1.8 * shapes["i"]["gap"] > 0
    assert shapes["a"]["jaw"] > 1.8 * shapes["i"]["jaw"]
    assert shapes["i"]["spread"] > 0.02 > shapes["u"]["spread"]
    assert shapes["u"]["round"] > 0.12 > 0.05 > shapes["i"]["round"]


def test_rounding_is_anticipated() -> None:
    onset = 0.3 + 0.5 * 0.08
    rounding = CHANNELS.index("round")
    before_u = articulate_phones(spoken("stu", 0.08), 1).at(onset)[0, rounding]
    before_i = articulate_phones(spoken("sti", 0.08), 1).at(onset)[0, rounding]
    assert before_u > before_i + 0.02


def test_fast_speech_undershoots() -> None:
    def peak(step: float) -> float:
        return float(articulate_phones(spoken("tatatatat", step), 2).channel("gap").max())

    assert peak(0.04) < 0.85 * peak(0.12)


def test_lower_lip_meets_the_teeth_in_f_and_v() -> None:
    result = articulate_phones(spoken("afavaf", 0.09), 1.2)
    for index in (1, 3):
        at_centre = dict(zip(CHANNELS, result.at(0.3 + (index + 0.4) * 0.09)[0], strict=True))
        assert at_centre["tuck"] > 0.8
        assert at_centre["drop"] < 0.005
        assert at_centre["gap"] - at_centre["raise"] < 0.02


def test_silence_is_exactly_closed() -> None:
    phones = [*spoken("alo.", 0.08), *spoken("alo.", 0.08, start=2.0)]
    result = articulate_phones(phones, 4.0)
    assert not result.at(np.array([0.0, 1.0, 1.4, 1.7, 3.0, 3.9])).any()


@pytest.mark.parametrize("phones", [[], [Phone(0.1, 0.4, ".")], [Phone(0.1, 0.2, "ˈ")]])
def test_nothing_said_nothing_moves(phones: list[Phone]) -> None:
    result = articulate_phones(phones, 1.0)
    assert len(result.curves) == 101
    assert not result.curves.any()


def test_lips_never_outrun_their_speed() -> None:
    gap = articulate_phones(spoken(SENTENCE, 0.05), 6).channel("gap")
    steps = np.diff(gap.astype(np.float64)) * RATE
    assert steps.max() <= OPENING_SPEED + 1e-3
    assert steps.min() >= -CLOSING_SPEED - 1e-3


def test_speed_limit_only_lowers() -> None:
    values = np.random.default_rng(1).random(400)
    limited = limit_speed(values, 100.0, 2.0, 3.0)
    assert (limited <= values + 1e-9).all()
    assert np.diff(limited).max() <= 0.02 + 1e-9
    assert np.diff(limited).min() >= -0.03 - 1e-9
    slow = np.linspace(0, 0.1, 50)
    np.testing.assert_allclose(limit_speed(slow, 100.0, 2.0, 3.0), slow, atol=1e-12)


def test_every_kokoro_symbol_is_known() -> None:
    unknown = [symbol for symbol in KOKORO_SYMBOLS if symbol not in TARGETS.index | EXPANSIONS]
    assert unknown == []
    for parts in EXPANSIONS.values():
        assert all(part in TARGETS.index for part in parts)


def test_strange_symbols_do_no_harm() -> None:
    phones = spoken("★aɪ̯🙂oː mˈʌ̃", 0.06) + [Phone(1.2, 1.3, "tʃ"), Phone(1.3, 1.3, "")]
    curves = articulate_phones(phones, 1.5).curves
    assert np.isfinite(curves).all()
    assert curves.min() > -0.05


def test_stress_time_belongs_to_the_vowel() -> None:
    segments = build_segments([Phone(0, 0.1, "p"), Phone(0.1, 0.15, "ˈ"), Phone(0.15, 0.2, "a")], 1)
    vowel = next(segment for segment in segments if segment.symbol == "a")
    assert (vowel.start, vowel.end) == (0.1, 0.2)
    assert vowel.gain > 1


def test_segments_leave_no_hole() -> None:
    phones = [*spoken("alo,", 0.08), *spoken("mAbi.", 0.08, start=1.5)]
    segments = build_segments(phones, 3.0)
    for previous, following in zip(segments, segments[1:], strict=False):
        assert following.start - previous.end <= 0.12 + 1e-9
    assert segments[0].start < 0 and segments[-1].end > 3.0


def test_same_phones_same_curves() -> None:
    first = articulate_phones(spoken(SENTENCE), 8).curves
    second = articulate_phones(spoken(SENTENCE), 8).curves
    np.testing.assert_array_equal(first, second)


def test_an_hour_takes_seconds() -> None:
    symbols = SENTENCE * int(3600 / 0.08 / len(SENTENCE))
    begun = time.perf_counter()
    result = articulate_phones(spoken(symbols, 0.08), 3600)
    assert time.perf_counter() - begun < 30
    assert len(result.curves) == 360_001
    assert np.isfinite(result.curves).all()


def test_articulate_uses_the_phones() -> None:
    phones = spoken("mama", 0.1)
    speech = Speech.from_samples(np.zeros(16_000, np.float32), 16_000, phones)
    shares: list[float] = []
    result = articulate(speech, progress=shares.append)
    np.testing.assert_array_equal(result.curves, articulate_phones(phones, 1.0).curves)
    assert shares[-1] == 1.0


def test_articulation_between_and_outside_its_rows() -> None:
    curves = np.zeros((3, 9), np.float32)
    curves[1] = 1.0
    result = Articulation(10.0, curves)
    between = result.at(np.array([0.05, 0.1, 0.15]))[:, 0]
    np.testing.assert_allclose(between, [0.5, 1.0, 0.5], atol=1e-6)
    assert not result.at(np.array([-0.1, 0.3, 99.0])).any()
    assert result.duration == pytest.approx(0.2)
    with pytest.raises(TypeError):
        Articulation(10.0, np.zeros((3, 8), np.float32))
