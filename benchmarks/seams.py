"""Seams: how much neighbouring pixels differ where a drawing ends, beside the source itself.

Films and stills, with the embedded engine and with the way in which wav2lip's drawings go into a
picture (its weights are not needed: a stand-in draws the face it sees again, softer and brighter).
Real talkers come from GRID (LIPWRIGHT_GRID names its folder); without it they are left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from edge_measures import EDGE, steps

from lipwright import Speech
from lipwright.articulation import articulate
from lipwright.articulation.curves import Articulation
from lipwright.cli.demo import find_sample_portrait
from lipwright.core.rect import Rect
from lipwright.engines.base import Patch
from lipwright.engines.warp import WarpEngine, WarpOptions
from lipwright.engines.warp.face_templates import FaceTemplates
from lipwright.engines.warp.landmark_transfer import STEADY
from lipwright.engines.warp.mouth_warp import OPENED, Mouth
from lipwright.engines.wav2lip import Wav2LipEngine, Wav2LipOptions
from lipwright.engines.wav2lip.engine import SOFT_CROP
from lipwright.face import FaceFinder
from lipwright.face.face import Face
from lipwright.face.tracker import FaceTracker, TrackedFrame
from lipwright.media.image.read import read_image
from lipwright.media.video.source import open_video_source
from lipwright.media.video.yuv_frame import YuvFrame
from lipwright.pipeline.compositing import lower_face_mask, paste_patch
from lipwright.pipeline.face_crops import crop_face
from lipwright.pipeline.face_view import FaceView
from lipwright.pipeline.frame_rates import FrameRates
from lipwright.pipeline.image_frames import ImageFrames, prepare_speaker
from lipwright.pipeline.windows import RenderedSpeaker, VideoFrame, render_chunk

FPS = Fraction(25)
FRAMES, EVERY, STILL = 75, 5, 30
CLIPS = 5
HEAD_REACH = 4.0  # px that a head's outline goes to and fro
SOFTER, BRIGHTER = 0.8, 0.04  # what the stand-in does: px of the 96, and parts of white
LAYERS = (3, 6, 12, 24, 48, 96)  # px of what the network's face part gives out
SECONDS = FRAMES / 25


class StandIn:
    """Draws what it sees, softer and brighter, as a network would."""

    def see(self, face: np.ndarray) -> list[np.ndarray]:
        nothing = [np.zeros((1, 1, size, size), np.float32) for size in LAYERS]
        return [*nothing, face[:, 3:]]

    def draw(self, mel: np.ndarray, added: list[np.ndarray]) -> np.ndarray:
        faces = np.broadcast_to(added[-1], (len(mel), *added[-1].shape[1:]))
        soft = [cv2.GaussianBlur(face.transpose(1, 2, 0), (0, 0), SOFTER) for face in faces]
        return np.clip(np.stack(soft).transpose(0, 3, 1, 2) + BRIGHTER, 0, 1)


def main() -> None:
    finder = FaceFinder()
    speech = spoken()
    said = articulate(speech)
    print("| across the edge of what is drawn | next px | source | whole edge | source |")
    print("|---|---|---|---|---|")
    print_row("a still's moving head, portrait", head_pairs(speech))
    tremble = {}
    for name, film in films(finder):
        print_row(f"{name}, portrait", portrait_pairs(film, said))
        print_row(f"{name}, wav2lip's paste", paste_pairs(film))
        tremble[name] = flicker(film)
    print("\n| from frame to frame, chin and lips shut | drawn | source |")
    print("|---|---|---|")
    for name, (drawn, source) in tremble.items():
        print(f"| {name} | {drawn:.2f} | {source:.2f} |")
    print()


def spoken() -> Speech:
    """Some seconds in which a mouth opens and shuts."""
    seconds = np.arange(round(SECONDS * 16000)) / 16000
    tones = sum(np.sin(2 * np.pi * 140 * k * seconds) / k for k in range(1, 20))
    loudness = np.clip(np.sin(2 * np.pi * 3 * seconds), 0, 1)
    return Speech.from_samples((0.2 * tones * loudness).astype(np.float32), 16000)


def films(finder: FaceFinder) -> Iterator[tuple[str, list[TrackedFrame]]]:
    picture = read_image(find_sample_portrait())
    still = even(picture)
    yield "a still", follow(finder, [still] * STILL)
    swaying = [sway(picture, i / 25) for i in range(FRAMES)]
    yield "swaying", follow(finder, swaying)
    yield "in changing light", follow(finder, [lit(p, i / 25) for i, p in enumerate(swaying)])
    yield "dark and flat", follow(finder, [(p * 0.3 + 30).astype(np.uint8) for p in swaying])
    folder = Path(os.environ.get("LIPWRIGHT_GRID", "../shared/data/grid"), "others")
    for clip in sorted(folder.glob("*.mp4"))[:CLIPS]:
        source = open_video_source(clip)
        frames = source.frames(range(min(FRAMES, source.count)))
        yield f"GRID {clip.stem}", list(FaceTracker(finder).track(frames))


def even(picture: np.ndarray) -> np.ndarray:
    return picture[: picture.shape[0] & ~1, : picture.shape[1] & ~1]


def follow(finder: FaceFinder, pictures: list[np.ndarray]) -> list[TrackedFrame]:
    return list(FaceTracker(finder).track(YuvFrame.of(picture) for picture in pictures))


def sway(picture: np.ndarray, time: float) -> np.ndarray:
    """The picture turned and moved a little, with grain."""
    size = 720, 720
    angle, scale = 6 * np.sin(2.5 * time), 1.2 + 0.06 * np.sin(1.4 * time)
    middle = picture.shape[1] / 2, picture.shape[0] * 0.45
    matrix = cv2.getRotationMatrix2D(middle, angle, scale)
    matrix[:, 2] += np.array([360 + 25 * np.sin(2 * time), 330 + 15 * np.sin(1.7 * time)]) - middle
    moved = cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    grain = np.random.default_rng(round(time * 25)).normal(0, 3, moved.shape)
    return (moved + grain).clip(0, 255).astype(np.uint8)


def lit(picture: np.ndarray, time: float) -> np.ndarray:
    """The picture with a light that wanders from one side to the other."""
    across = np.linspace(-1, 1, picture.shape[1])
    light = 0.8 + 0.35 * np.sin(2 * time) * across
    return (picture * light[None, :, None]).clip(0, 255).astype(np.uint8)


Pair = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""What was drawn and its mask, the source and the mask over the same skin."""


