"""Frames that an engine draws, without a file: pictures that speak, and windows that are dubbed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from lipwright.engines import Engine
from lipwright.engines.base import PersonInVideo
from lipwright.engines.warp.lower_face import LowerFace
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.face.face import Face
from lipwright.face.tracker import TrackedFrame
from lipwright.pipeline.compositing import paste_patch
from lipwright.pipeline.face_view import FaceView
from lipwright.pipeline.frame_rates import FrameRates
from lipwright.pipeline.image_frames import ImageFrames, prepare_speaker
from lipwright.pipeline.windows import RenderedSpeaker, VideoFrame, render_chunk
from lipwright.speech.speech import Speech


def speaking(
    engine: Engine,
    image: np.ndarray,
    face: Face,
    speech: Speech,
    fps: Fraction,
    first: int = 0,
    seed: int = 0,
) -> ImageFrames:
    """The frames of one face of a picture, each valid until the next."""
    speaker = prepare_speaker(engine, image, face)
    return ImageFrames(engine, image, [speaker], [speech], fps, first, seed)


def dubbed(
    engine: Engine,
    windows: Sequence[TrackedFrame],
    speech: Speech,
    fps: Fraction,
    examples: Sequence[TrackedFrame] | None = None,
) -> Iterator[np.ndarray]:
    """The windows of a video with another mouth; those that were given stay as they are.

    examples: frames of the person from all over the video; None takes the windows.
    """
    rates = FrameRates.of(fps, engine.spec.fps)
    audio = engine.spec.audio.read(speech, rates.engine, 0, 0)
    speaker = RenderedSpeaker(0, engine.prepare(PersonInVideo(examples or windows)), audio)
    frames = (
        VideoFrame(number, (FaceView(w.image, w.face, engine.spec.crop, w.shot),), None)
        for number, w in enumerate(windows)
    )
    for frame, (patch,) in render_chunk(engine, [speaker], frames, rates):
        image = frame.views[0].image.copy()
        if patch is not None:
            box, pixels = frame.views[0].paste(patch)
            image[box.slices] = pixels
        yield image


def draw_over(lower_face: LowerFace, image: np.ndarray, face: Face, mouth: Mouth) -> None:
    """Draw a mouth over a frame, in place."""
    patch = lower_face.draw(image, face, mouth)
    if patch is not None:
        box, pixels = paste_patch(image, patch)
        image[box.slices] = pixels
