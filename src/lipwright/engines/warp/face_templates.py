"""The people of a video, and the frame that serves as the template of each one's lower face."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import numpy as np

from lipwright.core.once import Once
from lipwright.core.validation import MouthSource
from lipwright.engines.warp.face_frame import CHIN, FaceFrame
from lipwright.engines.warp.lower_face import LowerFace
from lipwright.engines.warp.mouth_bank import SHAPES
from lipwright.engines.warp.mouth_examples import ExampleStore
from lipwright.engines.warp.mouth_tone import face_shadow, mouth_tone, typical_tone
from lipwright.engines.warp.sharpness import NOSE, is_seen, part_around, sharpness
from lipwright.face.face import Face
from lipwright.face.landmark_indices import LIPS
from lipwright.face.tracker import TrackedFrame

log = logging.getLogger("lipwright")

YAW_COST = 0.004  # mouth widths of lip gap that a degree of yaw is as bad as
CHIN_COST = 1.0  # the same for a chin below the picture
BLUR_COST = 0.25  # the same for a picture e times less sharp


class FaceTemplates:
    """What samples of a video's frames show of one person."""

    def __init__(self, examples: Iterable[TrackedFrame], mouth: MouthSource = "auto") -> None:
        """Look for the calmest frame, and keep the mouths of many.

        mouth: "own" always lends one of these mouths, "drawn" none of them.
        """
        self._template: tuple[float, np.ndarray, Face] | None = None
        tones, shadows = [], []
        mouths = ExampleStore()
        for frame in examples:
            image, face = frame.image, frame.face
            if face is not None and lips_inside(image, face) == 1:
                self._consider(image, face)
                if mouth != "drawn":
                    mouths.add(image, face)
                tones.append(mouth_tone(image, face))
                shadows.append(face_shadow(image, face))
        seen = [tone for tone in tones if tone is not None]
        self._tone = typical_tone(seen, float(np.median(shadows))) if shadows else None
        self._mouths, self._always_own = mouths.examples, mouth == "own"
        if self._always_own and len(self._mouths) <= SHAPES:
            _tell_too_few(len(self._mouths))
        self._lower_face = Once[LowerFace]()

    def lower_face(self, image: np.ndarray, face: Face | None) -> LowerFace | None:
        """Return the person's lower face, for a shot that begins with a frame.

        image: BGR uint8 (h, w, 3); face: in px of it. Somebody of whom no sample was fit is drawn
        from this frame. None where the mouth is not seen, or nowhere seen whole.
        """
        if face is None or not lips_inside(image, face):
            return None
        if self._template is None:
            if lips_inside(image, face) < 1:
                return None
            return LowerFace(image.copy(), face, self._tone)
        _, calm, calm_face = self._template
        return self._lower_face.get(
            lambda: LowerFace(calm, calm_face, self._tone, self._mouths, self._always_own)
        )

    def _consider(self, image: np.ndarray, face: Face) -> None:
        cost = _cost(image, face)
        if self._template is None or cost < self._template[0]:
            self._template = cost, image.copy(), face


def _tell_too_few(count: int) -> None:
    """Say that a video shows fewer mouths than are mixed."""
    log.warning(
        "The video shows %d mouths of somebody who speaks, and %d are needed to lend any: that "
        "person's mouths are drawn.",
        count,
        SHAPES + 1,
        extra={"option": "mouth"},
    )


def lips_inside(image: np.ndarray, face: Face) -> float:
    """Return the share of the lips that is inside an image, BGR uint8 (h, w, 3): 0 to 1."""
    height, width = image.shape[:2]
    x, y = face.landmarks[LIPS, :2].T
    return float(((x >= 0) & (y >= 0) & (x <= width) & (y <= height)).mean())


def _cost(image: np.ndarray, face: Face) -> float:
    nose = part_around(face.landmarks[NOSE, :2], image)
    edges = sharpness(image[nose.slices]) if is_seen(nose) else 1.0
    gap = FaceFrame.of(face.landmarks).gap
    cost = gap + YAW_COST * abs(face.pose[0]) - BLUR_COST * float(np.log(edges))
    below = float(face.landmarks[CHIN, 1]) > image.shape[0]
    return float(cost + CHIN_COST * below)
