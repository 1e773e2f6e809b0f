"""The people of a video, and the frame that serves as the template of each one's lower face."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from lipwright.core.once import Once
from lipwright.core.validation import MouthSource
from lipwright.engines.warp.lower_face import LowerFace
from lipwright.engines.warp.mouth_bank import SHAPES
from lipwright.engines.warp.mouth_examples import ExampleStore
from lipwright.engines.warp.mouth_tone import Tone, face_shadow, mouth_tone, typical_tone
from lipwright.engines.warp.template_choice import TemplateChoice
from lipwright.face.face import Face
from lipwright.face.landmark_indices import LIPS
from lipwright.face.person_look import PersonLook, Texture
from lipwright.face.tracker import TrackedFrame

log = logging.getLogger("lipwright")


class FaceTemplates:
    """What samples of a video's frames show of one person."""

    def __init__(self, examples: Iterable[TrackedFrame], mouth: MouthSource = "auto") -> None:
        """Look for the calmest frame, and keep the mouths of many.

        mouth: "own" always lends one of these mouths, "drawn" none of them.
        """
        templates, mouths = TemplateChoice(), ExampleStore()
        colours: list[_Colours] = []
        for frame in examples:
            image, face, texture = frame.image, frame.face, frame.texture
            if face is not None and texture is not None and lips_inside(image, face) == 1:
                templates.add(image, face, texture)
                if mouth != "drawn":
                    mouths.add(image, face, texture)
                tone, shadow = mouth_tone(image, face), face_shadow(image, face)
                colours.append(_Colours(texture, tone, shadow))
        look = PersonLook([one.texture for one in colours])
        self._template = templates.best(look)
        self._tone = _tone([one for one in colours if not look.is_covered(one.texture)])
        self._mouths, self._always_own = mouths.uncovered(look), mouth == "own"
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
        calm = self._template
        return self._lower_face.get(
            lambda: LowerFace(calm.image, calm.face, self._tone, self._mouths, self._always_own)
        )


class _Colours(NamedTuple):
    """Colours of one frame."""

    texture: Texture
    """Of the lower face."""
    tone: Tone | None
    """Of the inside of the mouth, where it is seen."""
    shadow: float
    """Of the face's shadows."""


def _tone(colours: Sequence[_Colours]) -> Tone | None:
    """Return the tone of the inside of the mouth in a video."""
    if not colours:
        return None
    seen = [one.tone for one in colours if one.tone is not None]
    return typical_tone(seen, float(np.median([one.shadow for one in colours])))


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
