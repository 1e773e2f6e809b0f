"""The lips' contact line and the opened mouth, painted over the warped image."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.face_frame import Slit, smoothstep
from lipwright.engines.warp.face_look import colourfulness, edge_softness, grain_tile
from lipwright.engines.warp.lip_contour import Lips
from lipwright.engines.warp.mouth_closing import ClosedPortrait
from lipwright.engines.warp.mouth_interior import Interior, Opening
from lipwright.engines.warp.mouth_tone import Tone, photo_inks, video_inks
from lipwright.engines.warp.mouth_warp import Mouth
from lipwright.engines.warp.skin_shading import shadow_exponents


class MouthDetail(NamedTuple):
    """The rectangle around the lips, pixel by pixel."""

    rect: Rect  # in the region
    x: np.ndarray  # face-frame position of each pixel before the mouth moves, mw
    y: np.ndarray
    source_x: np.ndarray  # its position in the unmoved picture, px
    source_y: np.ndarray


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
        self._warmth = shadow_exponents(saturation)
        self._softness = edge_softness(frame, image)
        self._grain = grain_tile(frame, image)

    def paint(
        self,
        target: np.ndarray,
        mouth: Mouth,
        lips: Lips,
        detail: MouthDetail,
        material: tuple[np.ndarray, np.ndarray],
    ) -> None:
        """Paint the mouth into `target`, uint8 (h, w, 4), the pixels of detail.rect, in place.

        material: the face-frame positions x and y, float32 (h, w) in mw, of what the image shows
        there.
        """
        colour = target[..., :3].astype(np.float32)
        self._draw_contact(colour, mouth, lips, *material)
        if lips.height > 0.004:
            self._open(colour, mouth, lips, detail)
        target[..., :3] = cv2.convertScaleAbs(np.clip(colour, 0, 255))

    def _draw_contact(
        self, colour: np.ndarray, mouth: Mouth, lips: Lips, x: np.ndarray, y: np.ndarray
    ) -> None:
        """Draw the line where lips touch, darker under pressure.

        Where the mouth of the photograph was closed it is a shadow, not paint, so it fades as the
        lips part.
        """
        contact = self.portrait.contact
        if contact is None and mouth.press < 0.02:
            return
        r = y - self.frame.slit.at(x)
        gain = np.ones_like(r)
        if mouth.press >= 0.02:
            side = np.abs(self.frame.u(x))
            width = max(0.014, 0.6 / self.frame.unit)
            gain -= (
                0.22 * mouth.press * np.exp(-((r / width) ** 2)) * (1 - smoothstep(0.36, 0.5, side))
            )
        if contact is not None:
            strength = _contact_strength(contact, self.frame.slit, x)
            width = max(0.011, 0.6 / self.frame.unit, 1.2 * self._softness / self.frame.unit)
            fade = 1 - float(smoothstep(0, 0.035, lips.height))
            ink = self.portrait.ink * np.sqrt(0.011 / width)  # a soft line is paler
            line = fade * 1.05 * ink * np.exp(-((r / width) ** 2))
            above = 0.16 * np.exp(-((r / 0.045) ** 2))
            below = 0.10 * np.exp(-((r / 0.03) ** 2))
            gain *= 1 - strength * (line + (0.3 + 0.7 * fade) * np.where(r < 0, above, below))
        colour *= gain[..., None] ** self._warmth

    def _open(self, colour: np.ndarray, mouth: Mouth, lips: Lips, detail: MouthDetail) -> None:
        unit = self.frame.unit
        pixel = 1 / unit
        upper, lower = lips.edges(detail.x)
        soft = max(0.006, 0.45 * pixel)
        alpha = smoothstep(-soft, soft, detail.y - upper) * smoothstep(
            -soft, soft, lower - detail.y
        )
        alpha *= lips.outside(detail.x) <= 0
        alpha *= smoothstep(0.0, 0.016 + 0.3 * pixel, lower - upper)
        edge = float(np.hypot(max(0.45, 0.006 * unit), self._softness))
        alpha = cv2.GaussianBlur(alpha, (0, 0), edge)
        rim = cv2.GaussianBlur(alpha, (0, 0), 0.028 * unit)
        rim *= 0.20 * float(smoothstep(0.02, 0.15, lips.height)) * (1 - alpha)
        colour *= (1 - rim)[..., None]
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
        grain = self._grain_at(detail.rect)[part]
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
        grain: np.ndarray = self._grain[rows][:, columns]
        return grain


def _contact_strength(contact: np.ndarray, slit: Slit, x: np.ndarray) -> np.ndarray:
    """Return the darkness of the contact line of closed lips, float32 (n,), at positions x on it.

    contact: float64 (n,), the lip gap of the photograph along the slit.
    """
    across = np.clip((x - slit.x[0]) / (slit.x[-1] - slit.x[0]) * 2 - 1, -1, 1)
    gap = np.interp(x, np.linspace(slit.x[0], slit.x[-1], len(contact)), contact)
    wander = 1 + 0.18 * np.sin(7.3 * across + 1) + 0.12 * np.sin(17 * across)
    ends = smoothstep(1.0, 0.93, np.abs(across))
    strength = smoothstep(0, 0.03, gap) * (1 - 0.45 * across**2) * wander * ends
    weights: np.ndarray = strength.astype(np.float32)
    return weights
