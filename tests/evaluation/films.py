"""Talking films that are made on the spot: hopper, speaking what is known."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
from tests.drawing import speaking
from tests.helpers import hopper_path, speech_like

from lipwright.engines.warp import WarpEngine, WarpOptions
from lipwright.face import choose_face
from lipwright.media.image.read import read_image, resize
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter
from lipwright.speech.speech import Phone, Speech

FPS = Fraction(25)
SIZE = (256, 300)
PAUSE = 0.6  # s of silence before and after


def make_film(path: Path, speech: Speech, frames: int | None = None, fps: Fraction = FPS) -> Path:
    """A video of hopper saying `speech`: its lips follow the phones where there are any.

    frames: stop after so many of them.
    """
    picture = resize(read_image(hopper_path()), SIZE)
    engine = WarpEngine(WarpOptions("still"))
    face = choose_face(picture, None, "hopper")
    with VideoWriter(path, OutputSpec(SIZE, fps), audio=speech) as video:
        for number, frame in enumerate(speaking(engine, picture, face, speech, fps)):
            if frames is not None and number == frames:
                break
            video.write(frame)
    return path


def buzzing_speech(seconds: float = 1.3, seed: int = 0) -> Speech:
    """A buzz with silence around it: some movement, no words."""
    quiet = np.zeros(4800, np.float32)
    buzz = speech_like(seconds - 0.6, 16_000, seed)
    return Speech.from_samples(np.concatenate([quiet, buzz, quiet]), 16_000)


def spoken_sentence() -> Speech:
    """A sentence full of bilabials from the offline voice, silence around it, with its phones."""
    import lipwright

    said = lipwright.synthesize("Papa may buy more paper maps, and Bob may pay.")
    quiet = np.zeros(round(PAUSE * said.rate), np.float32)
    assert said.phones is not None
    phones = [Phone(p.start + PAUSE, p.end + PAUSE, p.symbol) for p in said.phones]
    samples = np.concatenate([quiet, said.samples, quiet])
    return Speech.from_samples(samples, said.rate, phones)
