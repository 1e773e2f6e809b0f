"""Kokoro-82M (int8, ONNX): phonemes to sound, with the duration of every phoneme.

The model is StyleTTS 2 by hexgrad (Apache-2.0).
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from lipwright.core.cores import voice_threads
from lipwright.core.onnx import Interruptible, open_written
from lipwright.core.process_wide import ProcessWide
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
RUNS_BETWEEN_SHRINKING = 8
"""The memory of a run is kept for later ones. Sentences differ in length, so that it is cut into
pieces that fit fewer and fewer of them, and grows: by 90 MB in 500 sentences. To have it made anew
now and then takes less than a hundredth of the time."""


class KokoroModel:
    """The network, loaded once in a process: about 0.3 GB of memory from then on.

    Raises:
        MissingExtraError: the weights are not installed.
        VoiceError: the weights are not the ones this code was written for.
    """

    def __init__(self, threads: int | None = None) -> None:
        """threads: None takes as many as are worth it."""
        self._network = Interruptible(_session(threads or voice_threads()))

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
        audio, frames = self._network.run(feeds, next(_runs) % RUNS_BETWEEN_SHRINKING == 0)
        ends = np.cumsum(frames.ravel(), dtype=np.float64) * FRAME_SECONDS
        return audio.ravel(), np.maximum(ends[:-1] - LAG_SECONDS, 0.0)


_runs = count(1)
_sessions = ProcessWide["InferenceSession"](most=1)
"""By the number of threads."""


def _session(threads: int) -> InferenceSession:
    """Open the network, or return the one that is open."""
    return _sessions.get(threads, lambda: open_written(*read_graph(), threads))
