"""The opened mouth, painted over the warped image."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.contact_line import ContactLine
from lipwright.engines.warp.face_frame import smoothstep_of
from lipwright.engines.warp.face_look import colourfulness, edge_softness, grain_tile
from lipwright.engines.warp.lip_contour import Lips
from lipwright.engines.warp.mouth_closing import ClosedPortrait
from lipwright.engines.warp.mouth_interior import Interior, Opening
from lipwright.engines.warp.mouth_tone import Tone, photo_inks, video_inks
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.skin_shading import shadow_exponents


class MouthDetail(NamedTuple):
    """The rectangle around the lips, pixel by pixel."""

    rect: Rect  # in what is drawn anew in each frame
    x: np.ndarray  # face-frame position of each pixel before the mouth moves, mw
    y: np.ndarray
    source_x: np.ndarray  # its position in the unmoved picture, px
    source_y: np.ndarray
    material: tuple[np.ndarray, np.ndarray]  # face-frame position of what is seen there, mw


class MouthPainter:
    """Paints one portrait's mouth into the rectangle around its lips."""

    def __init__(self, portrait: ClosedPortrait, tone: Tone | None = None) -> None:
        """Prepare the painting of a portrait's mouth.

        tone: of the inside of the mouth in the video; None paints it as in a photograph.
        """
        self.portrait = portrait
        self.frame = portrait.frame
        frame, image, own = portrait.frame, portrait.image, portrait.teeth
        if tone is None:
            inks = photo_inks(frame, image, None if own is None else own.enamel)
        else:
            inks = video_inks(frame, image, tone)
        saturation = colourfulness(frame, image)
        self.interior = Interior(frame, inks, saturation, None if own is None else own.edge)
        self._softness = edge_softness(frame, image)
        warmth = shadow_exponents(saturation)
        self._contact = ContactLine(portrait, self._softness, warmth)
        self._grain = grain_tile(frame, image)

    def paint(
        self,
        target: np.ndarray,
        mouth: Mouth,
        lips: Lips,
        detail: MouthDetail,
    ) -> None:
        """Paint the mouth into `target`, uint8 (h, w, 4), the pixels of detail.rect, in place."""
        colour = cv2.cvtColor(target, cv2.COLOR_BGRA2BGR).astype(np.float32)
        self._contact.draw(colour, mouth, lips, *detail.material)
        if lips.height > 0.004:
            self._open(colour, mouth, lips, detail)
        painted = cv2.convertScaleAbs(np.maximum(colour, 0, out=colour))
        cv2.mixChannels([painted], [target], [0, 0, 1, 1, 2, 2])

    def _open(self, colour: np.ndarray, mouth: Mouth, lips: Lips, detail: MouthDetail) -> None:
        unit = self.frame.unit
        upper, lower = lips.edges(detail.x)
        alpha = lips.inside(detail.x, detail.y, 1 / unit)
        edge = float(np.hypot(max(0.45, 0.006 * unit), self._softness))
        alpha = cv2.GaussianBlur(alpha, (0, 0), edge)
        rim: np.ndarray = cv2.GaussianBlur(alpha, (0, 0), 0.028 * unit)
        rim *= 0.20 * smoothstep_of(0.02, 0.15, lips.height) * (1 - alpha)
        cv2.multiply(colour, cv2.cvtColor(1 - rim, cv2.COLOR_GRAY2BGR), dst=colour)
        x, y, width, height = cv2.boundingRect((alpha > 0.002).astype(np.uint8))
        if width == 0:
            return
        part = slice(y, y + height), slice(x, x + width)
        left, right = self.frame.u(np.array([lips.left, lips.right]))
        opening = Opening(
            self.frame.u(detail.x[part]),
            detail.y[part],
            upper[part],
            lower[part],
            lips.height,
            float(left),
            float(right),
            self.frame.slit.at(detail.x[part]),
        )
        inside = self.interior.paint(mouth, opening, self._own_teeth(detail, part))
        if self._softness > 0.3:
            inside = cv2.GaussianBlur(inside, (0, 0), self._softness)
        grain = self._grain_at(Rect(x, y, x + width, y + height).moved(*detail.rect[:2]))
        inside += 0.7 * grain * np.sqrt(np.clip(inside / 255, 0.02, 1))
        colour[part] += (inside - colour[part]) * alpha[part][..., None]

    def _own_teeth(self, detail: MouthDetail, part: tuple[slice, slice]) -> np.ndarray | None:
        """Return the person's own teeth where they stand in this frame, BGRA float32."""
        teeth = self.portrait.teeth
        if teeth is None or teeth.plate is None:
            return None
        return cv2.remap(
            teeth.plate,
            detail.source_x[part] - np.float32(teeth.origin[0]),
            detail.source_y[part] - np.float32(teeth.origin[1]),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
        )

    def _grain_at(self, rect: Rect) -> np.ndarray:
        size = self._grain.shape[0]
        rows = np.arange(rect.y0, rect.y1) % size
        columns = np.arange(rect.x0, rect.x1) % size
        grain: np.ndarray = self._grain.take(rows, axis=0).take(columns, axis=1)
        return grain