def portrait_pairs(film: list[TrackedFrame], said: Articulation) -> Iterator[Pair]:
    lower_face = FaceTemplates(film[::EVERY]).lower_face(film[0].image, film[0].face)
    assert lower_face is not None
    for number, frame in list(enumerate(film))[::EVERY]:
        if frame.face is None:
            continue
        mouth = Mouth.of(said.at(number / 25)[0]).opened(OPENED)
        drawn = pasted(frame.image, lower_face.draw(frame.image, frame.face, mouth))
        size = drawn.shape[1], drawn.shape[0]
        there = lower_face.mask(size, frame.face, mouth)
        yield drawn, there, frame.image, lower_face.mask(size, frame.face)


def pasted(image: np.ndarray, patch: Patch | None) -> np.ndarray:
    """A frame with what an engine drew."""
    drawn = image.copy()
    if patch is not None:
        box, pixels = paste_patch(image, patch)
        drawn[box.slices] = pixels
    return drawn


def head_pairs(speech: Speech) -> Iterator[Pair]:
    """A portrait's head that moves before what is behind it."""
    picture = even(read_image(find_sample_portrait()))
    engine = WarpEngine(WarpOptions("lively"))
    speaker = prepare_speaker(engine, picture, FaceFinder().find(picture)[0])
    person = speaker.avatar.renderer.person
    assert person is not None
    matte = person.matte(Rect(0, 0, picture.shape[1], picture.shape[0])).astype(np.float32) / 255
    reached = cv2.GaussianBlur(matte, (0, 0), HEAD_REACH)
    frames = ImageFrames(engine, picture, [speaker], [speech], FPS)
    for frame in islice(frames, 0, None, EVERY):
        yield frame, reached, picture, reached


