"""Matte of a person and the colours on both sides of its edge.

A segmentation network says where the person is, a guided filter (He et al. 2010) brings its
answer to the picture's edges, hair included. Where the edge is soft each pixel mixes person and
background; both are told apart by the means of what is near and purely one or the other (Forte
2021, "Approximate fast foreground colour estimation").
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from lipwright.core.rect import Rect
from lipwright.engines.warp.face_frame import smoothstep
from lipwright.engines.warp.person_frame import PersonFrame
from lipwright.face.person_segmentation import PersonSegmenter
from lipwright.media.image.lab import lightness

GUIDE_SIDE = 520  # px
GUIDE_REACH = 0.045  # face widths
MIN_COVER = 0.9  # of the face oval: a person covers at least so much
RIM = (1.0, 0.008), (1.5, 0.014)
"""Px at least, and face widths, by which a matte is widened in full and then softly."""
SMALL_HOLE = 0.02  # of the face oval's box: smaller holes are filled
CUT_OUT = 0.4
"""Of what is around and above a face: where so much is transparent, the picture is a cut-out."""
MIXED_SIDE = 400  # px, longer side at which means are taken
MIXED_REACH = 0.06  # face widths in which pure colours are looked for


class Matte(NamedTuple):
    """A person cut out of a window of a picture."""

    alpha: np.ndarray
    """uint8 (h, w): 255 on the person."""
    person: np.ndarray
    """BGR uint8 (h, w, 3): the picture, with the person's colours alone at the edge."""
    background: np.ndarray
    """BGR uint8 (h, w, 3): the picture, with the background's colours alone at the edge."""


def cut_person(
    picture: np.ndarray,
    frame: PersonFrame,
    window: Rect,
    transparency: np.ndarray | None = None,
) -> Matte:
    """Cut a person out of a window of an image.

    picture: BGR uint8 (h, w, 3) of the window. transparency: uint8 (h, w), of a picture that has
    some.
    """
    coarse = _coarse_mask(picture, frame, window)
    size = (picture.shape[1], picture.shape[0])
    soft = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)
    soft = smoothstep(0.3, 0.7, soft)
    share = guide_edges(picture, soft, max(1.0, GUIDE_REACH * frame.width))
    share = smoothstep(0.08, 0.92, share)
    if transparency is not None:
        share = _follow_transparency(share, transparency, frame, window)
    alpha = _with_rim(np.rint(255 * share).astype(np.uint8), frame.width)
    return Matte(alpha, *_unmix(picture, alpha, MIXED_REACH * frame.width))


def _with_rim(alpha: np.ndarray, width: float) -> np.ndarray:
    """Take a rim of background along, or a trace of the person's edge would stay behind."""
    away = cv2.distanceTransform((alpha < 128).astype(np.uint8), cv2.DIST_L2, 5)
    whole, soft = (max(least, part * width) for least, part in RIM)
    rim = (255 * smoothstep(whole + soft, whole, away)).astype(np.uint8)
    rimmed: np.ndarray = np.maximum(alpha, rim)
    return rimmed


def guide_edges(picture: np.ndarray, mask: np.ndarray, radius: float) -> np.ndarray:
    """Smooth `mask`, float32 (h, w), but for the edges of a BGR uint8 image: the guided filter.

    radius: px.
    """
    # the filter's coefficients are smooth: work them out on a small copy (He, Sun 2015)
    scale = min(1.0, GUIDE_SIDE / max(mask.shape))
    size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
    guide = lightness(picture)
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
    edges: np.ndarray = np.clip(slope * guide + offset, 0, 1)
    return edges


