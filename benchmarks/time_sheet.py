"""Time sheets: frames of a video side by side, to see how somebody in it moves.

    python benchmarks/time_sheet.py VIDEO --output sheet.jpg [--seconds 10] [--frames 24]

The first frame is the first of the video, the others follow at equal intervals.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np


def frames_at(video: Path, times: list[float]) -> Iterator[np.ndarray]:
    """Yield the frames shown at increasing times (s): BGR uint8 (h, w, 3)."""
    waiting = list(times)
    with av.open(str(video)) as container:
        for frame in container.decode(video=0):
            while waiting and frame.time is not None and frame.time >= waiting[0] - 1e-6:
                del waiting[0]
                yield frame.to_ndarray(format="bgr24")


def time_sheet(video: Path, times: list[float], columns: int, width: int) -> np.ndarray:
    """Lay out the frames shown at `times` (s), row by row: BGR uint8 (h, w, 3)."""
    cells = []
    for time, frame in zip(times, frames_at(video, times), strict=False):
        height = round(frame.shape[0] * width / frame.shape[1])
        cell = cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
        for colour, thick in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            cv2.putText(cell, f"{time:.1f} s", (5, 15), 0, 0.45, colour, thick, cv2.LINE_AA)
        cells.append(cell)
    if not cells:
        raise SystemExit(f"{video} has no frames at these times: ask for fewer seconds.")
    cells += [np.zeros_like(cells[0])] * (-len(cells) % columns)
    return np.vstack([np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("video", type=Path)
    parser.add_argument("--output", type=Path, default=Path("output/time_sheet.jpg"))
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--cell", type=int, default=200, help="pixels of a cell's width")
    options = parser.parse_args()
    times = [float(t) for t in np.linspace(0, options.seconds, options.frames, endpoint=False)]
    sheet = time_sheet(options.video, times, options.columns, options.cell)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(options.output), sheet, [cv2.IMWRITE_JPEG_QUALITY, 88])
    print(options.output)


if __name__ == "__main__":
    main()
