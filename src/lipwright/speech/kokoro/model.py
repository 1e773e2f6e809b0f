"""Kokoro-82M (int8, ONNX): phonemes to sound, with the duration of every phoneme.

The model is StyleTTS 2 by hexgrad (Apache-2.0).
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.onnx import Interruptible, open_written
from lipwright.speech.g2p.phoneme_alphabet import token_numbers
from lipwright.speech.kokoro.weights import read_graph

if TYPE_CHECKING:
    from lipwright.core.onnx import InferenceSession

SAMPLE_RATE = 24000
MAX_PHONEMES = 510 - 2
"""A voice table has 510 rows, and the model wants a pad token at either end."""
FRAME_SECONDS = 0.025
LAG_SECONDS = 0.0625
"""The model's durations stand this much later than the sound they describe (measured)."""

_opening = threading.Lock()


class KokoroModel:
    """The network, loaded once in a process: about 0.3 GB of memory from then on.

    Raises:
        MissingExtraError: the weights are not installed.
        VoiceError: the weights are not the ones this code was written for.
    """

    def __init__(self, threads: int = 2) -> None:
        with _opening:
            session = _session(threads)
        self._network = Interruptible(session)

    def stop(self) -> None:
        """Break off what is being spoken, from another thread; nothing is spoken afterwards."""
        self._network.stop()

    def speak(
        self, phonemes: str, style: np.ndarray, rate: float = 1.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Speak at most ``MAX_PHONEMES`` known symbols.

        Args:
            phonemes: symbols of Kokoro's alphabet.
            style: a voice table, float32 (510, 1, 256); the number of symbols chooses its row.
            rate: 2.0 is twice as fast.

        Returns:
            The sound, float32 (n,) at ``SAMPLE_RATE``, and the boundaries in seconds, float64
            (len(phonemes) + 1,): symbol i sounds from boundary i to i + 1. Silence or breath comes
            before the first and after the last.
        """
        numbers = token_numbers()
        tokens = np.array([[0, *(numbers[symbol] for symbol in phonemes), 0]], np.int64)
        feeds = {
            "tokens": tokens,
            "style": style[len(phonemes) - 1],
            "speed": np.array([rate], np.float32),
        }
        audio, frames = self._network.run(feeds)
        ends = np.cumsum(frames.ravel(), dtype=np.float64) * FRAME_SECONDS
        return audio.ravel(), np.maximum(ends[:-1] - LAG_SECONDS, 0.0)


_sessions: dict[tuple[int, int], InferenceSession] = {}
"""By process and threads. One of this process alone is kept, and any number of runs share it; those
of a process that this one was forked from stay, for closing them would wait for threads that are
not there."""


def _session(threads: int) -> InferenceSession:
    """Open the network, or return the one that is open."""
    process = os.getpid()
    if (process, threads) not in _sessions:
        for known in [key for key in _sessions if key[0] == process]:
            del _sessions[known]
        _sessions[process, threads] = open_written(*read_graph(), threads)
    return _sessions[process, threads]
