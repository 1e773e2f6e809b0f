"""The alignment behind the training targets, on sequences whose warp is known."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from lipwright.speech.speech import Phone

FOLDER = Path(__file__).resolve().parents[2] / "training" / "articulation"


@pytest.fixture
def align(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import align

    yield align
    sys.modules.pop("align", None)


def test_words_are_what_spaces_keep_apart(align) -> None:
    phones = [
        Phone(0.0, 0.1, "b"),
        Phone(0.1, 0.2, "ɪ"),
        Phone(0.2, 0.25, " "),
        Phone(0.25, 0.4, "m"),
        Phone(0.4, 0.5, "."),
    ]
    assert align.word_spans(phones) == [(0.0, 0.2), (0.25, 0.4)]


def test_a_known_warp_is_found(align) -> None:
    """A second recording that says the first word faster and the second more slowly."""
    rng = np.random.default_rng(0)
    kernel = np.hanning(9) / np.hanning(9).sum()
    first = np.stack([np.convolve(rng.standard_normal(200), kernel, "same") for _ in range(20)], 1)
    knots = np.array([0.0, 40, 60, 150, 199])
    true = np.interp(np.arange(210), [0, 30, 55, 165, 209], knots)
    second = np.stack([np.interp(true, np.arange(200), band) for band in first.T], 1)
    second += 0.05 * rng.standard_normal(second.shape)
    path = align.align_words(first, second, [(0.1, 0.6), (0.6, 1.5)], [(0.1, 0.55), (0.55, 1.65)])
    assert np.abs(path - true)[10:-10].mean() < 2.0
    assert (np.diff(path) >= 0).all()


def test_phones_move_with_the_path(align) -> None:
    path = np.arange(100) * 2.0
    moved = align.move_phones([Phone(0.1, 0.3, "a"), Phone(0.3, 0.5, "m")], path)
    assert [(p.start, p.end, p.symbol) for p in moved] == [
        (pytest.approx(0.2), pytest.approx(0.6), "a"),
        (pytest.approx(0.6), pytest.approx(1.0), "m"),
    ]


def test_other_numbers_of_words_are_refused(align) -> None:
    frames = np.zeros((50, 4))
    with pytest.raises(ValueError, match="1 words against 2"):
        align.align_words(frames, frames, [(0.1, 0.2)], [(0.1, 0.2), (0.2, 0.3)])
