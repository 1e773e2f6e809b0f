"""The windows that the heads are trained on: targets stay where their sounds are."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lipwright.speech.speech import Phone
from tests.helpers import speech_like

FOLDER = Path(__file__).resolve().parents[2] / "training" / "articulation"
MODULES = (
    "align",
    "held_out",
    "log_mel",
    "corpus",
    "nonspeech",
    "augment",
    "windows",
    "spontaneous",
)
RATE = 16_000


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield SimpleNamespace(**{name: importlib.import_module(name) for name in MODULES})
    for name in MODULES:
        sys.modules.pop(name, None)


def clip_of(training: SimpleNamespace):
    """Three seconds with a bilabial in their middle."""
    phones = [Phone(0.2, 1.4, "a"), Phone(1.4, 1.6, "m"), Phone(1.6, 2.8, "a"), Phone(2.8, 3, ".")]
    targets, labels = training.corpus.phone_targets(phones, 3.0, 150)
    weights = np.ones(150, np.float32)
    return training.corpus.Clip("made/up", False, targets, weights, labels, speech_like(3.0))


def test_targets_of_phones_say_when_lips_are_closed_and_who_speaks(training) -> None:
    clip = clip_of(training)
    assert clip.targets.shape == (150, training.corpus.COLUMNS)
    closed = np.flatnonzero(clip.targets[:, training.corpus.CLOSED_COLUMN] > 0.9) / 50
    assert closed.size and closed.min() > 1.25 and closed.max() < 1.65
    speaking = clip.targets[:, training.corpus.SPEAKING_COLUMN]
    assert speaking[75] == 1 and speaking[-1] < 0.5


def test_a_plain_window_holds_the_utterance_and_its_targets_together(training) -> None:
    clip = clip_of(training)
    window = training.windows.empty_window("kokoro")
    rows = training.windows.lay_down(window, clip, 100, np.random.default_rng(0), plain=True)
    assert rows == 150
    np.testing.assert_allclose(window.targets[100:249, 0], clip.targets[:149, 0], atol=1e-6)
    heard = window.clean[100 * 320 : 250 * 320]
    assert np.corrcoef(heard, clip.samples[: len(heard)])[0, 1] > 0.999
    assert not window.clean[: 100 * 320].any()


@pytest.mark.parametrize("source", ["kokoro", "nobody"])
@pytest.mark.parametrize("seed", range(4))
def test_windows_of_every_kind_are_sound_and_known(training, source: str, seed: int) -> None:
    windows, rng = training.windows, np.random.default_rng(seed)
    clip = clip_of(training)
    window = windows.compose(source, [clip], rng, plain=False)
    windows.finish(window, [clip.samples], rng)
    assert window.heard.shape == window.clean.shape == (windows.SAMPLES,)
    assert np.isfinite(window.heard).all() and np.abs(window.heard).max() > 0
    spoken = window.targets[:, training.corpus.SPEAKING_COLUMN]
    assert (np.nanmax(spoken) == 0) == (source == "nobody")


@pytest.mark.parametrize("index", range(4))
def test_what_a_codec_delays_is_brought_back(training, index: int) -> None:
    name, container, rates, widths = training.augment.CODECS[index]
    sound = speech_like(2.0)
    coded = training.augment.through_codec(sound, name, container, rates[-1], widths[0])
    lags = range(-80, 81)
    agreement = [np.dot(sound[400:-400], np.roll(coded, -lag)[400:-400]) for lag in lags]
    assert abs(lags[int(np.argmax(agreement))]) <= 2


def test_another_throat_keeps_the_times(training) -> None:
    sound = np.concatenate([np.zeros(RATE), speech_like(1.0), np.zeros(RATE)])
    for change in (
        training.augment.another_throat,
        training.augment.whisper,
        training.augment.sing,
    ):
        changed = change(sound, np.random.default_rng(0))
        assert len(changed) == len(sound)
        energy = np.square(changed).reshape(30, -1).sum(axis=1)
        assert energy[10:20].sum() > 0.9 * energy.sum()


def test_unprepared_sentences_are_said_with_known_words(training) -> None:
    """A word that the dictionary lacks would be left out without a trace."""
    words = {word: "a" for word in "i you the a my of movie want make believe open memory".split()}
    said = training.spontaneous.pronounce
    assert said("movies", words) == "az" and said("wanted", words) == "ad"
    assert said("believed", words) == "ad" and said("memories", words) == "az"
    assert said("unknown", words) == ""
