"""One film frame lends its lower face to all others: closed, articulated anew, carried along.

A frame whose mouth is nearly shut is closed and animated as a portrait is. For every frame of the
film that mouth is carried over by the landmarks that speech leaves alone and laid on through a
soft mask, in the frame's own light. Before that the frame's own jaw is moved to where the new
speech has it, so the outline of the face and the neck stay the film's and fit.
"""

from __future__ import annotations

import cv2
import numpy as np

from lipwright.engines.portrait.field import Layer, Mouth, face_envelope
from lipwright.engines.portrait.geometry import CHIN, NOSE_BASE, smoothstep
from lipwright.engines.portrait.idle import IdleState
from lipwright.engines.portrait.rect import Rect
from lipwright.engines.portrait.render import Renderer
from lipwright.engines.portrait.smile import close_mouth
from lipwright.face.base import Face

# nose, eye corners, cheeks, temples, the jaw's upper ends: what keeps still while one speaks
STEADY = (
    1, 2, 4, 5, 6, 168, 197, 195, 33, 133, 362, 263, 98, 327, 129, 358, 50, 280, 205, 425, 36, 266,
    101, 330, 117, 346, 123, 352, 116, 345, 234, 454, 93, 323, 127, 356, 118, 347,
)  # fmt: skip
MASK_SIDES = 0.98, 0.62
"""The mask fades between these distances from the middle, in the mouth's own coordinate."""
MASK_TOP = 0.98, 0.55  # of the way from the mouth up to below the nose
MASK_CHIN = 1.0, 0.8  # of the way down to the chin
SOFTNESS = 0.03  # mw, of the mask
LEAST_JAW = 0.003  # mw: a smaller difference between two jaws is not worth a resampling
MATCH_SIZE = 96  # px of the small pictures in which colours are compared
MATCH_REACH = 9  # of these px go into one reach of the seam's light
MOST_LIGHT = 3.0  # times more or less light than in the lending frame