def flicker(film: list[TrackedFrame]) -> tuple[float, float]:
    """How much px differ from the mean of the frames before and after (grey levels).

    Of what is drawn while nothing is said, and of the source, the head held still by its own
    picture above the mouth: a drawing that trembles against the head counts.
    """
    lower_face = FaceTemplates(film[::EVERY]).lower_face(film[0].image, film[0].face)
    first = film[0]
    assert lower_face is not None and first.face is not None
    inside = lower_face.mask((first.image.shape[1], first.image.shape[0]), first.face) > EDGE[1]
    held: list[list[np.ndarray]] = [[], []]
    for frame in film:
        if frame.face is None:
            continue
        drawn = pasted(frame.image, lower_face.draw(frame.image, frame.face, Mouth()))
        there = head_motion(first, frame)
        for picture, seen in zip((drawn, frame.image), held, strict=True):
            flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
            moved = cv2.warpAffine(picture, there, inside.shape[::-1], flags=flags)
            seen.append(moved[inside].astype(np.float32))
    drawn, source = (
        np.mean([np.abs(b - (a + c) / 2).mean() for a, b, c in zip(s, s[1:], s[2:], strict=False)])
        for s in held
    )
    return float(drawn), float(source)


def head_motion(first: TrackedFrame, frame: TrackedFrame) -> np.ndarray:
    """float32 (2, 3): px of the first window to px of another, by the pictures of eyes and nose."""
    assert first.face is not None and frame.face is not None
    still, moved = (f.face.landmarks[STEADY, :2] - 0.5 for f in (first, frame) if f.face)
    guess = cv2.estimateAffine2D(still, moved)[0].astype(np.float32)
    grey, other = (cv2.cvtColor(f.image, cv2.COLOR_BGR2GRAY) for f in (first, frame))
    head: np.ndarray = np.zeros_like(other)
    cv2.fillConvexPoly(head, cv2.convexHull(np.round(moved).astype(np.int32)), 255)
    until = cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 50, 1e-5
    return cv2.findTransformECC(grey, other, guess, cv2.MOTION_AFFINE, until, head, 5)[1]


def paste_pairs(film: list[TrackedFrame]) -> Iterator[Pair]:
    engine = Wav2LipEngine(Wav2LipOptions(networks=StandIn()))
    silence = Speech.from_samples(np.zeros(round(SECONDS * 16000), np.float32), 16000)
    seen = [frame for frame in film[::EVERY] if frame.face is not None]
    frames = (
        VideoFrame(number, (FaceView(f.image, f.face, engine.spec.crop, f.shot),), f)
        for number, f in enumerate(seen)
    )
    speaker = RenderedSpeaker(0, None, engine.spec.audio.read(silence, FPS, 0, 0))
    rates = FrameRates.of(FPS, engine.spec.fps)
    for frame, (patch,) in render_chunk(engine, [speaker], frames, rates):
        (view,), source = frame.views, frame.content
        drawn = source.image.copy()
        if patch is not None:
            box, pixels = view.paste(patch)
            drawn[box.slices] = pixels
        mask = paste_mask(source.image, source.face)
        yield drawn, mask, source.image, mask


def paste_mask(image: np.ndarray, face: Face) -> np.ndarray:
    box = crop_face(image, face, SOFT_CROP).box
    mask: np.ndarray = np.zeros(image.shape[:2], np.float32)
    mask[box.y0 : box.y1, box.x0 : box.x1] = lower_face_mask(box, face)
    return mask


def print_row(name: str, pairs: Iterator[Pair]) -> None:
    found = [(*steps(*pair[:2]), *steps(*pair[2:])) for pair in pairs]
    near, far, near_source, far_source = np.mean(found, axis=0)
    print(f"| {name} | {near:.2f} | {near_source:.2f} | {far:.2f} | {far_source:.2f} |")


if __name__ == "__main__":
    main()
