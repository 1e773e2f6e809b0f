"""Ways to give a film other lips: the product, and the nearest frame of a bank, moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from dub_clips import UNMOVED, Film, View

from lipwright import Speech, Video
from lipwright.articulation import CHANNELS, Articulation
from lipwright.articulation.mouth_width import mouth_width
from lipwright.core.rect import Rect
from lipwright.engines.warp.performance import PerformanceFeatures
from lipwright.evaluation.audio import RATE
from lipwright.face.landmark_indices import LIP_DISTANCES
from lipwright.media.video.source import open_video_source
from lipwright.pipeline.compositing import lower_face_mask


class Wanted(NamedTuple):
    """What lips are to do in each frame of a film."""

    curves: np.ndarray
    """float32 (T, 9), the columns of CHANNELS."""
    sound: np.ndarray | None = None
    """What says so, mono float32 (n,) at 16 kHz; None where the curves are known."""
    landmarks: np.ndarray | None = None
    """float32 (T, 478, 3): of real frames that have the lips; None where there are none."""


class Method(Protocol):
    """Draws a film's parts around the face with other lips, BGR uint8 (h, w, 3) each."""

    def __call__(self, film: Film, wanted: Wanted) -> Iterator[np.ndarray]: ...


@dataclass
class Dub:
    """The product: `Video(bank).frames`, reading the frames of any film of the same person."""

    video: Video

    @classmethod
    def of(cls, bank: Film) -> Dub:
        video = Video(bank.path)
        next(video.frames(spoken(float(1 / bank.fps))))  # all that is learnt, from the bank's film
        return cls(video)

    def __call__(self, film: Film, wanted: Wanted) -> Iterator[np.ndarray]:
        video, fps = self.video, film.fps
        if film.path != video.source.path:
            video.source = open_video_source(film.path)
        features = PerformanceFeatures("still")
        if wanted.sound is None:
            curves = np.concatenate([wanted.curves, wanted.curves[-1:]])
            features = replace(features, articulation=Articulation(float(fps), curves))
        video.engine.spec = replace(video.engine.spec, audio=features)
        frames = video.frames(spoken(float(len(film.views) / fps), wanted.sound))
        for view, frame in zip(film.views, frames, strict=False):
            yield frame[view.box.slices].copy()


def spoken(seconds: float, sound: np.ndarray | None = None) -> Speech:
    """A speech of this length: the sound, mono float32 (n,) at 16 kHz, or silence."""
    count = int(seconds * RATE)
    silence = np.zeros(count, np.float32)
    return Speech.from_samples(silence if sound is None else np.resize(sound, count), RATE)


@dataclass
class NearestFrame:
    """The frame of a bank whose lips are nearest, moved by one similarity transform."""

    bank: Film

    def __call__(self, film: Film, wanted: Wanted) -> Iterator[np.ndarray]:
        for view, number in zip(film.views, self.numbers(wanted), strict=True):
            yield laid_over(view.image, view, self.bank.views[number])

    def numbers(self, wanted: Wanted) -> np.ndarray:
        """The number of the bank's frame for each wanted mouth, int (T,)."""
        if wanted.landmarks is not None:
            held, asked = (self.distances(a) for a in (self.bank.landmarks, wanted.landmarks))
        else:
            held, asked = self.bank.mouth, asked_mouth(wanted.curves)
        away: np.ndarray = ((asked[:, None] - held[None]) ** 2).sum(axis=-1)
        return away.argmin(axis=1)

    def distances(self, landmarks: np.ndarray) -> np.ndarray:
        """Of the lips, in mouth widths: float64 (T, 4)."""
        points = self.bank.ruler.points(landmarks)
        ways = [points[:, one, :2] - points[:, other, :2] for one, other in LIP_DISTANCES]
        return np.linalg.norm(np.stack(ways, axis=1), axis=-1)


def asked_mouth(curves: np.ndarray) -> np.ndarray:
    """Opening, width change and chin drop that curves (T, 9) ask for: (T, 3) in mouth widths."""
    gap, drop, jaw = (curves[:, CHANNELS.index(name)] for name in ("gap", "drop", "jaw"))
    return np.stack([gap + drop, mouth_width(curves), jaw], axis=1)


def laid_over(image: np.ndarray, view: View, other: View) -> np.ndarray:
    """An image of a view with the lower face of another view."""
    there = similarity(other.landmarks, view.landmarks)
    moved = warp(other.image, there, whole(image))
    face = replace(view.face, landmarks=view.landmarks)
    mask = lower_face_mask(whole(image), face)[..., None]
    return np.round(image + mask * (moved.astype(np.float32) - image)).astype(np.uint8)


def similarity(landmarks: np.ndarray, others: np.ndarray) -> np.ndarray:
    """float64 (2, 3): the similarity transform from px to px of another view, pixel centres whole.

    By the landmarks, (478, 3) each, that speech does not move, in least squares.
    """
    here, there = (points[UNMOVED, :2].astype(np.float64) - 0.5 for points in (landmarks, others))
    z, w = ((points - points.mean(axis=0)) @ [1, 1j] for points in (here, there))
    turn = np.vdot(z, w) / np.vdot(z, z).real
    matrix = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    return np.c_[matrix, there.mean(axis=0) - matrix @ here.mean(axis=0)]


def warp(image: np.ndarray, there: np.ndarray, box: Rect) -> np.ndarray:
    """What an image moved by a matrix (2, 3) has in a box."""
    inside = there - np.array([[0, 0, box.x0], [0, 0, box.y0]])
    size, mode = (box.width, box.height), cv2.BORDER_REPLICATE
    return cv2.warpAffine(image, inside, size, flags=cv2.INTER_LANCZOS4, borderMode=mode)


def whole(image: np.ndarray) -> Rect:
    return Rect(0, 0, image.shape[1], image.shape[0])


def left_alone(film: Film, wanted: Wanted) -> Iterator[np.ndarray]:
    """The frames as they are."""
    for view in film.views:
        yield view.image
