"""A lip-sync engine as another package would write it: 16 frames at a time, at 25 fps and 512 px.

What it draws depends on all that the pipeline promises: the frames of the window and their
numbers, the crop, the sound and the seed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from lipwright.core.device import CPU, Device
from lipwright.engines.base import (
    CropSpec,
    Drawn,
    EngineSpec,
    Patch,
    PersonInImage,
    PersonInVideo,
    Window,
    WindowSpec,
)
from lipwright.speech.speech import Speech

LEFT_EYE, RIGHT_EYE, MOUTH = (33, 133), (362, 263), (61, 291, 13, 14)


class Loudness:
    """The root mean square of the sound of each frame."""

    name = "loudness"

    def read(self, speech: Speech, fps: Fraction, first: int, seed: int) -> LoudnessReader:
        return LoudnessReader(speech.samples, speech.rate, fps)


@dataclass(frozen=True)
class LoudnessReader:
    samples: np.ndarray
    rate: int
    fps: Fraction

    def at(self, number: int) -> float:
        start, stop = (int(count * self.rate / self.fps) for count in (number, number + 1))
        heard = self.samples[start:stop]
        return float(np.sqrt(np.mean(heard**2))) if len(heard) else 0.0


@dataclass(frozen=True)
class ToyOptions:
    strength: float = 1.0


class ToyEngine:
    spec = EngineSpec(
        name="toy",
        summary="Tints the lower face by loudness.",
        audio=Loudness(),
        licence="MIT",
        fps=Fraction(25),
        crop=CropSpec(
            512,
            template=((LEFT_EYE, (0.3, 0.35)), (RIGHT_EYE, (0.7, 0.35)), (MOUTH, (0.5, 0.75))),
        ),
        window=WindowSpec(16, 4),
        runtime="torch",
        options=ToyOptions,
    )
    windows: list[tuple[Window, ...]] = []
    closed = False

    def __init__(self, options: ToyOptions = ToyOptions(), device: Device = CPU) -> None:
        self.options, self.device = options, device

    def prepare(self, source: PersonInImage | PersonInVideo) -> float:
        if isinstance(source, PersonInVideo):
            return float(np.mean([frame.image.mean() for frame in source.examples if frame.face]))
        assert source.crop is not None and source.crop.pixels.shape == (512, 512, 3)
        return float(source.crop.pixels.mean())

    def render(self, windows: Iterable[tuple[Window, ...]]) -> Iterator[Drawn]:
        for together in windows:
            self.windows.append(together)
            yield tuple(self._draw(window) for window in together)

    def _draw(self, window: Window) -> list[Patch | None]:
        assert len(window.frames) == 16
        mean = np.mean([frame.audio for frame in window.frames])
        patches: list[Patch | None] = []
        for place, frame in enumerate(window.frames):
            if frame.crop is None:
                patches.append(None)
                continue
            random = np.random.default_rng(frame.seed)
            noise = 3 * random.standard_normal((512, 512, 1), np.float32)
            tint = np.array([3 * place, 200 * mean, 300 * frame.audio], np.float32)
            drawn = frame.crop.pixels + np.float32(self.options.strength) * (noise + tint)
            patches.append(Patch(np.clip(drawn, 0, 255, out=drawn)))
        return patches

    def close(self) -> None:
        self.closed = True
