"""The shapes of movements over time: all of them smooth, none with a jump in velocity."""

from __future__ import annotations


def ease(share: float) -> float:
    """Return 0 up to 0 and 1 from 1 on; between them the minimum-jerk movement."""
    if share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    return share**3 * (share * (share * 6 - 15) + 10)


def bell(share: float) -> float:
    """Return 0 outside (0, 1), and 1 at the middle of it."""
    return (4 * share * (1 - share)) ** 3 if 0 < share < 1 else 0.0


def pulse(since: float, rise: float, hold: float, fall: float) -> float:
    """Return [0, 1] `since` seconds after its start: up over `rise` s, held, down over `fall` s."""
    if since < rise + hold:
        return ease(since / rise)
    return 1 - ease((since - rise - hold) / fall)


def limited(value: float, limit: float) -> float:
    """Bend `value` so that it stays within the limit; up to half of the limit it hardly changes."""
    return float(value / (1 + (value / limit) ** 4) ** 0.25)
