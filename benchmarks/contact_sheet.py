"""Contact sheets: what a portrait looks like in the sounds that give a bad mouth away.

    python benchmarks/contact_sheet.py PORTRAIT [PORTRAIT ...] --output sheet.png

One row a portrait: the picture itself, rest, m, f, ah, ee, oo, sh, l, and a moment between two
sounds. The row is drawn by the same engine, from phones, at the moments when each is spoken.
"""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from lipwright.engines.warp import WarpEngine, WarpOptions
from lipwright.face import choose_face
from lipwright.media.image.read import read_image, resize
from lipwright.pipeline.image_frames import ImageFrames, prepare_speaker
from lipwright.speech.speech import Phone, Speech

HEIGHT = 1080
FPS = Fraction(50)
PHONE = 0.24  # s
WORD = "mafiɑʃuləp"
LOOKED_AT = "mfaiuʃl"
NAMES = {"a": "ah", "i": "ee", "u": "oo", "ʃ": "sh"}
LEAD_IN = 0.4


def spoken_word() -> tuple[Speech, dict[str, float]]:
    """A silent speech with known phones, and the moment to look at for each label."""
    phones = [
        Phone(LEAD_IN + PHONE * i, LEAD_IN + PHONE * (i + 1), symbol)
        for i, symbol in enumerate(WORD)
    ]
    moments = {"rest": 0.1}
    for phone in phones:
        if phone.symbol in LOOKED_AT and phone.symbol not in moments:
            moments[phone.symbol] = (phone.start + phone.end) / 2 - 0.03
    moments["mid"] = phones[1].end - 0.03  # from ah to f
    duration = phones[-1].end + 0.5
    silence = np.zeros(int(duration * 16_000), np.float32)
    return Speech.from_samples(silence, 16_000, phones=tuple(phones)), moments


def sheet_row(path: Path, radius: float, size: int, columns: int) -> np.ndarray:
    """One portrait's cells, (h, columns * size, 3) uint8; radius: half a cell, in mouth widths."""
    picture = read_image(path)
    scale = HEIGHT / picture.shape[0]
    width = round(picture.shape[1] * scale / 2) * 2
    picture = resize(picture, (width, HEIGHT))
    face = choose_face(picture, None, path.name)
    engine = WarpEngine(WarpOptions("still"))
    speaker = prepare_speaker(engine, picture, face)
    corners = face.landmarks[[61, 291], :2]
    centre, reach = corners.mean(0), radius * float(np.linalg.norm(corners[1] - corners[0]))
    speech, moments = spoken_word()
    wanted = {round(time * FPS): label for label, time in moments.items()}
    cells = {"source": cell(picture, centre, reach, path.stem[:16], size)}
    for index, frame in enumerate(ImageFrames(engine, picture, [speaker], [speech], FPS)):
        if index in wanted:
            label = wanted[index]
            cells[label] = cell(frame, centre, reach, NAMES.get(label, label), size)
    row = [cells[label] for label in ("source", *moments)]
    return np.vstack([np.hstack(row[i : i + columns]) for i in range(0, len(row), columns)])


def cell(frame: np.ndarray, centre: np.ndarray, reach: float, label: str, size: int) -> np.ndarray:
    scale = size / (2 * reach)
    shift = size / 2 - centre * scale
    move = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]], np.float32)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = cv2.warpAffine(frame, move, (size, size), flags=way)
    for colour, width in (((0, 0, 0), 3), ((0, 255, 255), 1)):
        cv2.putText(picture, label, (5, 15), 0, 0.45, colour, width, cv2.LINE_AA)
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("portraits", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, default=Path("output/contact_sheet.png"))
    parser.add_argument("--radius", type=float, default=1.0, help="half a cell, in mouth widths")
    parser.add_argument("--cell", type=int, default=240, help="pixels of a cell's side")
    parser.add_argument("--columns", type=int, default=10, choices=(1, 2, 5, 10))
    options = parser.parse_args()
    rows = [
        sheet_row(path, options.radius, options.cell, options.columns) for path in options.portraits
    ]
    options.output.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(options.output), np.vstack(rows))
    print(options.output)


if __name__ == "__main__":
    main()
