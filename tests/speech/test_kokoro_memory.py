"""How long the offline voice keeps the memory of what it has spoken."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
import pytest

from lipwright.core.onnx import Interruptible
from lipwright.speech.kokoro import model


def test_it_is_given_back_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    freed: list[bool] = []

    def run(self: Interruptible, feeds: dict[str, Any], free_memory: bool) -> list[np.ndarray]:
        freed.append(free_memory)
        return [np.zeros(100, np.float32), np.ones(feeds["tokens"].size, np.int64)]

    monkeypatch.setattr(Interruptible, "run", run)
    monkeypatch.setattr(model, "_session", lambda threads: None)
    monkeypatch.setattr(model, "_runs", count(1))
    voice, style = model.KokoroModel(1), np.zeros((510, 1, 256), np.float32)
    for _ in range(2 * model.RUNS_BETWEEN_SHRINKING):
        voice.speak("a", style)
    places = [number for number, free in enumerate(freed, 1) if free]
    assert places == [model.RUNS_BETWEEN_SHRINKING, 2 * model.RUNS_BETWEEN_SHRINKING]
