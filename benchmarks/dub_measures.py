"""Measures of dubbed mouths on tracks of landmarks and curves: nothing here sees a pixel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lipwright.evaluation.metrics import correlation
from lipwright.evaluation.mouth_metrics import CLOSED_GAP, LEFT_CORNER, RIGHT_CORNER

SLOW = 1.0  # s over which an expression is taken
LEAST_HEARD = 0.3  # correlation from which a movement goes with what is heard
ASKED_CLOSED = 0.005  # mouth widths: lips that are asked to be nearer are asked to touch
ASKED_OPEN = 0.05  # mouth widths: closures lie between two openings, the rest is silence
CHEEKS = [50, 280, 205, 425, 187, 411]
FOLDS = [206, 426, 216, 436, 212, 432]  # from the nose past the corners of the mouth
EXPRESSION = ("corners high", "corners wide", "cheeks", "folds")
MOUTH = ("gap", "width", "chin")
SKIN, SIDES = "chin's skin", "skin beside it"
BY_CHANCE = " by chance"

Products = tuple[float, float, float]
"""Of a drawn and an old movement: of both, and of each with itself."""
UNKNOWN: Products = (0.0, 0.0, 0.0)


def expression_tracks(points: np.ndarray) -> np.ndarray:
    """What an expression moves, float64 (T, 26): height and spread of the corners, then x and y.

    points: (T, 478, 3) without the head's motion, mouth widths.
    """
    corners = points[:, [LEFT_CORNER, RIGHT_CORNER], :2]
    height, spread = corners[..., 1].mean(axis=1), np.ptp(corners[..., 0], axis=1)
    places = points[:, CHEEKS + FOLDS, :2].reshape(len(points), -1)
    return np.column_stack([height, spread, places])


def slow_part(tracks: np.ndarray, fps: float) -> np.ndarray:
    """Tracks (T, n), averaged over SLOW around each row, or over what there is of it."""
    kernel = np.ones(2 * round(SLOW * fps / 2) + 1)
    there = np.convolve(np.ones(len(tracks)), kernel)
    margin = len(kernel) // 2
    columns = [
        (np.convolve(one, kernel) / there)[margin : margin + len(tracks)] for one in tracks.T
    ]
    return np.stack(columns, axis=1)


def without(tracks: np.ndarray, tracked: np.ndarray, heard: np.ndarray, fps: float) -> np.ndarray:
    """Tracks (T, n) less what speech, zero at rest, does to them.

    By regression on what is faster than an expression, which speech does not have: on what is
    tracked, (T, k), and on what is heard, (T, 1), of those tracks that go with it.
    """
    fast, seen, said = (rows - slow_part(rows, fps) for rows in (tracks, tracked, heard))
    both = np.column_stack([seen, said])
    effect, *_ = np.linalg.lstsq(both, fast, rcond=None)
    rest, said_rest = unexplained(fast, seen), unexplained(said, seen)
    goes = [abs(correlation(one, said_rest[:, 0])) >= LEAST_HEARD for one in rest.T]
    alone, *_ = np.linalg.lstsq(seen, fast, rcond=None)
    effect = np.where(goes, effect, np.vstack([alone, np.zeros_like(effect[-1:])]))
    left: np.ndarray = tracks - np.column_stack([tracked, heard]) @ effect
    return left


def expression(points: np.ndarray, mouth: np.ndarray, heard: np.ndarray, fps: float) -> np.ndarray:
    """The slow expression of a face, float64 (T, 26), mouth widths.

    points: (T, 478, 3) as for `expression_tracks`. mouth: opening, width and chin of the same face
    (T, 3). heard: the same as the speech asks for them. The width that speech makes is taken from
    what is heard, since an expression makes one as well.
    """
    tracks = expression_tracks(points)
    return slow_part(without(tracks, mouth[:, [0, 2]], heard[:, 1:2], fps), fps)


def expression_off(drawn: np.ndarray, real: np.ndarray) -> dict[str, float]:
    """How far expressions, float64 (T, 26) each, are apart: means, % of the mouth's width."""
    off = np.abs(drawn - real)
    places = (drawn - real)[:, 2:].reshape(len(drawn), -1, 2)
    ways = np.linalg.norm(places, axis=-1)
    groups = off[:, 0], off[:, 1], ways[:, : len(CHEEKS)], ways[:, len(CHEEKS) :]
    return {name: 100 * float(one.mean()) for name, one in zip(EXPRESSION, groups, strict=True)}


def gap_followed(drawn: np.ndarray, asked: np.ndarray) -> dict[str, float]:
    """How well a gap, (T,) in mouth widths, follows what is asked; NaN where nothing is.

    "gap": correlation. "shut": share of the frames asked to be closed, between the first opening
    and the last, that are; NaN where none is. "open": mean gap over the mean that is asked.
    """
    opened = np.flatnonzero(asked > ASKED_OPEN)
    closed = asked < ASKED_CLOSED
    if len(opened):
        closed[: opened[0]] = closed[opened[-1] :] = False
    else:
        return dict.fromkeys(("gap", "shut", "open"), float("nan"))
    return {
        "gap": float(correlation(drawn, asked)),
        "shut": float((drawn[closed] < CLOSED_GAP).mean()) if closed.any() else float("nan"),
        "open": float(drawn.mean() / asked.mean()),
    }


def leak(
    drawn: np.ndarray,
    old: np.ndarray,
    reasons: np.ndarray,
    fps: float,
    names: Sequence[str] = MOUTH,
) -> dict[str, Products]:
    """How what is drawn goes with what the film had: (T, n) each.

    Of what is faster than an expression, without what the reasons, (T, k), explain: what is asked,
    and the head's movement, which stays the film's. "leak gap" and so on, by the names of the
    columns; and with " by chance" after it the same where the old one is turned round in time.
    """
    found = {}
    for after, before in (("", old), (BY_CHANCE, old[::-1])):
        fast = [rows - slow_part(rows, fps) for rows in (drawn, before, reasons)]
        regressors = np.column_stack([fast[2], np.ones(len(reasons))])
        rest, old_rest = (unexplained(rows, regressors) for rows in fast[:2])
        for name, one, other in zip(names, rest.T, old_rest.T, strict=True):
            found[f"leak {name}{after}"] = (
                float(one @ other),
                float(one @ one),
                float(other @ other),
            )
    return found


def leaked(products: Sequence[Products]) -> float:
    """Magnitude of the correlation of drawn and old mouths, over all clips."""
    both, drawn, old = np.sum(products, axis=0)
    return abs(float(both / max(np.sqrt(drawn * old), 1e-12)))


def left_over(products: Sequence[Products]) -> float:
    """Share of the old movement that is still there, over all clips."""
    both, _, old = np.sum(products, axis=0)
    return float(both / max(old, 1e-12))


def median_leak(products: Sequence[Products], together: int = 1) -> float:
    """Median of `leaked`, of so many clips together at least, from all over them."""
    known = [one for one in products if np.any(one)]
    if not known:
        return float("nan")
    groups = max(len(known) // together, 1)
    return float(np.median([leaked(known[first::groups]) for first in range(groups)]))


def unexplained(rows: np.ndarray, regressors: np.ndarray) -> np.ndarray:
    """What of each column (T, n) the regressors (T, k) do not explain."""
    effect, *_ = np.linalg.lstsq(regressors, rows, rcond=None)
    return rows - regressors @ effect