class LowerFace:
    """The lower face of one frame, ready to be laid over others."""

    def __init__(self, image: np.ndarray, face: Face) -> None:
        """image: BGR uint8 (h, w, 3) that is not changed later; face: its landmarks in px."""
        landmarks = _centred(face)
        portrait = close_mouth(image, landmarks)
        self._renderer = Renderer(portrait)
        self._frame = portrait.frame
        self._steady = landmarks[list(STEADY), :2].astype(np.float64)
        region = self._renderer.region
        x, y = np.meshgrid(
            np.arange(region.x0, region.x1, dtype=np.float64),
            np.arange(region.y0, region.y1, dtype=np.float64),
        )
        place = self._frame.to_face(np.stack([x, y], -1)).astype(np.float32)
        mask = self._make_mask(place[..., 0], place[..., 1])
        envelope = face_envelope(self._frame, place[..., 0], place[..., 1])
        jaw = Layer(self._frame, place[..., 0], place[..., 1], envelope, upper=True).jaw_share
        used = Rect.around(np.argwhere((mask > 0.002) | (jaw > 0.01))[:, ::-1])
        self._area = used.moved(region.x0, region.y0)
        """What can change, px of the lending frame."""
        self._mask = np.ascontiguousarray(mask[used.slices])
        self._jaw = np.ascontiguousarray(jaw[used.slices])
        """How far each px goes down with a jaw that goes down by one."""

    def fit(self, face: Face) -> np.ndarray:
        """(2, 3): px of the lending frame to px of a frame with this face."""
        wanted = _centred(face)[list(STEADY), :2].astype(np.float64)
        known = np.c_[self._steady, np.ones(len(wanted))]
        solution, *_ = np.linalg.lstsq(known, wanted, rcond=None)
        return solution.T

    def put(self, image: np.ndarray, face: Face, mouth: Mouth) -> None:
        """Draws the mouth over a frame, in place. face: of the frame."""
        forward = self.fit(face)
        rect = self._region_in(forward).clipped(Rect(0, 0, image.shape[1], image.shape[0]))
        if rect.empty or min(rect.x1 - rect.x0, rect.y1 - rect.y0) < 8:
            return
        backward = cv2.invertAffineTransform(forward)
        map_x, map_y = _affine_maps(backward, rect, self._area)
        jaw = cv2.remap(self._jaw, map_x, map_y, cv2.INTER_LINEAR, borderValue=0)
        down = (forward[:, :2] @ self._frame.down) * self._frame.unit
        own = self._move_jaw(image, rect, jaw, mouth.jaw - self._own_jaw(face, backward), down)
        drop = np.float32(mouth.jaw * self._frame.unit)
        mask = cv2.remap(
            self._mask,
            map_x - jaw * drop * np.float32(self._frame.down[0]),
            map_y - jaw * drop * np.float32(self._frame.down[1]),
            cv2.INTER_LINEAR,
            borderValue=0,
        )
        drawn = self._renderer.render(mouth, IdleState())[self._area.slices]
        carried = cv2.remap(drawn, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        _match_colours(carried, own, mask)
        image[rect.slices] = cv2.blendLinear(carried, own, mask, 1 - mask)

    def _make_mask(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """float32: 1 over the mouth and chin, fading before the cheeks, the nose and the jaw."""
        frame = self._frame
        nose = float(frame.points[NOSE_BASE, 1])
        mask = smoothstep(nose * MASK_TOP[0], nose * MASK_TOP[1], y)
        mask = mask * smoothstep(*MASK_SIDES, np.abs(frame.u(x)))
        mask = mask * smoothstep(frame.chin * MASK_CHIN[0], frame.chin * MASK_CHIN[1], y)
        return cv2.GaussianBlur(mask.astype(np.float32), (0, 0), SOFTNESS * frame.unit)

    def _region_in(self, forward: np.ndarray) -> Rect:
        area = self._area
        corners = np.array([(x, y) for x in (area.x0, area.x1) for y in (area.y0, area.y1)])
        return Rect.around(corners @ forward[:, :2].T + forward[:, 2])

    def _own_jaw(self, face: Face, backward: np.ndarray) -> float:
        """How far the jaw of a frame is open, in mouth widths, against the lending one."""
        chin = backward[:, :2] @ _centred(face)[CHIN, :2] + backward[:, 2]
        place = self._frame.to_face(chin[None])[0]
        return float(place[1] - self._frame.points[CHIN, 1])

    def _move_jaw(
        self, image: np.ndarray, rect: Rect, jaw: np.ndarray, further: float, down: np.ndarray
    ) -> np.ndarray:
        """The frame's own picture of the rectangle with its jaw moved by `further` (mw)."""
        if abs(further) < LEAST_JAW:
            return image[rect.slices].copy()
        x, y = np.meshgrid(
            np.arange(rect.x0, rect.x1, dtype=np.float32),
            np.arange(rect.y0, rect.y1, dtype=np.float32),
        )
        return cv2.remap(
            image,
            x - jaw * np.float32(further * down[0]),
            y - jaw * np.float32(further * down[1]),
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )


def _centred(face: Face) -> np.ndarray:
    """Landmarks with pixel centres at whole numbers."""
    landmarks = face.landmarks.copy()
    landmarks[:, :2] -= 0.5
    return landmarks


def _affine_maps(backward: np.ndarray, rect: Rect, origin: Rect) -> tuple[np.ndarray, np.ndarray]:
    """Where in a picture of `origin` each px of `rect` lies: float32, twice."""
    x = np.arange(rect.x0, rect.x1, dtype=np.float64)
    y = np.arange(rect.y0, rect.y1, dtype=np.float64)[:, None]
    start = np.array([origin.x0, origin.y0])
    across, down = (
        (row[0] * x + row[2] - first).astype(np.float32) + (row[1] * y).astype(np.float32)
        for row, first in zip(backward, start, strict=True)
    )
    return across, down


def _match_colours(drawn: np.ndarray, own: np.ndarray, mask: np.ndarray) -> None:
    """Brings a drawing into the light that the frame has along the mask's edge, in place."""
    scale = min(1.0, MATCH_SIZE / max(mask.shape))
    size = (max(8, round(mask.shape[1] * scale)), max(8, round(mask.shape[0] * scale)))
    small, wanted, share = (
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        for picture in (drawn, own, mask)
    )
    seam = (4 * share * (1 - share)).clip(0)
    reach = size[0] / MATCH_REACH
    there, here = (
        cv2.GaussianBlur((picture + 1) * seam[..., None], (0, 0), reach)
        for picture in (wanted, small)
    )
    light = (there + 1e-3) / (here + 1e-3)
    light = light.clip(1 / MOST_LIGHT, MOST_LIGHT).astype(np.float32)
    cv2.multiply(drawn, cv2.resize(light, mask.shape[::-1]), dst=drawn, dtype=cv2.CV_8U)
