"""Close the photograph's own mouth, so that every portrait starts from lips that touch.

One two-layer warp with a negative gap: the inner borders of the lips travel to a common line, the
outer borders travel less, so that the red stretches over the teeth; the corners come in and the
smile's arc flattens. A widely open mouth also raises its jaw. Where teeth are seen the lips' inner
borders are where they end, whatever the landmarks say, and they are shown again when lips part.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import FaceFrame, smoothstep
from lipwright.engines.warp.face_look import LIP_RED, edge_softness, grain_tile
from lipwright.engines.warp.mouth_warp import DisplacementLayer, Mouth
from lipwright.engines.warp.own_teeth import OwnTeeth, keep_teeth, pixels_of
from lipwright.engines.warp.teeth_finder import LipBorders, find_teeth

CLOSED_GAP = 0.02  # a smaller gap is the landmarks' own error
MEET = 0.30  # the lips meet this far down the gap
NARROW = 0.10  # the corners come in by this share
FLATTEN = 0.35
KEEP_UPPER, KEEP_LOWER = 0.35, 0.62  # share of the movement made by the outer borders
MARGIN = 0.03  # stay this far inside the red: its rim is mixed with teeth
INK, DARK_INK = 0.34, 0.62  # darkness of the line where closed lips touch; where it was dark before
JAW_GAP = 0.12  # beyond this the jaw closes too
COLUMNS, ROWS = 281, 281


@dataclass(frozen=True)
class ClosedPortrait:
    """An image with a closed mouth."""

    image: np.ndarray  # (h, w, 3) uint8
    frame: FaceFrame
    contact: np.ndarray | None  # photograph's lip gap along the slit where we closed it
    teeth: OwnTeeth | None = None  # where they are seen in the photograph
    ink: float = INK  # darkness of the line where lips touch


def close_mouth(image: np.ndarray, landmarks: np.ndarray) -> ClosedPortrait:
    """Close the mouth of an image, uint8 (h, w, 3); a closed one is returned unchanged.

    landmarks: float32 (478, 3), px.
    """
    frame = FaceFrame.of(landmarks)
    seen = find_teeth(frame, image)
    if frame.gap < CLOSED_GAP and not seen.parted:
        return ClosedPortrait(image, frame, None)
    mixed = seen.any or frame.gap >= CLOSED_GAP
    closer = _Closer(frame, image, seen.borders, mixed)
    closed, moved = closer.close(landmarks)
    slit_px = frame.to_px(np.stack([closer.line_x, closer.line], -1))
    closed_frame = FaceFrame.of(moved, slit_px)
    own = seen.any and seen.tooth_coloured
    teeth = keep_teeth(frame, image, seen, closer.line) if own else None
    return ClosedPortrait(closed, closed_frame, closer.gap, teeth, INK if mixed else DARK_INK)


class _Closer:
    def __init__(
        self, frame: FaceFrame, image: np.ndarray, borders: LipBorders, mixed: bool
    ) -> None:
        self.frame, self.image = frame, image
        self.mixed = mixed  # the red next to the opening is mixed with teeth
        x, self.outer_up, self.inner_up, self.inner_low, self.outer_low = borders
        self.x = x
        self.gap = np.maximum(self.inner_low - self.inner_up, 0)
        taper = 1 - np.linspace(-1, 1, len(x)) ** 4
        into_up = np.minimum(MARGIN, 0.35 * np.abs(self.inner_up - self.outer_up)) * taper
        into_low = np.minimum(MARGIN, 0.35 * np.abs(self.outer_low - self.inner_low)) * taper
        self.border_up = self.inner_up - into_up
        self.border_low = self.inner_low + into_low
        line = self.border_up + MEET * self.gap
        ends = np.interp(x, x[[0, -1]], line[[0, -1]])
        self.line = ends + (line - ends) * (1 - FLATTEN)
        self.middle = float(x[len(x) // 2])
        self.half = float(x[-1] - x[0]) / 2
        self.jaw = 0.8 * max(0.0, float(self.gap.max()) - JAW_GAP)
        self.line_x = x + self._sideways(x, (self.border_up + self.border_low) / 2)

    def _sideways(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        off = x - self.middle
        middle = np.interp(x, self.x, (self.border_up + self.border_low) / 2)
        near = np.exp(-(((y - middle) / 0.40) ** 2))
        move: np.ndarray = -off * NARROW * (1 - smoothstep(0.42, 1.1, np.abs(off))) * near
        return move

    def _displace(self, x: np.ndarray, y: np.ndarray, upper: bool) -> np.ndarray:
        """Return the forward displacement of one layer at (x, y), mw."""
        inner, outer = (
            (self.border_up, self.outer_up) if upper else (self.border_low, self.outer_low)
        )
        share = KEEP_UPPER if upper else KEEP_LOWER
        fade = 0.16 if upper else 0.22
        jaw = self._jaw_layer(x, y, upper)
        jaw_at_border = self._jaw_layer(self.x, inner, upper)[:, 1]
        move_at_border = self.line - inner - jaw_at_border
        move, border, outer = (
            np.interp(x, self.x, curve) for curve in (move_at_border, inner, outer)
        )
        height = np.maximum(np.abs(border - outer), 0.02)
        out = (border - y) if upper else (y - border)  # outward from the inner border
        red = 1 - (1 - share) * smoothstep(0, 1, out / height)
        skin = share * np.exp(-(((out - height) / fade) ** 2))
        along = np.where(out < 0, 1.0, np.where(out < height, red, skin))
        over = np.maximum(np.abs(x - self.middle) - self.half, 0)
        dy = move * along * np.exp(-((over / 0.10) ** 2)) + jaw[..., 1]
        return np.stack([self._sideways(x, y) + jaw[..., 0], dy], -1).astype(np.float32)

    def _jaw_layer(self, x: np.ndarray, y: np.ndarray, upper: bool) -> np.ndarray:
        x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
        if self.jaw <= 0:
            return np.zeros((*x.shape, 2), np.float32)
        below = smoothstep(self.frame.chin + 1.2, self.frame.chin + 0.1, y)
        sides = smoothstep(1.7, 1.2, np.abs(x))
        move = DisplacementLayer(self.frame, x, y, below * sides, upper=upper)
        return move(Mouth(jaw=-self.jaw, gap=-self.jaw))

    def close(self, landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the closed image and the landmarks moved along."""
        frame = self.frame
        low, high = np.array([-1.9, -1.2]), np.array([1.9, frame.chin + 1.4])
        (x0, y0, x1, y1), q = pixels_of(frame, self.image, low, high)
        place_x, place_y = q[..., 0], q[..., 1]
        line = np.interp(place_x, self.line_x, self.line)
        layers = [self._resample(q, upper) for upper in (True, False)]
        weight = self._lower_weight(place_x, place_y, line)[..., None]
        region = layers[0] * (1 - weight) + layers[1] * weight
        if self.mixed:
            region = self._restore_red(region, place_x, place_y - line)
        region = self._soften_seam(region, place_y - line)
        closed = self.image.copy()
        closed[y0:y1, x0:x1] = np.clip(region, 0, 255).astype(np.uint8)
        points = frame.points
        border = (self.border_up + self.border_low) / 2
        above = points[:, 1] < np.interp(points[:, 0], self.x, border)
        shift = np.where(
            above[:, None],
            self._displace(points[:, 0], points[:, 1], True),
            self._displace(points[:, 0], points[:, 1], False),
        )
        moved = landmarks.copy()
        moved[:, :2] = frame.to_px(points + shift)
        return closed, moved

    def _resample(self, q: np.ndarray, upper: bool) -> np.ndarray:
        """Return the layer's image at output positions q (h, w, 2), float32."""
        low = np.array([-2.0, -1.4], np.float32)
        high = np.array([2.0, self.frame.chin + 1.5], np.float32)
        scale = np.array([COLUMNS - 1, ROWS - 1], np.float32) / (high - low)
        grid = np.meshgrid(
            np.linspace(low[0], high[0], COLUMNS, dtype=np.float32),
            np.linspace(low[1], high[1], ROWS, dtype=np.float32),
        )
        forward = self._displace(grid[0], grid[1], upper)
        column, row = np.meshgrid(
            np.arange(COLUMNS, dtype=np.float32), np.arange(ROWS, dtype=np.float32)
        )
        backward = -forward
        for _ in range(12):  # damped, since a strong closing folds the plain iteration
            step = cv2.remap(
                forward,
                column + backward[..., 0] * scale[0],
                row + backward[..., 1] * scale[1],
                cv2.INTER_LINEAR,
            )
            backward = 0.5 * backward - 0.5 * step
        at = (q - low) * scale
        material = q + cv2.remap(backward, at[..., 0], at[..., 1], cv2.INTER_LINEAR)
        inside = (material[..., 0] > self.x[0]) & (material[..., 0] < self.x[-1])
        border = np.interp(material[..., 0], self.x, self.border_up if upper else self.border_low)
        clamp = np.minimum if upper else np.maximum  # never read a tooth
        material[..., 1] = np.where(inside, clamp(material[..., 1], border), material[..., 1])
        px = self.frame.to_px(material).astype(np.float32)
        return cv2.remap(
            self.image, px[..., 0], px[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        ).astype(np.float32)

    def _lower_weight(self, x: np.ndarray, y: np.ndarray, line: np.ndarray) -> np.ndarray:
        outside = np.maximum(self.line_x[0] - x, x - self.line_x[-1]).clip(0)
        soft = max(0.004, 0.5 / self.frame.unit)
        band = np.where(outside <= 0, soft, 0.004 + 0.8 * outside)
        return smoothstep(-1, 1, (y - line) / band)

    def _restore_red(self, region: np.ndarray, x: np.ndarray, r: np.ndarray) -> np.ndarray:
        """Bring the stretched red back to the lips' own colour and smooth its streaks."""
        frame = self.frame
        across = np.clip((x - self.line_x[0]) / (self.line_x[-1] - self.line_x[0]) * 2 - 1, -1, 1)
        ends = smoothstep(-0.02, 0.05, x - self.line_x[0])
        ends = ends * smoothstep(-0.02, 0.05, self.line_x[-1] - x)
        gap = np.interp(x, self.line_x, self.gap)
        upper, lower = (np.interp(x, self.line_x, height) for height in self._closed_lip_heights())
        weight = 0.75 * _band(-r, upper + 0.015, upper * 0.6) * _band(r, lower + 0.02, lower * 0.8)
        weight = weight * (np.abs(across) < 1) * ends * np.minimum(gap / 0.10, 1)
        weight = cv2.GaussianBlur(weight.astype(np.float32), (0, 0), 0.012 * frame.unit + 0.3)
        tinted = self._tint(region, weight)
        touched = (weight > 0.003)[..., None]
        region = np.where(touched, tinted, region)
        smooth = cv2.GaussianBlur(region, (0, 0), sigmaX=0.045 * frame.unit, sigmaY=0.3)
        tile = grain_tile(frame, self.image)
        rows, columns = (np.arange(n) % tile.shape[0] for n in region.shape[:2])
        smooth = smooth + 0.9 * tile[np.ix_(rows, columns)]
        amount = 0.7 * weight * np.minimum(gap / 0.08, 1) * (np.abs(r) > 0.012)
        smoothed: np.ndarray = region + (smooth - region) * amount[..., None].astype(np.float32)
        return smoothed

    def _soften_seam(self, region: np.ndarray, r: np.ndarray) -> np.ndarray:
        """Make the line where the lips meet as soft as the picture's other edges."""
        softness = edge_softness(self.frame, self.image)
        if softness < 0.5:
            return region
        near = np.exp(-((r * self.frame.unit / (2 * softness)) ** 2))[..., None]
        near[np.abs(r) * self.frame.unit > 5 * softness] = 0
        blurred = cv2.GaussianBlur(region, (0, 0), softness)
        softened: np.ndarray = region + (blurred - region) * near.astype(np.float32)
        return softened

    def _closed_lip_heights(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the height of the red above and below the closed line, along the line."""
        top = self.outer_up + self._displace(self.x, self.outer_up, True)[:, 1]
        bottom = self.outer_low + self._displace(self.x, self.outer_low, False)[:, 1]
        return np.maximum(self.line - top, 0.01), np.maximum(bottom - self.line, 0.01)

    def _tint(self, region: np.ndarray, weight: np.ndarray) -> np.ndarray:
        height, width = self.image.shape[:2]
        lips = np.round(self.frame.to_px(self.frame.points[LIP_RED])).astype(int)
        lab_lips = cv2.cvtColor(
            self.image[lips[:, 1].clip(0, height - 1), lips[:, 0].clip(0, width - 1)][None],
            cv2.COLOR_BGR2LAB,
        )[0]
        target = np.median(lab_lips.astype(np.float32), 0)
        lab = cv2.cvtColor(np.clip(region, 0, 255).astype(np.uint8), cv2.COLOR_BGR2LAB)
        lab = lab.astype(np.float32)
        lab[..., 1:] += (target[1:] - lab[..., 1:]) * weight[..., None]
        lab[..., 0] += np.clip(target[0] - lab[..., 0], -22, 0) * weight * 0.5
        bgr: np.ndarray = cv2.cvtColor(lab.clip(0, 255).astype(np.uint8), cv2.COLOR_LAB2BGR).astype(
            np.float32
        )
        return bgr


def _band(r: np.ndarray, zero: np.ndarray, one: np.ndarray) -> np.ndarray:
    """Return 1 below `one`, 0 above `zero` (arrays)."""
    t = np.clip((zero - r) / np.maximum(zero - one, 1e-4), 0, 1)
    weight: np.ndarray = t * t * (3 - 2 * t)
    return weight
