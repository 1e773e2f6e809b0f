"""The line where lips touch: drawn where we closed them, and gone again where they part.

It is a shadow, not paint. Where the photograph has it, it would stay as an outline on the edge of
an opened lip; so it is lightened to what the lips are around it.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import FaceFrame, Slit, smoothstep, smoothstep_of
from lipwright.engines.warp.lip_contour import Lips
from lipwright.engines.warp.mouth_closing import ClosedPortrait
from lipwright.engines.warp.mouth_warp import Mouth

COLUMNS, ROWS = 96, 65
LINE_TABLE = 321
REACH = 0.09  # mw to either side of the line
LINE = 0.07  # mw: a wider shadow belongs to the lips
MOST = 2.2  # times lighter at most
TAKEN = 0.8  # of the line's darkness: the edge of a lip is a little darker than the lip
PARTED = 0.02, 0.12  # mw of opening between which it goes
SIDES = 0.47, 0.34  # of the mouth, in its own coordinate: towards the corners it stays


class ContactLine:
    """The contact line of one portrait's lips."""

    def __init__(self, portrait: ClosedPortrait, softness: float, warmth: np.ndarray) -> None:
        """Measure the line.

        softness: of the picture's edges, px; warmth: exponents by which a shadow on skin turns
        red, float32 (3,) BGR.
        """
        self.frame, self.portrait = portrait.frame, portrait
        self._softness, self._warmth = softness, warmth
        slit = portrait.frame.slit
        self._line = slit.at(np.linspace(slit.x[0], slit.x[-1], LINE_TABLE))[None]
        self._shadow = None
        if portrait.contact is None:
            self._shadow = _line_shadow(portrait.frame, portrait.image)

    def draw(
        self, colour: np.ndarray, mouth: Mouth, lips: Lips, x: np.ndarray, y: np.ndarray
    ) -> None:
        """Draw it into `colour`, float32 (h, w, 3), in place: darker under pressure.

        x, y: the face-frame positions, float32 (h, w) in mw, of what the image shows there.
        """
        parted = smoothstep_of(*PARTED, lips.height)
        lightened = self._shadow is not None and parted > 0
        if self.portrait.contact is None and mouth.press < 0.02 and not lightened:
            return
        r = self._below(x, y)
        gain: np.ndarray | None = None
        if mouth.press >= 0.02:
            side = np.abs(self.frame.u(x))
            width = max(0.014, 0.6 / self.frame.unit)
            gain = 1 - (
                0.22 * mouth.press * np.exp(-((r / width) ** 2)) * (1 - smoothstep(0.36, 0.5, side))
            )
        if self.portrait.contact is not None:
            line = self._closed_line(self.portrait.contact, lips, x, r)
            gain = line if gain is None else gain * line
        if gain is not None:
            colour *= gain[..., None] ** self._warmth
        if lightened:
            lighter = 1 + parted * self._lightening(x, r)
            cv2.multiply(colour, cv2.cvtColor(lighter, cv2.COLOR_GRAY2BGR), dst=colour)

    def _below(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return how far places are below the line, float32 (h, w) in mw, as x and y are."""
        column = self._column(x, LINE_TABLE)
        row = np.zeros_like(column)
        line = cv2.remap(self._line, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return y - line

    def _column(self, x: np.ndarray, columns: int) -> np.ndarray:
        """Return where in a table of so many columns from corner to corner places are."""
        first, last = self.frame.slit.x[[0, -1]].tolist()
        scale = (columns - 1) / (last - first)
        return cv2.addWeighted(x, scale, x, 0, -first * scale)

    def _closed_line(
        self, contact: np.ndarray, lips: Lips, x: np.ndarray, r: np.ndarray
    ) -> np.ndarray:
        """Return the gain of the line where we closed the lips."""
        strength = _contact_strength(contact, self.frame.slit, x)
        width = max(0.011, 0.6 / self.frame.unit, 1.2 * self._softness / self.frame.unit)
        fade = 1 - smoothstep_of(0, 0.035, lips.height)
        ink = self.portrait.ink * np.sqrt(0.011 / width)  # a soft line is paler
        line = fade * 1.05 * ink * np.exp(-((r / width) ** 2))
        above = 0.16 * np.exp(-((r / 0.045) ** 2))
        below = 0.10 * np.exp(-((r / 0.03) ** 2))
        gain: np.ndarray = 1 - strength * (
            line + (0.3 + 0.7 * fade) * np.where(r < 0, above, below)
        )
        return gain

    def _lightening(self, x: np.ndarray, r: np.ndarray) -> np.ndarray:
        """Return by how much the photograph's own line is lightened, 0 for not at all."""
        assert self._shadow is not None
        scale = (ROWS - 1) / (2 * REACH)
        return cv2.remap(
            self._shadow,
            self._column(x, COLUMNS),
            cv2.addWeighted(r, scale, r, 0, REACH * scale),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
        )


def _line_shadow(frame: FaceFrame, image: np.ndarray) -> np.ndarray:
    """Return how much darker than the lips the line between them is, float32 (ROWS, COLUMNS)."""
    x = np.linspace(frame.slit.x[0], frame.slit.x[-1], COLUMNS)
    r = np.linspace(-REACH, REACH, ROWS)[:, None]
    y = frame.slit.at(x) + r
    px = frame.to_px(np.stack([np.broadcast_to(x, y.shape), y], -1)).astype(np.float32)
    light = cv2.remap(
        image, px[..., 0], px[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    light = light.astype(np.float32).mean(-1) + 4
    rows = round(LINE / (2 * REACH) * ROWS) | 1
    lips = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((rows, 1), np.uint8))
    shadow = TAKEN * (np.minimum(lips / light, MOST) - 1)
    shadow *= smoothstep(REACH, 0.6 * REACH, np.abs(r)) * smoothstep(*SIDES, np.abs(frame.u(x)))
    smooth: np.ndarray = cv2.GaussianBlur(shadow.astype(np.float32), (0, 0), 1.0)
    return smooth


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
