"""Find a face in the next frame of a video, near where it just was, in a window around it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lipwright.core.rect import Box
from lipwright.face.embedding import FaceEmbedding
from lipwright.face.face import Face
from lipwright.face.finder import FaceFinder
from lipwright.face.landmarks import INPUT_SIZE, view_of_landmarks
from lipwright.media.video.color import even_box
from lipwright.media.video.yuv_frame import YuvFrame

HALF_DIAGONAL = 0.75  # of a square, in sides, and some room


class RefinedFace(NamedTuple):
    """A face in a frame, and in the window in which it was found."""

    face: Face
    """In px of the frame."""
    window: np.ndarray
    """BGR uint8 (h, w, 3): what is around the face, reduced where it is large."""
    seen: Face
    """In px of the window."""


def refine_face(finder: FaceFinder, frame: YuvFrame, face: Face) -> RefinedFace | None:
    """Return the face near where it just was: one landmark pass, nothing but a window converted.

    face: in px of the frame, of another frame as a rule. None where the face is gone.
    """
    around = _window_of(frame, face)
    if around is None:
        return None
    box, reduced = around
    window = frame.window(box, reduced)
    found = finder.refine(window, _in_window(face, box, reduced))
    if found is None:
        return None
    return RefinedFace(found.scaled(reduced, reduced).moved(box[0], box[1]), window, found)


def embedding_in(frame: YuvFrame, face: Face) -> FaceEmbedding | None:
    """Return the embedding of a face that is known, px of the frame; None outside the frame."""
    around = _window_of(frame, face)
    return around and FaceEmbedding.of(frame.window(*around), _in_window(face, *around))


def _window_of(frame: YuvFrame, face: Face) -> tuple[Box, int] | None:
    """Return the box around a face and by how many times it is reduced."""
    view = view_of_landmarks(face.landmarks)
    reduced = 1 << max(0, int(np.log2(max(view.side / INPUT_SIZE, 1.0))))
    box = square_box(view.centre_x, view.centre_y, view.side * HALF_DIAGONAL, frame)
    if box is None:
        return None
    across, down = ((box[i + 2] - box[i]) // reduced * reduced for i in (0, 1))
    return (box[0], box[1], box[0] + across, box[1] + down), reduced


def _in_window(face: Face, box: Box, reduced: int) -> Face:
    return face.moved(-box[0], -box[1]).scaled(1 / reduced, 1 / reduced)


def square_box(x: float, y: float, reach: float, frame: YuvFrame) -> Box | None:
    """Return a square with even edges, as far as it is in a frame; None where it is outside.

    x, y: its middle, px; reach: from there to the edges, px.
    """
    edges = (int(x - reach), int(y - reach), int(x + reach), int(y + reach))
    return even_box(edges, *frame.size)