def _coarse_mask(picture: np.ndarray, frame: PersonFrame, window: Rect) -> np.ndarray:
    """Return the person, float32 [0, 1], on the network's grid over the window."""
    seen = PersonSegmenter().segment(picture)
    rows, columns = seen.shape
    u, v = frame.grid(window, columns, rows)
    oval = np.hypot(u, v) < 0.5
    person = _main_piece(seen > 0.5, oval)
    if not oval.any() or person[oval].mean() < MIN_COVER:
        plain: np.ndarray = (_plain_person(u, v) | oval).astype(np.float32)
        return plain
    near = cv2.dilate(person.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    mask = np.where(near, seen, 0)
    filled = _without_small_holes(person, SMALL_HOLE * oval.sum() * 4 / np.pi)
    mask[filled & ~person] = 1
    mask[oval] = 1
    found: np.ndarray = mask.astype(np.float32)
    return found


def _main_piece(mask: np.ndarray, oval: np.ndarray) -> np.ndarray:
    """Return the connected piece (bool) that shares most with the face oval."""
    count, pieces = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    overlaps = np.bincount(pieces[oval], minlength=count)
    overlaps[0] = 0
    piece: np.ndarray = pieces == overlaps.argmax() if overlaps.any() else np.zeros_like(mask)
    return piece


def _without_small_holes(mask: np.ndarray, largest: float) -> np.ndarray:
    count, pieces, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8))
    small = [n for n in range(1, count) if stats[n, cv2.CC_STAT_AREA] <= largest]
    filled: np.ndarray = mask | np.isin(pieces, small)
    return filled


def _plain_person(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return an average head on an average neck and average shoulders, bool."""
    head = np.hypot(u / 0.64, (v + 0.14) / 0.76) < 1
    body = (v > 0.3) & (np.abs(u) < 0.32 + 1.8 * smoothstep(0.62, 1.3, v))
    person: np.ndarray = head | body
    return person


def _follow_transparency(
    share: np.ndarray, transparency: np.ndarray, frame: PersonFrame, window: Rect
) -> np.ndarray:
    """Correct a person by the edge of a portrait that was cut out already."""
    u, v = frame.grid(window, share.shape[1], share.shape[0])
    above = v < 0.3
    if not above.any() or (transparency[above] < 128).mean() < CUT_OUT:
        return share
    near = np.hypot(u / 0.75, (v + 0.16) / 0.95) < 1
    cut: np.ndarray = np.where(transparency > 127, np.where(near, 1, share), 0).astype(np.float32)
    return cut


def _unmix(picture: np.ndarray, alpha: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the colours of person and background, BGR uint8 (h, w, 3) each.

    Laid over each other with the matte they give the picture again.
    """
    mixed = (alpha > 0) & (alpha < 255)
    rows, columns = np.nonzero(cv2.dilate(mixed.astype(np.uint8), np.ones((5, 5), np.uint8)))
    share = alpha[rows, columns, None].astype(np.float32) / 255
    colour = picture[rows, columns].astype(np.float32)
    person = _pure(picture, alpha > 242, reach)[rows, columns]
    background = _pure(picture, alpha < 13, reach)[rows, columns]
    rest = colour - (share * person + (1 - share) * background)
    weight = share**2 + (1 - share) ** 2
    person += rest * share / weight
    background += rest * (1 - share) / weight
    front, behind = picture.copy(), picture.copy()
    front[rows, columns] = np.where(share < 1, np.clip(person + 0.5, 0, 255), colour)
    behind[rows, columns] = np.where(share > 0, np.clip(background + 0.5, 0, 255), colour)
    return front, behind


def _pure(picture: np.ndarray, mask: np.ndarray, reach: float) -> np.ndarray:
    """Return the mean of the near colours in a mask; of those farther off if need be."""
    height, width = mask.shape
    scale = min(1.0, MIXED_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    masked = cv2.copyTo(picture, mask.astype(np.uint8)).astype(np.float32)
    near = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(masked, size, interpolation=cv2.INTER_AREA)
    total: np.ndarray = np.zeros_like(colour)
    norm: np.ndarray = np.zeros_like(near)
    for spread, importance in ((reach / 3, 1.0), (reach, 1e-2), (3 * reach, 1e-4)):
        sigma = max(spread * scale, 0.6)
        total += importance * cv2.GaussianBlur(colour, (0, 0), sigma)
        norm += importance * cv2.GaussianBlur(near, (0, 0), sigma)
    mean = total / (norm[..., None] + 1e-7)
    spread_out: np.ndarray = cv2.resize(mean, (width, height), interpolation=cv2.INTER_LINEAR)
    return spread_out
