"""An engine that moves nothing, for tests of everything around an engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import lipwright.engines as registry
from lipwright.core.device import CPU, Device
from lipwright.engines import EngineSpec, frame_count
from lipwright.engines.base import Drawn, Patch, PersonInImage, PersonInVideo, Window
from lipwright.speech.speech import Speech


def register(monkeypatch: pytest.MonkeyPatch, engines: Mapping[str, str]) -> None:
    """Register engines, "module:Class" by name, as the entry points of a package would."""
    found = [EntryPoint(name, path, registry.GROUP) for name, path in engines.items()]
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: found)
    monkeypatch.setattr(registry, "_found", cache(registry._found.__wrapped__))


class Elapsed:
    """The audio features of the fakes: how much of the speech is over."""

    name = "elapsed"

    def read(self, speech: Speech, fps: Fraction, first: int, seed: int) -> Any:
        count = frame_count(speech.duration, fps)
        return SimpleNamespace(at=lambda number: Fraction(number + 1, count))


@dataclass(frozen=True)
class FakeOptions:
    motion: str = "natural"


class FakeEngine:
    """Shows the picture itself with a bar along the top that grows with time."""

    spec = EngineSpec(
        name="fake",
        summary="Moves nothing.",
        audio=Elapsed(),
        licence="MIT",
        inputs=("image",),
        options=FakeOptions,
    )

    def __init__(self, options: FakeOptions = FakeOptions(), device: Device = CPU) -> None:
        self.options, self.device = options, device

    def prepare(self, source: PersonInImage | PersonInVideo) -> Any:
        return SimpleNamespace(dirty_box=None)

    def render(self, windows: Iterable[tuple[Window, ...]]) -> Iterator[Drawn]:
        for together in windows:
            yield tuple([self.draw(window)] for window in together)

    def draw(self, window: Window) -> Patch | None:
        (frame,) = window.frames
        pixels = frame.image.copy()
        pixels[:4, : int(frame.audio * pixels.shape[1])] = (0, 255, 0)
        return Patch(pixels)

    def close(self) -> None:
        pass


class FilmEngine(FakeEngine):
    """Marks the tip of the nose in every frame with a face, in green."""

    spec = replace(FakeEngine.spec, name="film", summary="Marks faces.", inputs=("image", "video"))

    def draw(self, window: Window) -> Patch | None:
        (frame,) = window.frames
        if frame.face is None:
            return None
        x, y = frame.face.landmarks[1, :2].astype(int)
        green = np.full((8, 8, 3), (0, 255, 0), np.uint8)
        return Patch(green, (x - 4, y - 4, x + 4, y + 4))


class BrokenEngine(FakeEngine):
    """Dies after three frames, the way a program error does."""

    spec = replace(FakeEngine.spec, name="broken", summary="Fails.")

    def draw(self, window: Window) -> Patch | None:
        if window.frames[0].number == 3:
            raise RuntimeError("the fake fails, as it should")
        return super().draw(window)
