"""Matting of the head, hair and hat included, and filling of what is behind it.

Positions are in face units: origin in the middle of the face oval, u along the eyes in face
widths, v across them in face heights, so the oval spans -0.5 to 0.5 in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.face_frame import smoothstep
from lipwright.face.landmark_indices import FACE_OVAL

# what is looked at around the face, in face units
WINDOW_LOW, WINDOW_HIGH = (-1.55, -1.40), (1.55, 1.20)
# px: GrabCut is run at each of these sizes, and the majority decides about every place
GRABCUT_SIDES = (104, 126, 150)
GUIDE_SIDE = 400  # px
GRABCUT_ROUNDS = 2
# a mask is believed when its part above the chin has an area (in face oval boxes) between these
SMALLEST_HEAD, LARGEST_HEAD = 0.85, 3.4
MIN_COVER = 0.97  # of the face oval
CUT_OUT = 0.4
"""Of what is around and above a face: where so much is transparent, the picture is a cut-out."""
FILL_SIDE = 480  # px, longer side at which the background is filled in


@dataclass(frozen=True)
class HeadFrame:
    """The face units of one portrait."""

    centre: np.ndarray  # px
    right: np.ndarray  # unit vector, px
    down: np.ndarray
    width: float  # px
    height: float  # px
    oval: np.ndarray  # (36, 2) px

    @classmethod
    def of(cls, landmarks: np.ndarray) -> HeadFrame:
        """Measure landmarks, float32 (478, 3) in px."""
        oval = landmarks[list(FACE_OVAL), :2].astype(np.float64)
        across = (landmarks[[263, 362]] - landmarks[[33, 133]])[:, :2].sum(axis=0)
        right = across.astype(np.float64) / np.linalg.norm(across)
        down = np.array([-right[1], right[0]])
        along, over = oval @ right, oval @ down
        centre = right * (along.min() + along.max()) / 2 + down * (over.min() + over.max()) / 2
        return cls(centre, right, down, float(np.ptp(along)), float(np.ptp(over)), oval)

    def units(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (u, v), float32 (h, w) each, of px positions (h, w)."""
        off_x, off_y = x - np.float32(self.centre[0]), y - np.float32(self.centre[1])
        right = (self.right / self.width).astype(np.float32)
        down = (self.down / self.height).astype(np.float32)
        return off_x * right[0] + off_y * right[1], off_x * down[0] + off_y * down[1]

    def window(self, shape: tuple[int, ...]) -> Rect:
        """Return the px around the head that are processed, inside an image of `shape`."""
        corners = np.array(
            [
                self.centre + u * self.width * self.right + v * self.height * self.down
                for u in (WINDOW_LOW[0], WINDOW_HIGH[0])
                for v in (WINDOW_LOW[1], WINDOW_HIGH[1])
            ]
        )
        x0, y0 = np.floor(corners.min(axis=0)).astype(int)
        x1, y1 = np.ceil(corners.max(axis=0)).astype(int)
        rect = Rect(int(x0), int(y0), int(x1), int(y1))
        return rect.clipped(Rect(0, 0, shape[1], shape[0]))


def cut_head(picture: np.ndarray, frame: HeadFrame, window: Rect) -> np.ndarray:
    """Return float32 (h, w) of the window: 1 on the head (and the body below it), 0 behind it.

    picture: BGR uint8 (h, w, 3) of the window. GrabCut (Rother et al. 2004) on a small copy,
    brought to the image's edges by a guided filter (He et al. 2010); a plain ellipse where
    GrabCut's answer cannot be a head.
    """
    votes = [_cut_at(picture, frame, window, side) for side in GRABCUT_SIDES]
    whole = (picture.shape[1], picture.shape[0])
    share = sum(cv2.resize(vote, whole, interpolation=cv2.INTER_LINEAR) for vote in votes)
    soft = smoothstep(0.25, 0.75, share / len(votes))
    radius = 1.2 * max(picture.shape[:2]) / GRABCUT_SIDES[0]
    return guide_edges(picture, soft, radius=max(1, round(radius)))


def follow_edge(head: np.ndarray, alpha: np.ndarray, frame: HeadFrame, window: Rect) -> np.ndarray:
    """Return a head of `cut_head`, corrected by the edge of a portrait that was cut out already.

    head: float32 (h, w) of the window. alpha: uint8 (h, w), the image's transparency there. The
    head is returned unchanged where the background can be seen.
    """
    columns = np.arange(window.x0, window.x1, dtype=np.float32)
    rows = np.arange(window.y0, window.y1, dtype=np.float32)
    u, v = frame.units(*np.meshgrid(columns, rows))
    above = v < 0.3
    if not above.any() or (alpha[above] < 128).mean() < CUT_OUT:
        return head
    near = np.hypot(u / 0.75, (v + 0.16) / 0.95) < 1
    return np.where(alpha > 127, np.where(near, 1, head), 0).astype(np.float32)


