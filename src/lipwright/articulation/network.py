"""The shipped network: opened, checked, and fed in blocks with enough context around them."""

from __future__ import annotations

import json

import numpy as np

from lipwright.articulation.log_mel import MEL_BANDS, SILENT_FEATURE
from lipwright.core.assets import read_asset
from lipwright.core.onnx import open_session

MODEL_NAME = "articulation.onnx"
# Made by training/articulation/export.py.
MODEL_SHA256 = "464e3f07cd137a767ac03f6e4ced521fd6e01876d4d2cf892ed4a72cbd8ed4e9"
OUTPUT_RATE = 50.0
"""Rows per second that the network answers."""

# Columns after the nine of CHANNELS.
REAL_OPENING, REAL_WIDTH, REAL_CHIN, CLOSED, SPEAKING, TUCKED, CONTACT = range(9, 16)
COLUMNS = 16
_BLOCK_FRAMES = 1000
_DEEP_SILENCE = -3.0
"""Mean feature of a frame some 40 dB weaker than the speech: nobody speaks, whatever follows."""
_AROUND = 3


class ArticulationModel:
    """Normalised log-mel frames at 100 Hz in, rows of the network's COLUMNS at 50 Hz out."""

    def __init__(self) -> None:
        self._session = open_session(read_asset("lipwright.articulation", MODEL_NAME, MODEL_SHA256))
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.prior = np.array(json.loads(metadata["prior"]), np.float32)
        self._left = int(metadata["left_context"])
        self._right = int(metadata["right_context"])
        self._pending = np.full((self._left, MEL_BANDS), SILENT_FEATURE, np.float32)

    def push(self, frames: np.ndarray) -> np.ndarray:
        """Return the rows float32 (N, COLUMNS) known now; keep what the next need."""
        self._pending = np.concatenate([self._pending, frames])
        answers = []
        while True:
            ready = len(self._pending) - self._left - self._right
            ready = min(ready - ready % 2, _BLOCK_FRAMES)
            if ready < 2:
                break
            window = self._pending[: self._left + ready + self._right - 1]
            rows = self._session.run(None, {"features": window[None]})[0][0]
            rows[self._deeply_silent(window, len(rows)), SPEAKING] = 0.0
            answers.append(rows)
            self._pending = self._pending[ready:].copy()
        return np.concatenate(answers) if answers else np.zeros((0, COLUMNS), np.float32)

    def _deeply_silent(self, window: np.ndarray, count: int) -> np.ndarray:
        """Rows all of whose frames within 30 ms are deep silence, bool (count,)."""
        loudness: np.ndarray = window[self._left - _AROUND :].mean(axis=1)
        silent = np.less(loudness, _DEEP_SILENCE)
        near = np.lib.stride_tricks.sliding_window_view(silent, 2 * _AROUND + 1)
        result: np.ndarray = np.all(near, axis=1)[::2][:count]
        return result

    def finish(self) -> np.ndarray:
        """Return the last rows, float32 (T, COLUMNS), as if silence followed."""
        return self.push(np.full((self._right + 1, MEL_BANDS), SILENT_FEATURE, np.float32))
