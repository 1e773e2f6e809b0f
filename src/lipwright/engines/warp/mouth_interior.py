"""The inside of the mouth: teeth, tongue, cheeks and the throat behind them.

Upper teeth belong to the skull, lower teeth and tongue to the jaw. All is painted as light between
the picture's own darkest (0) and that of enamel (1), so that a pale painting gets a pale mouth.
Lengths in mouth widths; colours BGR 0-255.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lipwright.engines.warp.dental_arch import LOWER, UPPER, Teeth
from lipwright.engines.warp.face_frame import FaceFrame, smoothstep, smoothstep_of
from lipwright.engines.warp.mouth_tone import Inks
from lipwright.engines.warp.mouth_warp import Mouth

INCISAL_LINE = 0.045  # upper edges stand this far below the lip line
INCISAL_CURVE = 0.050  # and rise by this much at |u| = 0.4
ARCH_FOLLOWS = 0.6  # of the lip line's own arc, which a tilted head or a smile bends
OVERBITE = 0.018
# Light of flesh between black and white.
THROAT = np.array([0.0, 0.0, 0.02], np.float32)
PALATE = np.array([0.06, 0.06, 0.16], np.float32)
CHEEK = np.array([0.13, 0.12, 0.28], np.float32)
TONGUE = np.array([0.47, 0.42, 0.80], np.float32)
# Inside the mouth light has passed through flesh: what shade takes from B, G, R.
MOUTH_SHADE = np.array([1.12, 1.04, 0.84], np.float32)
FULL_ROUND = 0.17  # mw of rounding at which the lips hide the teeth


@dataclass(frozen=True)
class Opening:
    """The visible gap on a rectangle of the output: all arrays (h, w), mw."""

    u: np.ndarray
    y: np.ndarray
    upper: np.ndarray  # y of the upper lip's edge at each pixel's column
    lower: np.ndarray
    height: float  # greatest opening
    left: float  # u of the corners
    right: float
    arc: np.ndarray  # y of the closed lip line at each pixel's column


class Interior:
    """The inside of one portrait's mouth."""

    def __init__(
        self, frame: FaceFrame, inks: Inks, saturation: float, edge: float | None = None
    ) -> None:
        """Paint the teeth of a portrait.

        Args:
            frame: of the portrait, its mouth closed.
            inks: the darkest and the brightest that may be painted.
            saturation: [0, 1]; a grey photograph gets a grey mouth.
            edge: where the person's own upper teeth end, mw below the lip line at the middle; None
                where they are not seen.
        """
        self._black, self._span = inks.black, inks.white - inks.black
        self._lip_line = float(frame.slit.at(frame.x(0.0)))
        self._edge = INCISAL_LINE if edge is None else edge
        self._pixel = 1 / frame.unit
        self._upper, self._lower = Teeth(UPPER, frame.unit), Teeth(LOWER, frame.unit)
        for teeth in (self._upper, self._lower):
            teeth.desaturate(saturation)
        self._flesh = {
            name: _faded(colour * inks.cast, saturation)
            for name, colour in (
                ("throat", THROAT), ("palate", PALATE), ("cheek", CHEEK), ("tongue", TONGUE)
            )
        }  # fmt: skip
        self._shade = 1 + np.float32(saturation) * (MOUTH_SHADE - 1)

    def paint(self, mouth: Mouth, at: Opening, own: np.ndarray | None = None) -> np.ndarray:
        """Return float32 BGR (h, w, 3) for every pixel of the rectangle.

        own: the person's own upper teeth, BGRA float32 (h, w, 4), alpha in [0, 1].
        """
        across = np.clip(
            (at.u - (at.left + at.right) / 2) / max((at.right - at.left) / 2, 1e-3), -1, 1
        )
        depth = at.y - at.upper  # below the upper lip
        shown = teeth_shown(mouth)
        shade = upper_lip_shadow(at, depth)
        picture = self._cavity(at, across, depth)
        self._lay_tongue(picture, mouth, at)
        self._lay_lower_teeth(picture, mouth, at, across, shown)
        self._lay_upper_teeth(picture, at, across, shown)
        picture *= self._in_shade(shade)
        picture *= self._span
        picture += self._black
        if own is not None:
            light = shade * (1 - 0.30 * np.abs(across) ** 3)
            lit = own[..., :3] * self._in_shade(light)
            picture += (lit - picture) * (shown * own[..., 3:])
        self._lay_tip_between_teeth(picture, mouth, at)
        return picture

    def _in_shade(self, light: np.ndarray) -> np.ndarray:
        shaded: np.ndarray = 1 - (1 - light)[..., None] * self._shade
        return shaded

    def _cavity(self, at: Opening, across: np.ndarray, depth: np.ndarray) -> np.ndarray:
        """Paint palate, throat and the inside of the cheeks, which come forward to the corners."""
        inside = depth / np.maximum(at.lower - at.upper, 1e-3)
        throat = np.exp(-((across / 0.62) ** 2) - ((inside - 0.45) / 0.30) ** 2)
        palate = self._flesh["palate"]
        picture: np.ndarray = palate + throat[..., None] * (self._flesh["throat"] - palate)
        walls = smoothstep(0.45, 1.0, np.abs(across))
        _over(picture, self._flesh["cheek"], walls)
        return picture

    def _jaw_line(self, mouth: Mouth) -> float:
        """Return where the closed lip line would stand on the lowered jaw."""
        return self._lip_line + 0.92 * max(mouth.jaw, 0.55 * mouth.opening)

    def _lay_tongue(self, picture: np.ndarray, mouth: Mouth, at: Opening) -> None:
        """Draw the tongue: a dome whose front, behind the lower teeth, faces the light."""
        tip = min(mouth.tip, 1.0)
        lowered = 1 - smoothstep_of(0, 0.08, mouth.jaw)
        hidden = smoothstep_of(0.08, FULL_ROUND, mouth.round)  # it draws back for o and u
        top = self._jaw_line(mouth) - 0.02 - 0.46 * mouth.jaw * (1 - 0.7 * hidden)
        top += -tip * (0.42 * mouth.jaw + 0.03) + 0.05 * lowered * (1 - tip)
        half = 0.44 - 0.12 * tip
        side = np.minimum(np.abs(at.u) / half, 1)
        dome = (0.06 + 0.30 * mouth.jaw) * (1 - np.sqrt(1 - side**2))
        below = at.y - (top + dome)
        soft = 0.014 + 0.03 * mouth.jaw + self._pixel
        alpha = smoothstep(-soft, soft, below) * smoothstep(1.0, 0.9, side)
        thick = 0.09 + 0.26 * mouth.jaw
        facing = below / thick  # 0 at the horizon, 1 below the front
        lit = 0.34 + 0.66 * smoothstep(-0.05, 0.65, facing)
        lit = lit * (1 - 0.42 * side**2.2) * (1 - 0.35 * hidden)
        groove = np.exp(-((at.u / 0.030) ** 2)) * (1 - tip)
        groove = groove * smoothstep(0.05, 0.3, facing) * smoothstep(1.2, 0.6, facing)
        lit = lit - 0.10 * groove
        wet = np.exp(-(((facing - 0.55) / 0.16) ** 2) - ((np.abs(at.u) - 0.07) / 0.05) ** 2)
        colour = lit[..., None] * self._flesh["tongue"] + 0.05 * wet[..., None]
        _over(picture, colour, alpha)

    def _lay_lower_teeth(
        self, picture: np.ndarray, mouth: Mouth, at: Opening, across: np.ndarray, shown: float
    ) -> None:
        behind = OVERBITE * (1 - 1.2 * smoothstep_of(0.0, 0.2, mouth.opening))
        edge = self._jaw_line(mouth) + behind - 0.3 * mouth.drop
        shown *= smoothstep_of(0.0, 0.03, mouth.jaw + mouth.drop)
        # a mere sliver of them would be a grey line along the lip
        shown *= smoothstep_of(0.01, 0.045, at.lower.max() - edge)
        if shown < 0.02:
            return
        height = at.y - (edge + 0.05 * (at.u / 0.4) ** 2 + self._arc(at))
        light = 0.80 * (1 - 0.5 * np.abs(across) ** 2.6)
        light = light * (0.68 + 0.32 * smoothstep(0.0, 0.06, at.lower - at.y))
        self._lay_teeth(picture, self._lower, at.u, height, light, shown)

    def _lay_upper_teeth(
        self, picture: np.ndarray, at: Opening, across: np.ndarray, shown: float
    ) -> None:
        if shown < 0.02:
            return
        light = 1.0 - 0.40 * np.abs(across) ** 2.2
        self._lay_teeth(picture, self._upper, at.u, self._edge_line(at) - at.y, light, shown)

    def _edge_line(self, at: Opening) -> np.ndarray:
        """Return y of the upper teeth's edges."""
        line: np.ndarray = (
            self._lip_line + self._edge - INCISAL_CURVE * (at.u / 0.4) ** 2 + self._arc(at)
        )
        return line

    def _arc(self, at: Opening) -> np.ndarray:
        bent: np.ndarray = ARCH_FOLLOWS * (at.arc - self._lip_line)
        return bent

    def _lay_teeth(
        self,
        picture: np.ndarray,
        arch: Teeth,
        u: np.ndarray,
        height: np.ndarray,
        light: np.ndarray,
        opacity: float,
    ) -> None:
        teeth = arch.at(u, height)
        picture *= 1 - opacity * teeth[..., 3:]
        picture += teeth[..., :3] * (opacity * self._in_shade(light))

    def _lay_tip_between_teeth(self, picture: np.ndarray, mouth: Mouth, at: Opening) -> None:
        """Draw the tongue's tip over the upper edges, for th."""
        amount = float(np.clip(mouth.tip - 1, 0, 0.5) * 2)
        if amount < 0.02:
            return
        soft = 0.012 + self._pixel
        below = at.y - (self._lip_line + 0.024 + 0.25 * at.u**2)
        side = np.minimum(np.abs(at.u) / 0.27, 1)
        alpha = amount * smoothstep(-soft, soft, below) * smoothstep(1.0, 0.7, side)
        lit = 0.80 + 0.20 * smoothstep(0.0, 0.05, below) - 0.3 * side**2
        colour = self._black + lit[..., None] * self._flesh["tongue"] * self._span
        _over(picture, colour, alpha)


