"""What a person does on the studio's page, and what can be seen there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.helpers import hopper_path

TEXT = "Hello! It is good to see you."
MADE_MS = 180_000

PIXELS = """
(id) => {
  const shown = document.getElementById(id);
  const copy = new OffscreenCanvas(160, 160);
  const paper = copy.getContext("2d");
  paper.drawImage(shown, 0, 0, 160, 160);
  return Array.from(paper.getImageData(0, 0, 160, 160).data.filter((_, i) => i % 4 === 1));
}
"""


def choose_face(page: Any, path: Path | None = None) -> None:
    """Choose a picture, and wait until its faces are found."""
    page.set_input_files("#face-file", path or hopper_path())
    page.wait_for_selector(".face-box")


def choose_small(page: Any) -> None:
    """The smallest video, which is the quickest."""
    page.click("#settings summary")
    page.check("input[name=quality][value=low]")
    page.click("#settings summary")


def wait_for_video(page: Any) -> None:
    """Wait until the finished video stands on the stage."""
    page.wait_for_selector("#result", timeout=MADE_MS)


def pixels(page: Any, element: str) -> list[int]:
    """The green of a picture, a video or a canvas as it is seen now, 160 x 160."""
    return page.evaluate(PIXELS, element)


def difference(one: list[int], other: list[int]) -> float:
    """How many of 256 levels the pixels that changed most, a hundredth of all, changed by."""
    changes = sorted((abs(a - b) for a, b in zip(one, other, strict=True)), reverse=True)
    most = changes[: len(changes) // 100]
    return sum(most) / len(most)
