"""The people of a video, and the frame that serves as the template of each one's lower face."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lipwright.core.once import Once
from lipwright.engines.warp.face_frame import CHIN, FaceFrame
from lipwright.engines.warp.lower_face import LowerFace
from lipwright.engines.warp.mouth_tone import face_shadow, mouth_tone, typical_tone
from lipwright.engines.warp.sharpness import NOSE, is_seen, part_around, sharpness
from lipwright.face.embedding import SIMILARITY_THRESHOLD, embed_face
from lipwright.face.face import Face
from lipwright.face.landmark_indices import LIPS
from lipwright.face.tracker import TrackedFrame

YAW_COST = 0.004  # mouth widths of lip gap that a degree of yaw is as bad as
BLUR_COST = 0.25  # the same for a picture e times less sharp


@dataclass(frozen=True, eq=False)
class FaceTemplate:
    """A person as seen in one frame of the video."""

    embedding: np.ndarray
    image: np.ndarray
    face: Face
    cost: float
    """How unfit the frame is as a template: open mouth, turned head, blur."""


class FaceTemplates:
    """The people of a video, found in samples of its frames."""

    def __init__(self, examples: Iterable[TrackedFrame]) -> None:
        templates: list[FaceTemplate] = []
        tones, shadows = [], []
        for frame in examples:
            if frame.face is not None and is_inside(frame.image, frame.face):
                _consider_template(templates, frame.image, frame.face)
                tones.append(mouth_tone(frame.image, frame.face))
                shadows.append(face_shadow(frame.image, frame.face))
        seen = [tone for tone in tones if tone is not None]
        self._tone = typical_tone(seen, float(np.median(shadows))) if shadows else None
        self._templates = tuple(templates)
        self._lower_faces = {template: Once[LowerFace]() for template in templates}

    def lower_face(self, image: np.ndarray, face: Face | None) -> LowerFace | None:
        """Return the lower face of the most similar template, for a shot that begins with a frame.

        image: BGR uint8 (h, w, 3); face: in px of it. Somebody unlike all templates is drawn from
        this frame. None where the mouth is not seen.
        """
        if face is None or not is_inside(image, face):
            return None
        template = _nearest(self._templates, embed_face(image, face))
        if template is None:
            return LowerFace(image.copy(), face, self._tone)
        return self._lower_faces[template].get(
            lambda: LowerFace(template.image, template.face, self._tone)
        )


def _consider_template(templates: list[FaceTemplate], image: np.ndarray, face: Face) -> None:
    """Add a new template, or replace the most similar one by a better frame."""
    embedding = embed_face(image, face)
    template = _nearest(templates, embedding)
    if template is None:
        templates.append(FaceTemplate(embedding, image.copy(), face, _cost(image, face)))
    elif (cost := _cost(image, face)) < template.cost:
        templates[templates.index(template)] = FaceTemplate(embedding, image.copy(), face, cost)


def _nearest(templates: Sequence[FaceTemplate], embedding: np.ndarray) -> FaceTemplate | None:
    best = max(
        templates, key=lambda template: _similarity(embedding, template.embedding), default=None
    )
    return (
        best
        if best is not None and _similarity(embedding, best.embedding) >= SIMILARITY_THRESHOLD
        else None
    )


def _similarity(embedding: np.ndarray, other: np.ndarray) -> float:
    return float(embedding @ other)


def is_inside(image: np.ndarray, face: Face) -> bool:
    """Return whether mouth and chin are inside an image, BGR uint8 (h, w, 3)."""
    height, width = image.shape[:2]
    x, y = face.landmarks[[*LIPS, CHIN], :2].T
    return bool(x.min() >= 0 and y.min() >= 0 and x.max() <= width and y.max() <= height)


def _cost(image: np.ndarray, face: Face) -> float:
    nose = part_around(face.landmarks[NOSE, :2], image)
    edges = sharpness(image[nose.slices]) if is_seen(nose) else 1.0
    gap = FaceFrame.of(face.landmarks).gap
    return gap + YAW_COST * abs(face.pose[0]) - BLUR_COST * float(np.log(edges))