def upper_lip_shadow(at: Opening, depth: np.ndarray) -> np.ndarray:
    """Return the light, (0, 1], that the upper lip leaves, float32 (h, w)."""
    reach = 0.03 + 0.12 * min(at.height, 0.4)
    light: np.ndarray = 0.64 + 0.36 * smoothstep(-0.01, reach, depth)
    light *= 0.66 + 0.34 * smoothstep_of(0.01, 0.10, at.height)  # little comes into a slit
    return light * (0.85 + 0.15 * smoothstep(0, 0.03, at.lower - at.y))


def teeth_shown(mouth: Mouth) -> float:
    """Return how much of the teeth is seen, [0, 1]: rounded lips hide them unless they turn out."""
    rounded = smoothstep_of(0.07, 0.9 * FULL_ROUND, mouth.round)
    turned_out = smoothstep_of(0.008, 0.03, mouth.drop)
    return 1 - rounded * (1 - turned_out)


def _over(picture: np.ndarray, colour: np.ndarray, alpha: np.ndarray) -> None:
    picture += (colour - picture) * alpha[..., None]


def _faded(colour: np.ndarray, saturation: float) -> np.ndarray:
    grey = colour.mean()
    faded: np.ndarray = grey + np.float32(saturation) * (colour - grey)
    return faded
