"""Which frame of a video is the template of somebody's lower face: the calmest and sharpest one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lipwright.engines.warp.face_frame import CHIN, FaceFrame
from lipwright.engines.warp.sharpness import NOSE, is_seen, part_around, sharpness
from lipwright.face.face import Face
from lipwright.face.person_look import LIKE, PersonLook, Texture, likeness

YAW_COST = 0.004  # mouth widths of lip gap that a degree of yaw is as bad as
CHIN_COST = 1.0  # the same for a chin below the picture
BLUR_COST = 0.25  # the same for a picture e times less sharp
MOST = 6
"""Looks of which the best frame is kept: only at the end is it known which of them something is
before."""


class Template(NamedTuple):
    """A frame that may lend the lower face."""

    cost: float
    """How bad it is, mouth widths."""
    image: np.ndarray
    """BGR uint8 (h, w, 3)."""
    face: Face
    """In px of it."""
    texture: Texture
    """Of its lower face."""


class TemplateChoice:
    """The best frames so far, one of each look that the lower face has in a video."""

    def __init__(self) -> None:
        self._kinds: list[tuple[Texture, Template]] = []

    def add(self, image: np.ndarray, face: Face, texture: Texture) -> None:
        """Consider a frame, BGR uint8 (h, w, 3); face: in px of it; texture: of its lower face."""
        like = [likeness(texture, first) for first, _ in self._kinds]
        place = int(np.argmax(like)) if like else 0
        if not like or (like[place] < LIKE and len(like) < MOST):
            template = Template(_cost(image, face), image.copy(), face, texture)
            self._kinds.append((texture, template))
            return
        first, best = self._kinds[place]
        cost = _cost(image, face)
        if cost < best.cost:
            self._kinds[place] = first, Template(cost, image.copy(), face, texture)

    def best(self, look: PersonLook) -> Template | None:
        """Return the best frame, if there is any, in which nothing is before the mouth."""
        templates = [one for _, one in self._kinds if not look.is_covered(one.texture)]
        return min(templates, key=lambda one: one.cost, default=None)


def _cost(image: np.ndarray, face: Face) -> float:
    nose = part_around(face.landmarks[NOSE, :2], image)
    edges = sharpness(image[nose.slices]) if is_seen(nose) else 1.0
    gap = FaceFrame.of(face.landmarks).gap
    cost = gap + YAW_COST * abs(face.pose[0]) - BLUR_COST * float(np.log(edges))
    below = float(face.landmarks[CHIN, 1]) > image.shape[0]
    return float(cost + CHIN_COST * below)
