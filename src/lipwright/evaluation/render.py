"""Render the videos to be measured: the engine's own path from a portrait and a sound to a file."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from lipwright.articulation.curves import Articulation
from lipwright.core.rect import Box
from lipwright.core.validation import Quality
from lipwright.engines import Engine, create_engine
from lipwright.engines.warp.performance import PerformanceFeatures
from lipwright.evaluation.audio import RATE
from lipwright.face.face import Face
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from lipwright.pipeline.image_frames import ImageFrames, ImageSpeaker, prepare_speaker
from lipwright.speech.speech import Speech

DRIVEN_ENGINE = "warp"
"""Draws given articulation curves where the engine itself takes only sound."""


@dataclass
class PortraitRenderer:
    """One portrait and the engines that animate it, prepared at first use."""

    portrait: np.ndarray
    """BGR uint8 (h, w, 3), both even."""
    face: Face
    fps: Fraction
    engine: str = "warp"
    motion: str = "natural"
    device: str = "cpu"
    seed: int = 0
    quality: Quality = "high"

    def __post_init__(self) -> None:
        self._made: dict[str, tuple[Engine, ImageSpeaker]] = {}

    @property
    def dirty_box(self) -> Box | None:
        """(x0, y0, x1, y1) px outside which the engine changes nothing; None: unknown."""
        return self._engine(self.engine)[1].dirty_box

    def render(
        self,
        output: Path,
        heard: np.ndarray,
        sound: np.ndarray,
        articulation: Articulation | None = None,
    ) -> None:
        """Write a video of the portrait speaking.

        heard: the input of the engine, mono float32 (n,) at 16 kHz, as long as the video; sound:
        the audio of the file, likewise. articulation: moves the lips instead of `heard`.
        """
        speech = Speech.from_samples(heard, RATE)
        name = self.engine
        if articulation is not None and not takes_articulation(self._engine(name)[0]):
            name = DRIVEN_ENGINE
        engine, speaker = self._engine(name)
        audio = None if articulation is None else PerformanceFeatures(self.motion, articulation)
        frames = ImageFrames(
            engine, self.portrait, [speaker], [speech], self.fps, seed=self.seed, audio=audio
        )
        with self._writer(output, sound) as video:
            for frame in frames:
                video.write(frame, speaker.dirty_box)

    def render_still(self, output: Path, frames: int, sound: np.ndarray) -> None:
        """Write the unchanged portrait as a video of so many frames: the effect of the codec alone.

        sound: mono float32 (n,) at 16 kHz.
        """
        with self._writer(output, sound) as video:
            for number in range(frames):
                video.write(self.portrait, None if number == 0 else (0, 0, 0, 0))

    def _writer(self, output: Path, sound: np.ndarray) -> VideoWriter:
        size = self.portrait.shape[1], self.portrait.shape[0]
        speech = Speech.from_samples(sound, RATE)
        return VideoWriter(output, OutputSpec(size, self.fps, quality=self.quality), audio=speech)

    def _engine(self, name: str) -> tuple[Engine, ImageSpeaker]:
        if name not in self._made:
            engine = create_engine(name, motion=self.motion, device=self.device)
            self._made[name] = engine, prepare_speaker(engine, self.portrait, self.face)
        return self._made[name]


def takes_articulation(engine: Engine) -> bool:
    """Return whether an engine accepts articulation curves instead of sound."""
    return isinstance(engine.spec.audio, PerformanceFeatures)
