"""A portrait and its landmarks under a known movement of its mouth."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from lipwright.engines.warp.chin_movement import SEEN
from lipwright.engines.warp.face_frame import (
    CHIN,
    LOWER_INNER,
    LOWER_OUTER,
    UPPER_INNER,
    UPPER_OUTER,
    FaceFrame,
)
from lipwright.engines.warp.landmark_transfer import STEADY, LandmarkTransfer, centred
from lipwright.engines.warp.lip_gaps import with_gaps
from lipwright.engines.warp.motion.state import MotionState
from lipwright.engines.warp.mouth_closing import close_mouth
from lipwright.engines.warp.mouth_warp import OPENED, DisplacementLayer, Mouth, face_envelope
from lipwright.engines.warp.own_shape import PLACES, OwnShape, ShapeReader
from lipwright.engines.warp.renderer import Renderer
from lipwright.engines.warp.wanted_shape import WantedShape
from lipwright.face import FaceFinder
from lipwright.face.face import Face
from tests.videos import portrait


class KnownPerson(NamedTuple):
    """Hopper, whose mouth does what it is told."""

    face: Face
    """With a closed mouth."""
    renderer: Renderer
    carrying: LandmarkTransfer

    @property
    def frame(self) -> FaceFrame:
        return self.renderer.frame

    @property
    def reader(self) -> ShapeReader:
        return ShapeReader(self.frame, self.carrying, SEEN)

    def seen(self, mouth: Mouth) -> OwnShape:
        """The shape that is read from a picture."""
        return self.reader.shape(self.reader.offsets(self.landmarks(mouth)))

    def wanted(self, mouth: Mouth) -> OwnShape:
        """The shape that is asked for, its opening as it is: `landmarks` see all of it."""
        shape = WantedShape(self.frame, self.reader).shape(mouth)
        return self.reader.shape_of(with_gaps(shape.curves, OPENED * shape.gaps), mouth.jaw)

    def wry(self, face: Face, tilt: float, shift: float) -> Face:
        """A face whose mouth and chin are tilted and shifted as a whole (mw)."""
        frame, landmarks = self.frame, face.landmarks.copy()
        lower = tilt * frame.points[PLACES, :1]
        landmarks[PLACES, :2] += frame.unit * (shift * frame.right + lower * frame.down)
        return replace(face, landmarks=landmarks)

    def picture(self, mouth: Mouth) -> np.ndarray:
        return self.renderer.render(mouth, MotionState()).copy()

    def landmarks(self, mouth: Mouth) -> Face:
        """The face that the tracker would find in the picture if it never erred."""
        frame = self.frame
        x, y = frame.points.astype(np.float32).T[:, None]
        envelope = face_envelope(frame, x, y)
        below = (y > frame.slit.at(x))[0]
        below[[*UPPER_INNER, *UPPER_OUTER]] = False
        below[[*LOWER_INNER[1:-1], *LOWER_OUTER[1:-1]]] = True
        up, low = (
            DisplacementLayer(frame, x, y, envelope, upper=u)(mouth)[0] for u in (True, False)
        )
        shift = np.where(below[:, None], low, up)
        # as the tracker has it
        shift[STEADY] = 0
        shift[CHIN] /= SEEN
        moved = frame.points + shift
        landmarks = self.face.landmarks.copy()
        landmarks[:, :2] = frame.to_px(moved) + 0.5
        return replace(self.face, landmarks=landmarks)


@cache
def known_person() -> KnownPerson:
    face = FaceFinder().find(portrait())[0]
    renderer = Renderer(close_mouth(portrait(), centred(face).astype(np.float32)))
    landmarks = face.landmarks.copy()
    landmarks[:, :2] = renderer.frame.to_px(renderer.frame.points) + 0.5
    closed = replace(face, landmarks=landmarks)
    carrying = LandmarkTransfer(centred(closed).astype(np.float32), renderer.frame)
    return KnownPerson(closed, renderer, carrying)
