"""The inside of the mouth: teeth, tongue and the dark behind them.

Upper teeth belong to the skull, lower teeth and tongue to the jaw. Teeth are painted once per
portrait, each with its own light, at a resolution above the image's; a frame only places them
and adds the lips' shadows. Lengths in mouth widths; colours BGR 0-255.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import SKIN_POINTS, FaceFrame, smoothstep
from lipwright.engines.warp.mouth_warp import Mouth

# One half of each dental arch seen from the front: where teeth begin and end (mw from the
# middle), how bright each is, how much higher its edge stands, and how yellow it is.
UPPER_EDGES = np.array([0, 0.155, 0.270, 0.362, 0.435, 0.488, 0.525], np.float32)
UPPER_LIGHT = np.array([1.0, 0.94, 0.87, 0.74, 0.58, 0.40], np.float32)
UPPER_RISE = np.array([0, 0.016, 0.004, 0.022, 0.035, 0.05], np.float32)
LOWER_EDGES = np.array([0, 0.098, 0.202, 0.300, 0.375, 0.43, 0.47], np.float32)
LOWER_LIGHT = np.array([0.95, 0.93, 0.86, 0.70, 0.5, 0.35], np.float32)
LOWER_RISE = np.array([0, 0.0, -0.004, 0.01, 0.02, 0.03], np.float32)
CANINE = 2
INCISAL_LINE = 0.042  # upper edges stand this far below the lip line
INCISAL_CURVE = 0.075  # and rise by this much at |u| = 0.4
OVERBITE = 0.018
ENAMEL = np.array([186.0, 206.0, 218.0], np.float32)
CAVITY = np.array([20.0, 20.0, 52.0], np.float32)
TONGUE = np.array([95.0, 100.0, 188.0], np.float32)
TONGUE_TIP = np.array([88.0, 92.0, 168.0], np.float32)
# Inside the mouth light has passed through flesh: shadows on teeth are warm (B, G, R exponents).
MOUTH_SHADOW = np.array([1.22, 1.10, 0.80], np.float32)


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


class Interior:
    """The inside of one portrait's mouth."""

    def __init__(self, frame: FaceFrame, image: np.ndarray, own_teeth: bool) -> None:
        """Paint the teeth of a portrait, uint8 (h, w, 3).

        own_teeth: the photograph's own upper teeth will be drawn over these.
        """
        self._own_teeth = own_teeth
        skin = self.skin = np.maximum(skin_colour(frame, image), 1)
        self._light = float(np.clip(skin.mean() / 165, 0.28, 1.2))
        cast = skin / skin.mean()
        swatch = skin.clip(0, 255).astype(np.uint8)[None, None]
        lab = cv2.cvtColor(swatch, cv2.COLOR_BGR2LAB)[0, 0]
        chroma = float(np.hypot(*(lab[1:].astype(np.float32) - 128)))
        self.saturation = min(chroma / 14, 1.0)
        """[0, 1]: a grey photograph gets a grey mouth."""
        enamel = ENAMEL * cast**0.45
        self._lip_line = float(frame.slit.at(frame.x(0.0)))
        self._unit = frame.unit
        upper = _paint_arch(UPPER_EDGES, UPPER_LIGHT, UPPER_RISE, frame.unit, 0.012)
        lower = _paint_arch(LOWER_EDGES, LOWER_LIGHT, LOWER_RISE, frame.unit, 0.006)
        self._upper = self._finish(upper, enamel)
        self._lower = self._finish(lower, enamel)
        self._texture_scale = _texture_scale(frame.unit)
        self.white = self._tone(enamel)
        """BGR: about as bright as anything is painted."""
        self._cavity, self._tongue, self._tip = (
            self._tone(c) for c in (CAVITY, TONGUE, TONGUE_TIP)
        )

    def _tone(self, colour: np.ndarray) -> np.ndarray:
        return self._faded(colour) * self._light

    def _faded(self, colour: np.ndarray) -> np.ndarray:
        grey = colour.mean(-1, keepdims=True)
        saturated: np.ndarray = grey + self.saturation * (colour - grey)
        return saturated

    def _finish(
        self, painted: tuple[np.ndarray, np.ndarray, np.ndarray], enamel: np.ndarray
    ) -> np.ndarray:
        """Return premultiplied BGRA float32 of (shade, alpha, yellowness)."""
        shade, alpha, yellow = painted
        colour = enamel * (1 - yellow[..., None] * np.array([1.0, 0.35, 0.0], np.float32))
        colour = self._tone(colour * shade[..., None])
        return np.dstack([colour * alpha[..., None], alpha]).astype(np.float32)

    def paint(self, mouth: Mouth, at: Opening) -> np.ndarray:
        """Return float32 BGR (h, w, 3) for every pixel of the rectangle."""
        across = np.clip(
            (at.u - (at.left + at.right) / 2) / max((at.right - at.left) / 2, 1e-3), -1, 1
        )
        depth = at.y - at.upper  # below the upper lip
        height = np.maximum(at.lower - at.upper, 1e-3)
        inside = np.clip(depth / height, 0, 1)
        dark = (0.28 + 0.75 * inside * np.sqrt(inside)) * (1 - 0.75 * across**2)
        picture = dark[..., None] * self._cavity
        self._lay_tongue(picture, mouth, at, depth)
        self._lay_lower_teeth(picture, mouth, at, depth, across)
        if not self._own_teeth:
            self._lay_upper_teeth(picture, mouth, at, depth, across)
        self._lay_tip_between_teeth(picture, mouth, at)
        lips_shadow = 0.42 + 0.58 * smoothstep(0, 0.025 + 0.05 * at.height, depth)
        lips_shadow *= 0.66 + 0.34 * smoothstep(0, 0.04, at.lower - at.y)
        picture *= lips_shadow[..., None] ** MOUTH_SHADOW
        return picture if self.saturation == 1 else self._faded(picture)

    def _jaw_line(self, mouth: Mouth) -> float:
        """Return where the closed lip line would stand on the lowered jaw."""
        return self._lip_line + 0.92 * max(mouth.jaw, 0.55 * mouth.opening)

    def _lay_tongue(
        self, picture: np.ndarray, mouth: Mouth, at: Opening, depth: np.ndarray
    ) -> None:
        tip = min(mouth.tip, 1.0)
        soft = 0.012 + 1 / self._unit
        lowered = 1 - float(smoothstep(0, 0.08, mouth.jaw))
        top = self._jaw_line(mouth) - 0.015 - 0.22 * mouth.jaw
        top += -tip * (0.42 * mouth.jaw + 0.03) + 0.05 * lowered * (1 - tip)
        width = 0.40 - 0.10 * tip
        across = at.u / width
        below = at.y - (top + 0.10 * across**2)
        alpha = smoothstep(-soft, soft, below) * smoothstep(1.02, 0.86, np.abs(across) / 1.12)
        lit = 0.46 + 0.50 * np.exp(-(((below - 0.05) / 0.07) ** 2)) * (1 - 0.55 * across**2)
        groove = np.exp(-((at.u / 0.020) ** 2)) * (1 - tip) * smoothstep(0.02, 0.08, below)
        lit = (lit - 0.12 * groove) * (0.55 + 0.45 * smoothstep(0, 0.09, depth))
        wet = np.exp(-(((below - 0.035) / 0.02) ** 2) - ((at.u - 0.05) / 0.09) ** 2)
        wet *= float(smoothstep(0.0, 0.4, mouth.tip + 0.25)) * 18 * self._light
        _over(picture, lit[..., None] * self._tongue + wet[..., None], alpha)

    def _lay_lower_teeth(
        self,
        picture: np.ndarray,
        mouth: Mouth,
        at: Opening,
        depth: np.ndarray,
        across: np.ndarray,
    ) -> None:
        shown = float(smoothstep(0.0, 0.03, mouth.jaw + mouth.drop))
        if shown < 0.02:
            return
        behind = OVERBITE * (1 - 1.2 * float(smoothstep(0.0, 0.2, mouth.opening)))
        edge = self._jaw_line(mouth) + behind - 0.3 * mouth.drop
        height = at.y - (edge + 0.05 * (at.u / 0.4) ** 2)
        light = (
            0.70 * (1 - 0.75 * np.abs(across) ** 2.6) * (0.50 + 0.50 * smoothstep(0.0, 0.10, depth))
        )
        self._lay_teeth(picture, self._lower, at.u, height, light, shown)

    def _lay_upper_teeth(
        self,
        picture: np.ndarray,
        mouth: Mouth,
        at: Opening,
        depth: np.ndarray,
        across: np.ndarray,
    ) -> None:
        edge = self._lip_line + INCISAL_LINE - INCISAL_CURVE * (at.u / 0.4) ** 2
        light = 1.12 * (1 - 0.22 * min(mouth.round / 0.19, 1.0))
        shadow = 0.46 + 0.54 * smoothstep(-0.02, 0.075, depth)
        shadow *= 1 - 0.72 * np.abs(across) ** 3
        self._lay_teeth(picture, self._upper, at.u, edge - at.y, light * shadow, 1.0)

    def _lay_teeth(
        self,
        picture: np.ndarray,
        texture: np.ndarray,
        u: np.ndarray,
        height: np.ndarray,
        light: np.ndarray,
        opacity: float,
    ) -> None:
        teeth = cv2.remap(
            texture,
            ((u + TEXTURE_HALF) * self._texture_scale).astype(np.float32),
            ((height + TEXTURE_BELOW) * self._texture_scale).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        alpha = opacity * teeth[..., 3:]
        picture *= 1 - alpha
        picture += teeth[..., :3] * (opacity * np.maximum(light, 0)[..., None] ** MOUTH_SHADOW)

    def _lay_tip_between_teeth(self, picture: np.ndarray, mouth: Mouth, at: Opening) -> None:
        """Draw the tongue's tip over the upper edges, for th."""
        amount = float(np.clip(mouth.tip - 1, 0, 0.5) * 2)
        if amount < 0.02:
            return
        soft = 0.008 + 1 / self._unit
        below = at.y - (self._lip_line + 0.026 + 0.25 * at.u**2)
        alpha = amount * smoothstep(-soft, soft, below) * smoothstep(0.26, 0.17, np.abs(at.u))
        lit = 0.62 + 0.30 * np.exp(-(((below - 0.03) / 0.03) ** 2)) * (1 - (at.u / 0.22) ** 2)
        _over(picture, lit[..., None] * self._tip, alpha)


TEXTURE_HALF = 0.56
TEXTURE_BELOW = 0.08
TEXTURE_ABOVE = 0.30


def _texture_scale(unit: float) -> float:
    return float(np.clip(unit * 1.6, 160, 900))


def _paint_arch(
    edges: np.ndarray, light: np.ndarray, rise: np.ndarray, unit: float, corner: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return shade, alpha, yellowness on the texture grid (rows go up from below the edge)."""
    scale = _texture_scale(unit)
    px = 1 / unit
    u, y = np.meshgrid(
        np.arange(-TEXTURE_HALF, TEXTURE_HALF, 1 / scale, dtype=np.float32),
        np.arange(-TEXTURE_BELOW, TEXTURE_ABOVE, 1 / scale, dtype=np.float32),
    )
    side = np.abs(u + 0.006)  # nobody's midline is exactly in the middle
    tooth = np.clip(np.searchsorted(edges, side.ravel()).reshape(side.shape) - 1, 0, 5)
    width = edges[tooth + 1] - edges[tooth]
    within = (side - edges[tooth]) / width
    to_gap = np.minimum(within, 1 - within) * width
    uneven = np.where(u > 0, 0.004, -0.003) * (tooth % 2)
    above = y - rise[tooth] - uneven
    rounded = corner * np.exp(-to_gap / 0.016) * (1 + 0.6 * (within > 0.5))
    alpha = smoothstep(-0.5 * px - 0.003, 0.5 * px + 0.003, above - rounded)
    alpha = alpha * (side < edges[-1])
    gap_width = max(0.010, 0.85 * px)
    gap = np.exp(-((to_gap / gap_width) ** 2)) * min(0.016 / gap_width, 1.0)
    gap *= np.where(tooth < 3, 1.0, 0.8)
    parting = np.exp(-np.maximum(above, 0) / 0.02)
    # each tooth a little different, always the same way: a person, not a ruler
    own = 1 + 0.035 * np.sin(2.3 * tooth + np.where(u > 0, 0.9, 3.1))
    shade = light[tooth] * own * (1 - (0.34 + 0.30 * parting) * gap)
    shade *= 1 - 0.16 * np.abs(2 * within - 1) ** 3
    shade *= (0.88 + 0.14 * smoothstep(0, 0.06, above)) * (1 - 0.25 * smoothstep(0.07, 0.2, above))
    glint = np.exp(-(((within - 0.45) / 0.22) ** 2) - ((above - 0.06) / 0.035) ** 2)
    shade += 0.12 * glint * (tooth < 2)
    yellow = np.where(tooth == CANINE, 0.07, 0.0) + 0.06 * smoothstep(0.05, 0.18, above)
    return shade.astype(np.float32), alpha.astype(np.float32), yellow.astype(np.float32)


def _over(picture: np.ndarray, colour: np.ndarray, alpha: np.ndarray) -> None:
    picture += (colour - picture) * alpha[..., None]


def skin_colour(frame: FaceFrame, image: np.ndarray) -> np.ndarray:
    """Return the median BGR, float32 (3,), of the cheeks and chin of an image, uint8 (h, w, 3)."""
    height, width = image.shape[:2]
    px = np.round(frame.to_px(frame.points[SKIN_POINTS])).astype(int)
    reach = max(1, int(0.04 * frame.unit))
    patches = []
    for column, row in px:
        column, row = np.clip(column, 0, width - 1), np.clip(row, 0, height - 1)
        patch = image[
            max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1
        ]
        patches.append(patch.reshape(-1, 3).mean(0))
    return np.median(np.array(patches, np.float32), 0)


def grain_tile(frame: FaceFrame, image: np.ndarray, size: int = 256) -> np.ndarray:
    """Return the photograph's own grain as a tile, float32 (size, size, 3).

    It is a cheek's high-pass, mirrored. image: BGR uint8 (h, w, 3).
    """
    cheek = np.round(frame.to_px(np.array([[-0.62, -0.25]])))[0].astype(int)
    reach = max(6, int(0.16 * frame.unit))
    height, width = image.shape[:2]
    column = int(np.clip(cheek[0], reach, max(reach, width - reach)))
    row = int(np.clip(cheek[1], reach, max(reach, height - reach)))
    patch = image[row - reach : row + reach, column - reach : column + reach].astype(np.float32)
    if patch.size == 0:
        return np.zeros((size, size, 3), np.float32)
    high = patch - cv2.GaussianBlur(patch, (0, 0), 1.6)
    spread = float(np.median(np.abs(high))) * 1.48
    high = np.clip(high, -2.5 * spread - 1, 2.5 * spread + 1)
    mirrored = np.block([[[high], [high[:, ::-1]]], [[high[::-1]], [high[::-1, ::-1]]]])
    repeat = (size // mirrored.shape[0] + 1, size // mirrored.shape[1] + 1, 1)
    return np.tile(mirrored, repeat)[:size, :size].astype(np.float32)
