"""WAV files are written as their sound comes."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lipwright.core.errors import MediaError
from lipwright.media.audio.wav_writer import write_wav
from tests.helpers import speech_like

RATE = 16_000


def test_pieces_give_the_file_of_the_whole(tmp_path):
    sound = speech_like(1.0)
    write_wav(tmp_path / "whole.wav", sound, RATE, {"ICMT": "test"})
    write_wav(tmp_path / "pieces.wav", iter(np.array_split(sound, 7)), RATE, {"ICMT": "test"})
    assert (tmp_path / "pieces.wav").read_bytes() == (tmp_path / "whole.wav").read_bytes()


def test_no_pieces_are_an_empty_file(tmp_path):
    write_wav(tmp_path / "empty.wav", iter(()), RATE)
    assert (tmp_path / "empty.wav").stat().st_size == 44


def test_long_sound_is_never_in_memory_as_a_whole(tmp_path):
    piece = np.zeros(50_000, np.float32)
    tracemalloc.start()
    try:
        write_wav(tmp_path / "long.wav", (piece for _ in range(200)), RATE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tmp_path / "long.wav").stat().st_size == 44 + 2 * 200 * piece.size
    assert peak < 3_000_000


def test_nothing_is_left_where_the_sound_breaks_off(tmp_path):
    def broken() -> Iterator[np.ndarray]:
        yield np.zeros(100, np.float32)
        raise MediaError("The voice is gone: try again.")

    with pytest.raises(MediaError, match="gone"):
        write_wav(Path(tmp_path / "broken.wav"), broken(), RATE)
    assert not list(tmp_path.iterdir())
