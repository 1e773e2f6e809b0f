"""A contact sheet: everybody's head and number, to choose the speaker from."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from pathlib import Path

import cv2
import numpy as np

from lipwright.core.atomic_file import atomic_write
from lipwright.face.identities import Person

SUFFIXES = (".png", ".jpg", ".jpeg")
TITLE = "lipwright contact sheet"
TILE, LINE, GAP = 256, 40, 12  # px
PAPER, INK, FRAME = (250, 250, 250), (30, 30, 30), (215, 215, 215)
FONT = cv2.FONT_HERSHEY_DUPLEX


def draw_sheet(people: Sequence[Person], captions: Sequence[str]) -> np.ndarray:
    """Draw one tile for each person, with number and caption below: BGR uint8 (h, w, 3)."""
    columns = max(1, ceil(sqrt(len(people))))
    rows = max(1, ceil(len(people) / columns))
    step, down = TILE + GAP, TILE + LINE + GAP
    sheet = np.full((rows * down + GAP, columns * step + GAP, 3), PAPER, np.uint8)
    for place, (person, caption) in enumerate(zip(people, captions, strict=True)):
        x, y = GAP + place % columns * step, GAP + place // columns * down
        sheet[y : y + TILE, x : x + TILE] = _tile(person.head)
        _write(sheet, str(person.number), (x, y + TILE + LINE - 8), 1.1)
        _write(sheet, caption, (x + 28 + 22 * len(str(person.number)), y + TILE + LINE - 10), 0.6)
    return sheet


def write_sheet(path: Path, sheet: np.ndarray) -> None:
    """Write an image, BGR uint8 (h, w, 3), atomically; the extension chooses the format.

    A PNG says in its metadata what it is. Raises MediaError where it cannot be written.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    kind = "PNG" if path.suffix.lower() == ".png" else "JPEG"
    about = PngInfo()
    about.add_text("Title", TITLE)
    picture = Image.fromarray(np.ascontiguousarray(sheet[:, :, ::-1]))
    with atomic_write(path) as partial:
        picture.save(partial, kind, quality=95, **({"pnginfo": about} if kind == "PNG" else {}))


def is_sheet(path: Path) -> bool:
    """Return whether a PNG is a contact sheet, and not somebody's picture."""
    from PIL import Image

    try:
        with Image.open(path, formats=["PNG"]) as picture:
            return picture.info.get("Title") == TITLE
    except (OSError, ValueError):
        return False


def _tile(head: np.ndarray) -> np.ndarray:
    """Center a head in a square tile."""
    tile = np.full((TILE, TILE, 3), FRAME, np.uint8)
    scale = TILE / max(head.shape[:2])
    size = max(1, round(head.shape[1] * scale)), max(1, round(head.shape[0] * scale))
    larger = cv2.resize(head, size, interpolation=cv2.INTER_CUBIC)
    x, y = (TILE - size[0]) // 2, (TILE - size[1]) // 2
    tile[y : y + size[1], x : x + size[0]] = larger
    return tile


def _write(sheet: np.ndarray, text: str, place: tuple[int, int], size: float) -> None:
    cv2.putText(sheet, text, place, FONT, size, INK, 1, cv2.LINE_AA)
