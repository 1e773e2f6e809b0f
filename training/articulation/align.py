"""The same sentence said twice: when is the one where the other is?

Kokoro says every GRID sentence in some other voice, with exact phone times. Aligned with the real
recording it lends the real speaker its phones, and borrows his lips for its own voice.
"""

from __future__ import annotations

import numpy as np

from lipwright.speech.speech import Phone

GRID_LABEL_LAG = 0.02
"""By so much (s) the word times that come with GRID run earlier than the phones of Kokoro."""
FRAME = 0.01
SLACK = 0.14
"""How far (s) the alignment may stray from the straight line between word boundaries."""
STEP_COST = 0.35
SMOOTHING = 4.0


def word_spans(phones: list[Phone]) -> list[tuple[float, float]]:
    """Start and end (s) of each word of synthesised phones, which spaces keep apart."""
    spans: list[list[float]] = []
    fresh = True
    for phone in phones:
        if phone.symbol in " .,":
            fresh = True
            continue
        if fresh:
            spans.append([phone.start, phone.end])
            fresh = False
        spans[-1][1] = phone.end
    return [(start, end) for start, end in spans]


def align_words(
    first: np.ndarray,
    second: np.ndarray,
    first_words: list[tuple[float, float]],
    second_words: list[tuple[float, float]],
) -> np.ndarray:
    """For every frame of `second` the frame of `first` that says the same, float64 (T2,).

    Both are features (T, bands) at 100 Hz; the words' spans (s) correspond one to one. Dynamic time
    warping (Sakoe and Chiba, 1978) in a band around the words.
    """
    if len(first_words) != len(second_words):
        raise ValueError(f"{len(first_words)} words against {len(second_words)}")
    knots_first = [0.0, *np.ravel([[a, b] for a, b in first_words]), len(first) * FRAME]
    knots_second = [0.0, *np.ravel([[a, b] for a, b in second_words]), len(second) * FRAME]
    times = np.arange(len(second)) * FRAME
    guess = np.interp(times, np.maximum.accumulate(knots_second), knots_first) / FRAME
    band = int(SLACK / FRAME)
    offsets = np.arange(-band, band + 1)
    columns = np.clip(np.round(guess).astype(int)[:, None] + offsets, 0, len(first) - 1)
    distance = np.sqrt(((second[:, None] - first[columns]) ** 2).mean(-1))
    distance += 0.25 * (offsets[None] / band) ** 2
    path = _cheapest_path(distance, columns)
    radius = int(3 * SMOOTHING)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / SMOOTHING) ** 2)
    smooth = np.convolve(np.pad(path, radius, mode="edge"), kernel / kernel.sum(), "valid")
    return np.maximum.accumulate(smooth)


def _cheapest_path(distance: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """One column per row, never going back; standing still and jumping cost extra."""
    rows, width = distance.shape
    total = distance[0].copy()
    came_from = np.zeros((rows, width), np.int32)
    for row in range(1, rows):
        step = columns[row][:, None] - columns[row - 1][None]
        extra = np.where((step < 0) | (step > 4), np.inf, STEP_COST * np.abs(step - 1))
        reach = total[None] + extra
        came_from[row] = reach.argmin(1)
        total = distance[row] + reach[np.arange(width), came_from[row]]
    place = int(total.argmin())
    path = np.empty(rows)
    for row in range(rows - 1, -1, -1):
        path[row] = columns[row, place]
        place = came_from[row, place]
    return path


def move_phones(phones: list[Phone], path: np.ndarray) -> list[Phone]:
    """Phones of the second recording at the times of the first."""
    seconds = np.arange(len(path)) * FRAME

    def moved(time: float) -> float:
        inside = np.interp(time, seconds, path) * FRAME
        return float(inside + min(0.0, time) + max(0.0, time - seconds[-1]))

    return [Phone(moved(p.start), moved(p.end), p.symbol) for p in phones]
