"""Films to be dubbed, watched once: around each face its pixels and landmarks; cut and joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lipwright.articulation import articulate
from lipwright.core.errors import MediaError
from lipwright.core.rect import Rect
from lipwright.evaluation.audio import RATE, read_sound
from lipwright.evaluation.baselines import real_articulation
from lipwright.evaluation.mouth_metrics import (
    CHIN,
    CLOSED_GAP,
    LEFT_CORNER,
    LOWER_INNER_LIP,
    NOSE_POINTS,
    RIGHT_CORNER,
    UPPER_INNER_LIP,
    align_rigidly,
    rest_shape,
    rigid_fit,
)
from lipwright.face import FaceFinder
from lipwright.face.embedding import PLACES
from lipwright.face.face import Face
from lipwright.face.smoothing import FAST_REACH, parabola_weights
from lipwright.media.video.encoder_presets import ENCODERS
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.source import open_video_source
from lipwright.media.video.writer import VideoWriter
from lipwright.speech.speech import Speech

UNMOVED = list(PLACES)  # landmarks that speech does not move
ROOM = 0.5  # face heights around a face that are kept
FEWEST_FACES = 0.9  # share of the frames of a film in which a face must be seen
PARABOLA = parabola_weights(FAST_REACH, FAST_REACH)
"""What the product's tracker fits through lips."""
LOSSLESS = replace(ENCODERS["libx264"], levels=("0", "0", "0"), options=(("preset", "ultrafast"),))


class View(NamedTuple):
    """The part of a frame that is around the face."""

    image: np.ndarray
    """BGR uint8 (h, w, 3)."""
    box: Rect
    """Where it is in the frame."""
    face: Face
    """In px of the part, as it was followed: what a drawn frame is looked at from as well."""
    landmarks: np.ndarray
    """float32 (478, 3), px of the part: what is seen when it is looked at from `face`."""


@dataclass(frozen=True, eq=False)
class Film:
    """What is seen of one person in a film."""

    name: str
    path: Path
    fps: Fraction
    views: list[View]
    sound: np.ndarray
    """Mono float32 (n,) at 16 kHz, as long as the film."""
    person: Ruler | None = None
    """Of a longer film of the same person, whose mouth is at rest somewhere in it."""

    @cached_property
    def landmarks(self) -> np.ndarray:
        """float32 (T, 478, 3)."""
        return np.stack([view.landmarks for view in self.views])

    @cached_property
    def ruler(self) -> Ruler:
        return self.person or Ruler(self.landmarks)

    @cached_property
    def mouth(self) -> np.ndarray:
        """Opening, width change and chin drop, float64 (T, 3), in widths of the resting mouth."""
        return self.ruler.mouth(self.landmarks)

    @cached_property
    def heads(self) -> np.ndarray:
        """How the head turns, about three axes, and how large it is: float64 (T, 4).

        By the landmarks that speech does not move.
        """
        points = self.landmarks[:, UNMOVED].astype(np.float64)
        points -= points.mean(axis=1, keepdims=True)
        turn, size = rigid_fit(points[:1], points)
        turns = (turn - turn.transpose(0, 2, 1))[:, [2, 0, 1], [1, 2, 0]]
        return np.column_stack([turns, size])

    @cached_property
    def curves(self) -> np.ndarray:
        """What the lips do, as tracked: float32 (T, 9), the columns of CHANNELS.

        Smoothed as the product's tracker does: lips that are asked to tremble with the landmarks
        of single frames do so.
        """
        return real_articulation(smoothed(self.mouth), float(self.fps)).curves

    @cached_property
    def heard(self) -> np.ndarray:
        """What its own sound asks of the lips: float32 (T, 9)."""
        return heard_curves(self.sound, len(self.views), self.fps)


