"""The heads on the ear: what the lips do while this is heard."""

from __future__ import annotations

import numpy as np

from lipwright.articulation.columns import SPEAKING
from lipwright.articulation.ear import Ear, Heard, Window
from lipwright.core.assets import read_asset
from lipwright.core.onnx import open_session

MODEL_NAME = "heads.onnx"
# Made by training/articulation/export.py.
MODEL_SHA256 = "2a81f4301130dc0a3b5d3a31a20ea1e208b1f77dfd2be71c240920bf098f1430"
_DEEP_SILENCE = 4.5e-3
"""Loudness of what is 30 dB weaker than loud speech: nobody speaks, whatever follows."""


class WindowReader:
    """Windows of sound in, rows of the heads' COLUMNS at 50 Hz out."""

    def __init__(self) -> None:
        self._ear = Ear()
        network = read_asset("lipwright.articulation", MODEL_NAME, MODEL_SHA256)
        self._session = open_session(network, keeps_memory=False)

    def read(self, window: Window) -> np.ndarray:
        """Return the rows that a window answers for: float32 (T, COLUMNS)."""
        heard = self._ear.hear(window.samples, window.level)
        rows: np.ndarray = self._session.run(None, {"features": heard.features[None]})[0][0]
        rows[_deeply_silent(heard), SPEAKING] = 0.0
        return rows[window.first : window.after]


def _deeply_silent(heard: Heard) -> np.ndarray:
    """Rows that are deep silence, and those beside them too, bool (T,)."""
    silent = np.pad(np.less(heard.loudness, _DEEP_SILENCE), 1, constant_values=True)
    result: np.ndarray = silent[:-2] & silent[1:-1] & silent[2:]
    return result
