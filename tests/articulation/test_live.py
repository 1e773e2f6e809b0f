"""Lips that follow a microphone within 0.4 s do nearly what those of the whole recording do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lipwright.articulation import CHANNELS, articulate
from lipwright.articulation.live import DELAY, LiveArticulator
from lipwright.media.audio.decode import decode_blocks
from lipwright.speech import Speech

RATE = 16_000
CLIP = Path(__file__).parent / "clips" / "british_woman.flac"
GAP = CHANNELS.index("gap")


@pytest.fixture(scope="module")
def clip() -> np.ndarray:
    return np.concatenate(list(decode_blocks(CLIP, RATE)))


@pytest.fixture(scope="module")
def articulator() -> LiveArticulator:
    return LiveArticulator()


def listen(articulator: LiveArticulator, samples: np.ndarray, size: int) -> list[np.ndarray]:
    articulator.restart()
    return [articulator.push(samples[at : at + size]) for at in range(0, len(samples), size)]


def test_each_row_is_there_in_time(articulator: LiveArticulator, clip: np.ndarray) -> None:
    heard = rows = 0
    for piece in listen(articulator, clip, 320):
        heard, rows = heard + 320, rows + len(piece)
        # whoever shows sound DELAY late knows the row of the moment that is heard
        assert rows / 50 >= heard / RATE - DELAY - 0.02


def test_the_lips_are_nearly_those_of_the_whole(
    articulator: LiveArticulator, clip: np.ndarray
) -> None:
    live = np.concatenate(listen(articulator, clip, 1280))
    whole = articulate(Speech.from_samples(clip, RATE)).curves
    count = min(len(live), len(whole))
    assert np.corrcoef(live[75:count, GAP], whole[75:count, GAP])[0, 1] > 0.96
    assert whole[:, GAP].max() > 0.15
    shut = whole[:count, GAP] < 0.005
    assert np.mean(live[:count, GAP][shut] > 0.05) < 0.02


def test_no_lip_jumps_where_sound_was_cut(articulator: LiveArticulator, clip: np.ndarray) -> None:
    live = np.concatenate(listen(articulator, clip, 1280))
    assert np.abs(np.diff(live[:, GAP])).max() < 0.16  # mouth widths in 20 ms


def test_pieces_of_any_size_give_the_same(articulator: LiveArticulator, clip: np.ndarray) -> None:
    small = np.concatenate(listen(articulator, clip[: 2 * RATE], 160))
    large = np.concatenate(listen(articulator, clip[: 2 * RATE], 7777))
    count = min(len(small), len(large))
    assert count > 50
    np.testing.assert_array_equal(small[:count], large[:count])
