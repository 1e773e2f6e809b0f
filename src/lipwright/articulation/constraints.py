"""What both ways to the curves share: certain closures, and movements no lip can outrun."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from lipwright.articulation.curves import CHANNELS

OPENING_SPEED = 3.2
"""Fastest opening of the lips in mouth widths per second (0.13 a frame at 25 fps)."""
CLOSING_SPEED = 3.8
"""Fastest closing in mouth widths per second."""

_JAW, _GAP, _RAISE, _DROP, _TUCK = (
    CHANNELS.index(name) for name in ("jaw", "gap", "raise", "drop", "tuck")
)
OPENING_CHANNELS = [_GAP, _RAISE, _DROP]


def smoothstep(value: np.ndarray) -> np.ndarray:
    """Return 0 below 0, 1 above 1, and a smooth S between: float64 (n,) as given."""
    value = np.clip(value, 0.0, 1.0)
    result: np.ndarray = value * value * (3.0 - 2.0 * value)
    return result


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """Return the first and last index of every run of true values of a mask, bool (n,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(mask, np.int8), [0]])))
    return [(int(first), int(after) - 1) for first, after in edges.reshape(-1, 2)]


def window_weights(
    count: int,
    rate: float,
    windows: Iterable[tuple[float, float, float, float, float]],
) -> np.ndarray:
    """Return the greatest of many trapezoids with smooth flanks: float64 (n,) in [0, 1].

    Each window is (start s, end s, rise s, fall s, height): full between start and end, rising
    during the `rise` seconds before it and falling during the `fall` seconds after.
    """
    weights = np.zeros(count)
    for start, end, rise, fall, height in windows:
        first = max(0, int(np.floor((start - rise) * rate)))
        last = min(count, int(np.ceil((end + fall) * rate)) + 1)
        if last <= first:
            continue
        times = np.arange(first, last) / rate
        rising = (times - (start - rise)) / max(rise, 1e-6)
        falling = ((end + fall) - times) / max(fall, 1e-6)
        shape = smoothstep(np.minimum(rising, falling)) * height
        np.maximum(weights[first:last], shape, out=weights[first:last])
    return weights


def close_lips(curves: np.ndarray, weights: np.ndarray) -> None:
    """Shut the lips where `weights` is 1, in place, whatever the jaw does.

    curves: float64 (T, 9). weights: float64 (T,) in [0, 1].
    """
    curves[:, OPENING_CHANNELS] *= (1.0 - weights)[:, None]


def rest(curves: np.ndarray, weights: np.ndarray) -> None:
    """Bring every channel to rest where `weights` is 1, in place.

    curves: float64 (T, 9). weights: float64 (T,) in [0, 1].
    """
    curves *= (1.0 - weights)[:, None]


def tuck_lip(
    curves: np.ndarray, weights: np.ndarray, upper_lip_raise: float | np.ndarray = 0.049
) -> None:
    """Lower lip to the upper teeth where `weights` is 1, in place.

    What opening is left is the raised upper lip's, so that the teeth can be seen to rest on it.
    curves: float64 (T, 9). weights: float64 (T,) in [0, 1]. upper_lip_raise: mouth widths.
    """
    keep = 1.0 - weights
    curves[:, _RAISE] = curves[:, _RAISE] * keep + weights * upper_lip_raise
    curves[:, _GAP] = curves[:, _GAP] * keep + weights * (upper_lip_raise + 0.002)
    curves[:, _DROP] *= keep
    curves[:, _TUCK] = np.maximum(curves[:, _TUCK], weights)


def limit_speed(values: np.ndarray, rate: float, opening: float, closing: float) -> np.ndarray:
    """Return the greatest curve under `values` that rises and falls no faster than asked.

    values: float64 (T,) at `rate` Hz. opening, closing: units per second. Only
    ever lowers, so a closure stays closed and its approach begins early enough.
    """
    steps = np.arange(len(values)) / rate
    rising = np.minimum.accumulate(values - opening * steps) + opening * steps
    falling = np.minimum.accumulate((rising + closing * steps)[::-1])[::-1] - closing * steps
    return np.minimum(falling, rising)


def limit_lips(curves: np.ndarray, rate: float) -> None:
    """Apply the speed limits to the opening channels, in place; the upper lip stays in the gap.

    curves: float64 (T, 9) at `rate` Hz.
    """
    if not len(curves):
        return
    np.maximum(curves[:, _GAP], curves[:, _RAISE], out=curves[:, _GAP])
    curves[:, _GAP] = limit_speed(curves[:, _GAP], rate, OPENING_SPEED, CLOSING_SPEED)
    curves[:, _DROP] = limit_speed(curves[:, _DROP], rate, OPENING_SPEED / 3, CLOSING_SPEED / 3)
    curves[:, _JAW] = limit_speed(curves[:, _JAW], rate, OPENING_SPEED, CLOSING_SPEED)
    # Rounding errors of the running minimum must not leave a hair's breadth open.
    for channel in (_JAW, _GAP, _DROP):
        curves[np.abs(curves[:, channel]) < 1e-6, channel] = 0.0
    np.minimum(curves[:, _RAISE], curves[:, _GAP], out=curves[:, _RAISE])


def gaussian_smooth(curves: np.ndarray, rate: float, seconds: float) -> np.ndarray:
    """Smooth each column with a Gaussian of `seconds` standard deviation, edges held.

    curves: float64 (T, n) at `rate` Hz.
    """
    sigma = seconds * rate
    radius = int(np.ceil(3 * sigma))
    if radius == 0 or not len(curves):
        return curves
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(curves, ((radius, radius), (0, 0)), mode="edge")
    smoothed = np.zeros(curves.shape, np.float64)
    for offset, weight in enumerate(kernel):
        smoothed += weight * padded[offset : offset + len(curves)]
    return smoothed
