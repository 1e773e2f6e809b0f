"""How the face moves: one smooth analytic displacement field in two layers.

The upper layer carries everything above the line where the lips part, the lower one everything
below; they differ only across that slit. The opening is exactly (gap + drop) * profile for any
jaw, and the profile is zero at the corners, so m, b and p really shut whatever the jaw does.

Positions are in mouth widths (see `face_frame`); parameters are `articulation.CHANNELS`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from lipwright.engines.warp.face_frame import OVAL, FaceFrame, smoothstep, smoothstep_of
from lipwright.engines.warp.lip_rounding import (
    OpeningProfile,
    fullness,
    purse,
    roundness_of,
    thinness_of,
)

COLUMNS, ROWS = 81, 113  # what moves varies faster down the face than across it
UPPER_STEPS, LOWER_STEPS = 3, 4  # the upper face moves less, so its inverse settles sooner
STATIC = (
    "_jaw", "_jaw_profile", "_lift", "_thicken", "_pout", "_corner", "_sideways", "_purse"
)  # fmt: skip
AT_CORNERS = 0.30  # of the jaw's movement, at the level of the corners
BELOW_CORNERS = 0.38  # mw: from there on, skin beside the mouth goes down with the jaw
BESIDE_LIPS = 0.2, 0.6  # mouth coordinate from which skin is beside the mouth: a little, and quite
JAW_SIDES = 1.2, 0.25
"""Mouth coordinate at which nothing goes down with the chin, and up to which all does: by the skin
of 14 speakers of GRID and s1, looked for where it is at rest."""
NARROWER = 0.15  # by so much of them, both are nearer to the middle at the height of the chin
CHIN_LEVEL = 0.5, 1.1  # of the way down to it, where that begins and is reached
JAW_AT_CORNERS = AT_CORNERS * smoothstep_of(*JAW_SIDES, 0.5)
"""Of the jaw's movement, which lowers the corners of the mouth without any expression."""
RISE = 0.25  # of a corner that speech spreads
OPENED = 1.07
"""How much further lips are drawn apart than speech has them where the picture itself does not say
(see `opening_scale`): between lit teeth and soft edges a tracker sees less of an opening than there
is (real curves, drawn on 17 clips of GRID)."""
EASED = 1.6  # how much less the corners of a rounded mouth come in, per mw of opening
SMILE = 0.9  # of the height by which corners stand above the middle that rounding takes away
ARCH = 0.2  # of a rounded opening lies above the line of the resting lips


@dataclass(frozen=True)
class Mouth:
    """One moment's articulation; lengths in mw, press and tuck in [0, 1], tip in [0, 1.5]."""

    jaw: float = 0.0
    gap: float = 0.0
    spread: float = 0.0
    round: float = 0.0
    raise_: float = 0.0
    drop: float = 0.0
    press: float = 0.0
    tuck: float = 0.0
    tip: float = 0.0
    wide: float = 0.0
    """Mw by which the corners are further apart than speech has them: a smile's."""
    lift: float = 0.0
    """And how much higher, mw."""
    tilt: float = 0.0
    """Mw by which the right corner is lower than the left one: a wry mouth's, in a video alone."""
    shift: float = 0.0
    """And how much further to the right both are, mw."""

    @classmethod
    def of(cls, row: np.ndarray) -> Mouth:
        """Make a mouth of a row, float32 (9,), in the order of `articulation.CHANNELS`."""
        return cls(*(float(v) for v in row))

    def opened(self, factor: float) -> Mouth:
        """Return the mouth with the lips so many times as far apart."""
        return replace(self, gap=factor * self.gap, drop=factor * self.drop)

    @property
    def opening(self) -> float:
        """The opening between the lips at the middle, mw."""
        return self.gap + self.drop

    @property
    def at_rest(self) -> bool:
        """Whether nothing of the face moves visibly."""
        return (
            max(self.jaw, self.gap, abs(self.spread), self.round, self.raise_, self.drop) < 1e-4
            and max(abs(self.wide), abs(self.lift)) < 1e-4
            and max(self.press, self.tuck) < 1e-3
        )


