"""Who is in a film, and which of its frames lends each of them the lower face."""

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
    """A person as seen in a part of the film."""

    look: np.ndarray
    image: np.ndarray
    face: Face
    cost: float
    """How unfit the frame is to lend its mouth: an open one, a turned head, a blurred picture."""


class FaceTemplates:
    """The roles of a film, found in examples of its frames."""

    def __init__(self, examples: Iterable[TrackedFrame]) -> None:
        roles: list[FaceTemplate] = []
        tones, shadows = [], []
        for frame in examples:
            if frame.face is not None and is_inside(frame.image, frame.face):
                _consider_template(roles, frame.image, frame.face)
                tones.append(mouth_tone(frame.image, frame.face))
                shadows.append(face_shadow(frame.image, frame.face))
        seen = [tone for tone in tones if tone is not None]
        self._tone = typical_tone(seen, float(np.median(shadows))) if shadows else None
        self._roles = tuple(roles)
        self._lower_faces = {role: Once[LowerFace]() for role in roles}

    def lower_face(self, image: np.ndarray, face: Face | None) -> LowerFace | None:
        """The lower face for the shot that begins with a frame: that of the role most like it.

        image: BGR uint8 (h, w, 3); face: in px of it. Who is like none of the roles lends it to
        himself. None where the mouth is not to be seen.
        """
        if face is None or not is_inside(image, face):
            return None
        role = _nearest(self._roles, embed_face(image, face))
        if role is None:
            return LowerFace(image.copy(), face, self._tone)
        return self._lower_faces[role].get(lambda: LowerFace(role.image, role.face, self._tone))


def _consider_template(roles: list[FaceTemplate], image: np.ndarray, face: Face) -> None:
    """Adds a new role, or gives the one that is most alike a better frame to lend."""
    look = embed_face(image, face)
    role = _nearest(roles, look)
    if role is None:
        roles.append(FaceTemplate(look, image.copy(), face, _cost(image, face)))
    elif (cost := _cost(image, face)) < role.cost:
        roles[roles.index(role)] = FaceTemplate(look, image.copy(), face, cost)


def _nearest(roles: Sequence[FaceTemplate], look: np.ndarray) -> FaceTemplate | None:
    best = max(roles, key=lambda role: _likeness(look, role.look), default=None)
    return best if best is not None and _likeness(look, best.look) >= SIMILARITY_THRESHOLD else None


def _likeness(look: np.ndarray, other: np.ndarray) -> float:
    return float(look @ other)


def is_inside(image: np.ndarray, face: Face) -> bool:
    """Whether mouth and chin are in the picture."""
    height, width = image.shape[:2]
    x, y = face.landmarks[[*LIPS, CHIN], :2].T
    return bool(x.min() >= 0 and y.min() >= 0 and x.max() <= width and y.max() <= height)


def _cost(image: np.ndarray, face: Face) -> float:
    nose = part_around(face.landmarks[NOSE, :2], image)
    edges = sharpness(image[nose.slices]) if is_seen(nose) else 1.0
    gap = FaceFrame.of(face.landmarks).gap
    return gap + YAW_COST * abs(face.pose[0]) - BLUR_COST * float(np.log(edges))
