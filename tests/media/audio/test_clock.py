"""Sound keeps its container's clock."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from lipwright.media.audio.clock import Piece, keep_time


def test_what_comes_twice_is_heard_once() -> None:
    def pieces() -> Iterator[Piece]:
        for start in (0.0, 0.1, 0.2, 0.26, 0.36, 0.46, 0.56):  # 40 ms come again
            yield Piece(np.full((1, 1600), start + 1, np.float32), 16000, start, None)

    heard = np.concatenate([piece.samples[0] for piece in keep_time(pieces())])
    assert len(heard) == round(0.66 * 16000)
    assert heard[round(0.35 * 16000)] == np.float32(1.26)
    assert heard[round(0.37 * 16000)] == np.float32(1.36)


@pytest.mark.parametrize("leap", [-3.0, 60.0])
def test_a_clock_that_starts_anew_is_followed(leap: float) -> None:
    times = [*np.arange(10) / 10, *(np.arange(10, 20) / 10 + leap)]
    pieces = [Piece(np.ones((2, 800), np.float32), 8000, float(time), None) for time in times]
    heard = np.concatenate([piece.samples for piece in keep_time(pieces)], axis=1)
    assert heard.shape == (2, 16000) and heard.min() == 1


def of(time: float | None, length: int = 800) -> Piece:
    return Piece(np.ones((1, length), np.float32), 8000, time, None)


def length(pieces: list[Piece], **options: float) -> int:
    return sum(piece.length for piece in keep_time(pieces, **options))


def test_what_begins_early_is_cut_and_what_begins_late_is_led_up_to() -> None:
    pieces = [of(1.0), of(1.1), of(1.2)]
    assert length(pieces) == length(pieces, begin=1.0) == 2400
    assert length(pieces, begin=1.15) == 1200
    assert length(pieces, begin=0.5) == 2400 + 4000
    assert length(pieces, begin=-60.0) == 2400, "so late is not believed"
    assert length(pieces, begin=-60.0, latest=100.0) == 2400 + 61 * 8000


def test_pieces_without_times_are_where_the_others_end() -> None:
    assert length([of(0.0), of(None), of(0.2), of(None)]) == 3200
    assert length([of(0.0), of(None), of(0.4), of(None), of(0.6)]) == 4000 + 1600
    assert length([of(None), of(5.0), of(5.1)]) == 2400