class MouthField:
    """Backward displacement of both layers on a regular grid over the lower face."""

    def __init__(self, frame: FaceFrame) -> None:
        self.frame = frame
        self.low, self.high = reach_of(frame)
        self.scale = (np.array([COLUMNS, ROWS], np.float32) - 1) / (self.high - self.low)
        x, y = np.meshgrid(
            np.linspace(self.low[0], self.high[0], COLUMNS, dtype=np.float32),
            np.linspace(self.low[1], self.high[1], ROWS, dtype=np.float32),
        )
        self._index = np.meshgrid(
            np.arange(COLUMNS, dtype=np.float32), np.arange(ROWS, dtype=np.float32)
        )
        # as large as a field: a pair that numpy has to repeat costs ten times as much
        self._cells = np.tile(self.scale, (ROWS, COLUMNS, 1))
        self._to_mw = np.diag(np.tile(-1 / self.scale, 2)).astype(np.float32)
        self._nothing = np.zeros((ROWS, COLUMNS), np.float32)
        envelope = face_envelope(frame, x, y)
        self.places = x, y
        """Where the grid's points are, float32 (ROWS, COLUMNS) each, mw."""
        self.upper = DisplacementLayer(frame, x, y, envelope, upper=True)
        self.lower = DisplacementLayer(frame, x, y, envelope, upper=False)
        slit_x = frame.slit.x.astype(np.float32)
        slit_y = frame.slit.y.astype(np.float32)
        one = np.ones_like(slit_x)
        self._slit = np.stack([slit_x, slit_y], -1)
        self._slit_upper = DisplacementLayer(frame, slit_x, slit_y, one, upper=True)
        self._slit_lower = DisplacementLayer(frame, slit_x, slit_y, one, upper=False)

    def backward(self, mouth: Mouth) -> np.ndarray:
        """Return the fields of both layers, float32 (ROWS, COLUMNS, 4) in mw.

        They are x and y of the upper, then of the lower one. The material seen at a place is that
        of place + field.
        """
        upper = self._settled(self.upper(mouth), UPPER_STEPS)
        cells = cv2.merge([*upper, *self._settled(self.lower(mouth), LOWER_STEPS)])
        return cv2.transform(cells, self._to_mw)

    def lips(self, mouth: Mouth) -> tuple[np.ndarray, np.ndarray]:
        """Return the two lip lines after the movement, each float32 (n, 2) in mw."""
        return (
            self._slit + self._slit_upper(mouth),
            self._slit + self._slit_lower(mouth),
        )

    def sampled(self, values: np.ndarray, displacement: np.ndarray) -> np.ndarray:
        """Return values on the grid at displaced points; 0 beyond it.

        Both float32 (ROWS, COLUMNS, 2), the displacement in mw.
        """
        cells = displacement * self._cells
        at = (index + cv2.extractChannel(cells, axis) for axis, index in enumerate(self._index))
        return sample(values, *at)

    def inverted(self, forward: np.ndarray, steps: int = LOWER_STEPS) -> np.ndarray:
        """Return a field inverted by fixed-point iteration, B(x) = -F(x + B(x)), on the grid.

        Both float32 (ROWS, COLUMNS, 2), mw.
        """
        backward: np.ndarray = cv2.merge(self._settled(forward, steps)) / -self._cells
        return backward

    def _settled(self, forward: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y of -B in cells, float32 (ROWS, COLUMNS) each."""
        cells = forward * self._cells
        x, y = (cv2.extractChannel(cells, axis) for axis in (0, 1))
        # OpenCV samples four channels in half the time of two
        field = cv2.merge([x, y, self._nothing, self._nothing])
        for _ in range(steps):
            at = cv2.subtract(self._index[0], x), cv2.subtract(self._index[1], y)
            field_there = sample(field, *at)
            cv2.extractChannel(field_there, 0, dst=x)
            cv2.extractChannel(field_there, 1, dst=y)
        return x, y


def sample(field: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return what a field has at places, float32 (h, w, channels), 0 beyond its border.

    field: float32 (rows, columns, channels). x, y: the places in its cells, float32 (h, w) each.
    """
    return cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def reach_of(frame: FaceFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners, float32 (2,) each in mw, of the box outside which nothing moves."""
    return np.array([-2.0, -1.6], np.float32), np.array([2.0, frame.chin + 1.5], np.float32)


def face_envelope(frame: FaceFrame, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return 1 on the face, 0 outside its oval and above the eyes, at positions x and y.

    All float32 or float64 of one shape such as (h, w); positions in mw.
    """
    low, high = (corner.astype(np.float64) for corner in reach_of(frame))
    cells = (ROWS - 1) / float(high[1] - low[1])  # distances need square cells
    size = np.ceil((high - low) * cells).astype(int) + 1
    mask = np.zeros((size[1], size[0]), np.uint8)
    oval = (frame.points[OVAL] - low) * cells
    cv2.fillPoly(mask, [np.round(oval).astype(np.int32)], 1)
    distance = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5)
    distance = cv2.GaussianBlur(distance, (0, 0), 2.0) / np.float32(cells)
    outside = cv2.remap(
        distance,
        ((x - low[0]) * cells).astype(np.float32),
        ((y - low[1]) * cells).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    below = smoothstep(-0.2, 0.6, y)
    fade = smoothstep(1.0, 0.0, outside / (0.30 + 0.35 * below))
    weight: np.ndarray = fade * smoothstep(-1.5, -1.0, y)
    return weight


class DisplacementLayer:
    """The forward displacement of one layer at fixed points; everything static is computed once.

    Positions x and y are float32 in mw, of one shape such as (h, w).
    """

    def __init__(
        self, frame: FaceFrame, x: np.ndarray, y: np.ndarray, envelope: np.ndarray, upper: bool
    ) -> None:
        """Precompute the layer. envelope: the weight of the motion at each point, [0, 1]."""
        self.upper = upper
        u = frame.u(x)
        side = np.abs(u)
        r = y - frame.slit.at(x)
        height = frame.upper_lip if upper else frame.lower_lip
        self._profile = OpeningProfile(frame, u, r, thinness_of(height))
        narrower = 1 + NARROWER * smoothstep(*CHIN_LEVEL, r / frame.chin)
        weight = envelope * smoothstep(*JAW_SIDES, side * narrower)
        under, aside = (smoothstep(0.05, end, r) for end in (0.95 * frame.chin, BELOW_CORNERS))
        going = under + smoothstep(*BESIDE_LIPS, side) * (aside - under)
        ramp = AT_CORNERS * smoothstep(-0.75, 0.05, r) + (1 - AT_CORNERS) * going
        self._jaw = ramp * weight
        if upper:
            self._jaw_profile = -ramp * smoothstep(-1.2, 0, r) * weight
            lift = np.exp(-((np.maximum(-r - 0.8 * frame.upper_lip, 0) / 0.17) ** 2))
        else:
            lift = np.exp(-((np.maximum(r - 0.9 * frame.lower_lip, 0) / 0.20) ** 2))
            self._jaw_profile = (1 - ramp - lift) * weight
        self._lift = lift * weight
        on_lips = np.exp(-((r / (1.9 * height)) ** 2)) * envelope
        self._thicken = r * on_lips * (1 - smoothstep(0.30, 0.62, side))
        self._pout = r * on_lips * fullness(side, height)
        self._smile = max(0.0, float(frame.slit.at(frame.x(0.0)) - frame.slit.y[[0, -1]].mean()))
        # a corner that spreads also rises a little; a rounded one comes down from a smile
        self._corner = -np.exp(-(((side - 0.52) / 0.25) ** 2) - (r / 0.3) ** 2) * envelope
        pull = (1 - smoothstep(0.40, 1.15, side)) * np.exp(-((r / 0.55) ** 2)) * envelope
        # in u, so that the foreshortened half of a turned mouth moves less in the picture
        self._sideways = -u * pull * frame.x_per_u(u)
        self._purse = self._sideways * purse(side)
        for name in STATIC:
            setattr(self, name, getattr(self, name).astype(np.float32))

    def __call__(self, mouth: Mouth) -> np.ndarray:
        """Return the displacement of each point, float32 (h, w, 2) in mw."""
        rounded = roundness_of(mouth.round)
        wide, parted = self._profile(abs(mouth.opening), mouth.round, mouth.drop)
        roll = -0.42 * mouth.press
        rise = mouth.raise_ + ARCH * rounded * mouth.opening
        lifted = -rise if self.upper else mouth.opening - rise
        if not self.upper:
            roll -= 0.65 * mouth.tuck
        corner = RISE * mouth.spread + mouth.lift - SMILE * self._smile * rounded
        # an open oval already looks narrow, to the eye and to a face tracker
        eased = 1 - min(EASED * abs(mouth.opening), 0.5)
        dx = self._sideways * np.float32(0.10 * mouth.jaw - mouth.spread - mouth.wide)
        _add(dx, mouth.round * eased, self._purse)
        dy = self._lift * np.float32(lifted)
        dy *= parted
        if mouth.jaw:
            jaw = wide * self._jaw_profile
            jaw += self._jaw
            _add(dy, mouth.jaw, jaw)
        _add(dy, roll, self._thicken)
        _add(dy, mouth.round, self._pout)
        _add(dy, corner, self._corner)
        moved = np.empty((*dx.shape, 2), np.float32)
        moved[..., 0], moved[..., 1] = dx, dy
        return moved


def _add(total: np.ndarray, share: float, part: np.ndarray) -> None:
    if share:
        total += part * np.float32(share)