class Ruler:
    """Measures faces against the shape that a person's face has at rest in a film."""

    def __init__(self, landmarks: np.ndarray) -> None:
        """landmarks: float32 (T, 478, 3) of a film."""
        self._template = rest_shape(align_rigidly(landmarks))
        opening, width, chin = self._lengths(landmarks)
        shut = opening <= max(CLOSED_GAP * np.median(width), np.percentile(opening, 10))
        self.width = float(np.median(width[shut]))
        """Of the resting mouth, in the units of `align_rigidly`."""
        self._chin = float(np.median(chin[shut]))

    def points(self, landmarks: np.ndarray) -> np.ndarray:
        """The landmarks without the motion of the head, float64 (T, 478, 3), in mouth widths."""
        return align_rigidly(landmarks, self._template) / self.width

    def mouth(self, landmarks: np.ndarray) -> np.ndarray:
        """Opening, width change and chin drop, float64 (T, 3), in mouth widths."""
        opening, width, chin = self._lengths(landmarks)
        rows = np.stack([np.maximum(opening, 0), width - self.width, chin - self._chin], axis=1)
        return rows / self.width

    def _lengths(self, landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        points = align_rigidly(landmarks, self._template)
        corners = points[:, LEFT_CORNER, :2] - points[:, RIGHT_CORNER, :2]
        return (
            points[:, LOWER_INNER_LIP, 1] - points[:, UPPER_INNER_LIP, 1],
            np.linalg.norm(corners, axis=1),
            points[:, CHIN, 1] - points[:, NOSE_POINTS, 1].mean(axis=1),
        )


def smoothed(rows: np.ndarray) -> np.ndarray:
    """Rows, float64 (T, n), by a parabola through each and the two on either side."""
    reach = len(PARABOLA) // 2
    held = np.pad(rows, ((reach, reach), (0, 0)), mode="edge")
    return sliding_window_view(held, len(PARABOLA), axis=0) @ PARABOLA


def heard_curves(sound: np.ndarray, frames: int, fps: Fraction) -> np.ndarray:
    """What a sound, mono float32 (n,) at 16 kHz, asks of the lips: float32 (frames, 9)."""
    return articulate(Speech.from_samples(sound, RATE)).at(np.arange(frames) / float(fps))


def watch(path: Path, finder: FaceFinder, seconds: float = np.inf) -> Film | None:
    """The largest face of a film's first seconds; None where too few frames show one."""
    source = open_video_source(path)
    count = int(min(source.count, seconds * float(source.fps)))
    views, lost, face = [], 0, None
    for image in source.pictures(range(count)):
        found = (face and finder.refine(image, face)) or next(iter(finder.find(image)), None)
        lost += found is None
        face = found or face
        if face is None:
            return None
        views.append(view_of(image, face, finder))
    if lost > (1 - FEWEST_FACES) * count:
        return None
    return Film(path.stem, path, source.fps, views, sound_of(path, count, source.fps))


def view_of(image: np.ndarray, face: Face, finder: FaceFinder) -> View:
    x0, y0, x1, y1 = face.box
    room = ROOM * face.height
    around = Rect(int(x0 - room), int(y0 - room), int(x1 + room), int(y1 + room))
    box = around.clipped(Rect(0, 0, image.shape[1], image.shape[0]))
    part, there = image[box.slices].copy(), face.moved(-box.x0, -box.y0)
    return View(part, box, there, look_again(part, there, finder))


def look_again(part: np.ndarray, face: Face, finder: FaceFinder) -> np.ndarray:
    """The landmarks of a part of a frame, float32 (478, 3), whatever was drawn in it."""
    return (finder.refine(part, face) or face).landmarks


def sound_of(path: Path, frames: int, fps: Fraction) -> np.ndarray:
    """The sound of a film's first frames, silence where it has none."""
    duration = float(frames / fps)
    try:
        return read_sound(path, duration)
    except MediaError:
        return np.zeros(int(duration * RATE), np.float32)


def part_of(film: Film, first: int, after: int, path: Path) -> Film:
    """Some frames of a film, written to a file of their own."""
    samples = [int(number / film.fps * RATE) for number in (first, after)]
    sound = film.sound[slice(*samples)]
    source = open_video_source(film.path)
    spec = OutputSpec(source.size, film.fps, encoder=LOSSLESS, colour=source.colour)
    with VideoWriter(path, spec, Speech.from_samples(sound, RATE)) as video:
        for frame in source.frames(range(first, after)):
            video.write(frame)
    return Film(film.name, path, film.fps, film.views[first:after], sound, film.ruler)


def joined(films: Sequence[Film], name: str, path: Path) -> Film:
    """Films of one person, one after the other, written to one file; all of one size and rate."""
    sound = np.concatenate([film.sound for film in films])
    source = open_video_source(films[0].path)
    spec = OutputSpec(source.size, source.fps, encoder=LOSSLESS, colour=source.colour)
    with VideoWriter(path, spec, Speech.from_samples(sound, RATE)) as video:
        for film in films:
            for frame in open_video_source(film.path).frames(range(len(film.views))):
                video.write(frame)
    views = [view for film in films for view in film.views]
    return Film(name, path, films[0].fps, views, sound)


def halves(film: Film, folder: Path) -> tuple[Film, Film]:
    middle, end = len(film.views) // 2, len(film.views)
    return (
        part_of(film, 0, middle, folder / f"{film.name}_first.mp4"),
        part_of(film, middle, end, folder / f"{film.name}_second.mp4"),
    )


def spread(paths: Sequence[Path], count: int) -> list[Path]:
    """So many of the files, evenly over all of them."""
    places = np.linspace(0, len(paths), count, endpoint=False).astype(int)
    return [paths[place] for place in dict.fromkeys(places.tolist())]