def _cut_at(picture: np.ndarray, frame: HeadFrame, window: Rect, side: int) -> np.ndarray:
    """Return float32 0 or 1: the head in a copy of the image with `side` px."""
    scale = min(1.0, side / max(picture.shape[:2]))
    size = (max(8, round(picture.shape[1] * scale)), max(8, round(picture.shape[0] * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    columns, rows = np.meshgrid(
        window.x0 - 0.5 + (np.arange(size[0], dtype=np.float32) + 0.5) * picture.shape[1] / size[0],
        window.y0 - 0.5 + (np.arange(size[1], dtype=np.float32) + 0.5) * picture.shape[0] / size[1],
    )
    u, v = frame.units(columns, rows)
    oval = _draw_oval(frame, window, size, picture.shape)
    mask = _grab(small, u, v, oval)
    if mask is None or not _is_plausible(mask, u, v, oval):
        mask = _plain_head(u, v)
    start: np.ndarray = (mask | oval).astype(np.float32)
    return start


def guide_edges(picture: np.ndarray, mask: np.ndarray, radius: int) -> np.ndarray:
    """Smooth `mask`, float32 (h, w), but for the edges of a BGR uint8 image: the guided filter."""
    guide = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32) / 255
    # the filter's coefficients are smooth: work them out on a small copy (He, Sun 2015)
    scale = min(1.0, GUIDE_SIDE / max(guide.shape))
    size = (max(1, round(guide.shape[1] * scale)), max(1, round(guide.shape[0] * scale)))
    small_guide = cv2.resize(guide, size, interpolation=cv2.INTER_AREA)
    small_mask = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    reach = 2 * max(1, round(radius * scale)) + 1

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(values, -1, (reach, reach))

    mean_guide, mean_mask = mean(small_guide), mean(small_mask)
    covariance = mean(small_guide * small_mask) - mean_guide * mean_mask
    variance = mean(small_guide * small_guide) - mean_guide * mean_guide
    slope = covariance / (variance + 1e-3)
    offset = mean_mask - slope * mean_guide
    whole = (guide.shape[1], guide.shape[0])
    slope, offset = (cv2.resize(mean(part), whole) for part in (slope, offset))
    return np.clip(slope * guide + offset, 0, 1)


def fill_behind(picture: np.ndarray, head: np.ndarray, reach: int) -> np.ndarray:
    """Replace a ring of `reach` px inside the head's border by the background next to it.

    picture: BGR uint8 (h, w, 3); head: bool (h, w). Inpainted (Telea 2004) on a reduced copy.
    """
    scale = min(1.0, FILL_SIDE / max(picture.shape[:2]))
    size = (max(2, round(picture.shape[1] * scale)), max(2, round(picture.shape[0] * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    covered = cv2.resize(head.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) > 0
    inside = cv2.distanceTransform(covered.astype(np.uint8), cv2.DIST_L2, 3)
    # inpainting fills from both sides: only the outer half of its ring is background
    ring = (covered & (inside <= 2 * reach * scale + 3)).astype(np.uint8)
    if not ring.any():
        return picture.copy()
    patched = cv2.inpaint(small, ring, 3, cv2.INPAINT_TELEA)
    filled = cv2.resize(patched, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    wanted = cv2.resize(ring, picture.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    plate = picture.copy()
    cv2.copyTo(filled, wanted * head, plate)
    return plate


def _draw_oval(
    frame: HeadFrame, window: Rect, size: tuple[int, int], shape: tuple[int, ...]
) -> np.ndarray:
    """Return the face oval, bool, in the small copy of the window."""
    scale = np.array([size[0] / shape[1], size[1] / shape[0]])
    points = (frame.oval + 0.5 - [window.x0, window.y0]) * scale - 0.5
    drawn = np.zeros(size[::-1], np.uint8)
    cv2.fillPoly(drawn, [np.round(points).astype(np.int32)], 1)
    return drawn.astype(bool)


def _grab(small: np.ndarray, u: np.ndarray, v: np.ndarray, oval: np.ndarray) -> np.ndarray | None:
    """Return GrabCut's mask (bool), cleaned: one piece without holes. None if it is empty."""
    labels = np.full(u.shape, cv2.GC_PR_BGD, np.uint8)
    labels[np.hypot(u / 0.62, (v + 0.16) / 0.76) < 1] = cv2.GC_PR_FGD
    labels[(v > 0.62) & (np.abs(u) < 0.35 + 1.8 * (v - 0.62))] = cv2.GC_PR_FGD
    labels[(v < 0.55) & (np.hypot(u / 1.45, (v + 0.15) / 1.25) > 1)] = cv2.GC_BGD
    labels[oval] = cv2.GC_FGD
    labels[(np.abs(u) < 0.20) & (v > 0.4) & (v < 0.75)] = cv2.GC_FGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(1)
    try:
        cv2.grabCut(small, labels, (0, 0, 1, 1), *models, GRABCUT_ROUNDS, cv2.GC_INIT_WITH_MASK)
    except cv2.error:
        return None
    mask = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    piece = _piece_with(mask, oval)
    if piece is None:
        return None
    mask = _fill_upper(_balance(_without_holes(piece), u, v), v)
    trimmed = _trim(small, mask, float(oval.any(axis=0).sum()))
    piece = _piece_with(trimmed | (mask & (v > 0.45)), oval)
    return mask if piece is None else _fill_upper(piece, v)


def _piece_with(mask: np.ndarray, oval: np.ndarray) -> np.ndarray | None:
    """Return the connected piece (bool) that shares most with the face oval, without threads."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, pieces = cv2.connectedComponents(opened)
    overlaps = np.bincount(pieces[oval], minlength=count)
    overlaps[0] = 0
    return pieces == overlaps.argmax() if overlaps.any() else None


def _without_holes(mask: np.ndarray) -> np.ndarray:
    """Fill holes: whatever is not connected with the outside of the window."""
    rest = 1 - mask.astype(np.uint8)
    padded = cv2.copyMakeBorder(rest, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    _, pieces = cv2.connectedComponents(padded)
    inside: np.ndarray = pieces[1:-1, 1:-1] != pieces[0, 0]
    return inside


def _trim(small: np.ndarray, mask: np.ndarray, face_width: float) -> np.ndarray:
    """Remove what lies near the border and is more like the outside there than the inside.

    small: BGR uint8, mask: bool, face_width: px of them. Colours are compared with the local mean
    of the mask's core and of what is around it.
    """
    reach = max(2, round(0.09 * face_width))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    area = mask.astype(np.uint8)
    core = cv2.erode(area, disc, borderType=cv2.BORDER_REPLICATE)
    outside = 1 - cv2.dilate(area, np.ones((3, 3), np.uint8))
    colour = small.astype(np.float32)

    def unlike(region: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        weight = region.astype(np.float32)
        total = cv2.GaussianBlur(colour * weight[..., None], (0, 0), 0.10 * face_width)
        share = cv2.GaussianBlur(weight, (0, 0), 0.10 * face_width)
        mean = total / (share[..., None] + 1e-3)
        return np.linalg.norm(colour - mean, axis=2), share

    from_core, _ = unlike(core)
    from_outside, share = unlike(outside)
    kept: np.ndarray = mask & ~((from_outside < 0.75 * from_core) & (core == 0) & (share > 0.02))
    return kept


def _balance(mask: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Make the mask about as wide on one side of the face as on the other, as heads are.

    Where hair and background are alike the mask may run out into the background, and where a hat
    has two colours it may miss one; both seldom happen on both sides at the same height.
    """
    rows = np.clip(((v + 1.5) * 20).astype(int), 0, 59)
    reach = np.zeros((2, 60))
    for side, outwards in enumerate((-u, u)):
        np.maximum.at(reach[side], rows[mask], outwards[mask])
    window = np.ones(5) / 5
    smooth = np.array([np.convolve(one, window, "same") for one in reach])
    other_side = smooth[::-1]
    left, right = u < 0, u >= 0
    most, least = 1.07 * other_side + 0.02, 0.8 * np.minimum(other_side, reach[::-1])
    too_far = np.where(left, -u > most[0][rows], u > most[1][rows])
    missed = np.where(left, -u < least[0][rows], right & (u < least[1][rows]))
    mask = mask & ~(too_far & (v < 0.5) & (np.abs(u) > 0.5))
    filled: np.ndarray = mask | (missed & (v < 0.0))
    return filled


def _fill_upper(mask: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Fill dents above the eyes, where a head is nearly convex: they are a hat's other colour."""
    upper = (mask & (v < -0.05)).astype(np.uint8)
    points = cv2.findNonZero(upper)
    if points is None:
        return mask
    cv2.fillConvexPoly(upper, cv2.convexHull(points), 1)
    filled: np.ndarray = mask | upper.astype(bool)
    return filled


def _is_plausible(mask: np.ndarray, u: np.ndarray, v: np.ndarray, oval: np.ndarray) -> bool:
    above = v < 0.5
    unit = oval.sum() / (np.pi / 4)  # px of the box around the oval
    area = (mask & above).sum() / max(unit, 1.0)
    return bool(
        SMALLEST_HEAD < area < LARGEST_HEAD and (mask & oval).sum() >= MIN_COVER * oval.sum()
    )


def _plain_head(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return an average head on an average neck."""
    head = np.hypot(u / 0.64, (v + 0.14) / 0.76) < 1
    body = (v > 0.3) & (np.abs(u) < 0.32 + 1.8 * smoothstep(0.62, 1.3, v))
    person: np.ndarray = head | body
    return person
