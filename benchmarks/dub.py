"""Dubbing beside real frames: pictures, expression, closures, leaks, flicker, seams, identity.

    python benchmarks/dub.py [--clips 6] [--bank 20] [--films FOLDER_OR_FILE ...] [--speed]

Speaker s1 of GRID (LIPWRIGHT_GRID names its folder): a bank of mouths from some clips, others
dubbed. Films of other people (LIPWRIGHT_FILMS names their folder) are cut in the middle: the first
half is the bank of the second where lips are known. Whatever the product does stands beside the
nearest frame of the bank moved by one similarity transform, and the frame itself.
docs/measures.md has the definitions.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import compress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from dub_chin import PATCHES, filled, movement_of_skin
from dub_clips import Film, View, halves, heard_curves, joined, look_again, spread, watch
from dub_measures import (
    ASKED_OPEN,
    BY_CHANCE,
    MOUTH,
    SKIN,
    UNKNOWN,
    expression,
    expression_off,
    gap_followed,
    leak,
)
from dub_methods import Dub, Method, NearestFrame, Wanted, asked_mouth, left_alone
from dub_pictures import PICTURE, against_real, flicker, identity, seam
from dub_speed import print_speed
from dub_tables import print_tables

from lipwright.evaluation.audio import read_sound
from lipwright.evaluation.baselines import rotated_sound
from lipwright.face import FaceFinder
from lipwright.media.video.source import open_video_source

SHIFTS = (7, 13)  # frames by which the mouths of another moment are wanted
FEWEST = 15  # frames that must be left to compare
FAR = 0.12  # mouth widths by which lips must differ to be those of another moment
SECONDS = 8.0
GRID = "GRID s1"
PRODUCT, NEAREST, ALONE = "dub", "nearest frame", "frame itself"

Numbers = dict[str, float]


class Row(NamedTuple):
    """What was measured of one clip drawn by one method."""

    group: str
    method: str
    numbers: Numbers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--clips", type=int, default=6, help="of GRID s1 that are dubbed: 0, or at least 2"
    )
    parser.add_argument("--bank", type=int, default=20, help="clips of GRID s1 in the bank")
    films = [Path(os.environ["LIPWRIGHT_FILMS"])] if "LIPWRIGHT_FILMS" in os.environ else []
    parser.add_argument(
        "--films", type=Path, nargs="*", default=films, help="files, or folders of them"
    )
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each film")
    parser.add_argument("--speed", action="store_true", help="measure it as well")
    options = parser.parse_args()
    finder = FaceFinder()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lent, dubbed = choose_clips(options.clips, options.bank)
        rows = list(measure_grid(lent, dubbed, finder, folder))
        for path in files(options.films):
            film = watch(path, finder, options.seconds)
            if film is None or len(film.views) < 2 * FEWEST:
                print(f"{path.name} is left out: it is too short, or shows no face throughout.\n")
            else:
                rows += measure_film(film, said_instead(film), finder, folder)
        print_tables(rows, GRID)
        if options.speed and dubbed:
            print_speed([seen(path, finder) for path in dubbed], folder)


def files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.glob("*.mp4")) if path.is_dir() else [path]


def choose_clips(clips: int, bank: int) -> tuple[list[Path], list[Path]]:
    """Clips of GRID s1 for the bank, and others to be dubbed, both spread over all; or none."""
    everything = grid_clips()
    if clips and len(everything) < bank + clips:
        print("GRID s1 is not here (LIPWRIGHT_GRID): it is left out.\n")
    if not clips or len(everything) < bank + clips:
        return [], []
    lent = spread(everything, bank)
    return lent, spread([path for path in everything if path not in lent], clips)


def grid_clips() -> list[Path]:
    folder = Path(os.environ.get("LIPWRIGHT_GRID", "../shared/data/grid"), "s1")
    return sorted(folder.glob("*.mp4"))


def measure_grid(
    lent: Sequence[Path], dubbed: Sequence[Path], finder: FaceFinder, folder: Path
) -> Iterator[Row]:
    if not dubbed:
        return
    known = joined([seen(path, finder) for path in lent], "bank", folder / "bank.mp4")
    methods = {PRODUCT: Dub.of(known), NEAREST: NearestFrame(known), ALONE: left_alone}
    films = [replace(seen(path, finder), person=known.ruler) for path in dubbed]
    for film, other in zip(films, [*films[1:], films[0]], strict=True):
        for name, method in methods.items():
            numbers = known_lips(film, method) | other_speech(film, other.sound, method, finder)
            yield Row(GRID, name, numbers)


def seen(path: Path, finder: FaceFinder) -> Film:
    film = watch(path, finder)
    assert film is not None, f"no face is seen in {path}"
    return film


def said_instead(film: Film) -> np.ndarray:
    """The film's own sound from its middle on, or that of a clip of GRID where nobody speaks."""
    clips = grid_clips()
    asked = asked_mouth(film.heard)[:, 0].max()
    if asked > ASKED_OPEN or not clips:
        return rotated_sound(film.sound)
    return read_sound(clips[0], open_video_source(clips[0]).duration)


def measure_film(film: Film, sound: np.ndarray, finder: FaceFinder, folder: Path) -> Iterator[Row]:
    """sound: what is said instead, mono float32 (n,) at 16 kHz."""
    first, second = halves(film, folder)
    for name, half, whole in (
        (PRODUCT, Dub.of(first), Dub.of(film)),
        (NEAREST, NearestFrame(first), NearestFrame(film)),
        (ALONE, left_alone, left_alone),
    ):
        numbers = known_lips(second, half)
        numbers |= other_speech(film, sound, whole, finder)
        yield Row(film.name, name, numbers)


def known_lips(film: Film, method: Method) -> Numbers:
    """Beside real frames, with the film's own lips and with those of some frames later."""
    views, own = film.views, Wanted(film.curves, landmarks=film.landmarks)
    images = list(method(film, own))
    still = flicker([view.image for view in views], views)
    found = means("own", [against_real(*one) for one in zip(images, views, views, strict=True)])
    found["flicker own"] = flicker(images, views) / still
    later, trembles = [], []
    for shift in SHIFTS:
        if len(views) < shift + FEWEST:
            continue
        there, real = views[:-shift], views[shift:]
        rows = np.minimum(np.arange(len(views)) + shift, len(views) - 1)
        wanted = Wanted(film.curves[rows], landmarks=film.landmarks[rows])
        images = list(method(film, wanted))[:-shift]
        far = lip_changes(film, shift) > FAR
        later += [
            against_real(*one) for one in compress(zip(images, there, real, strict=True), far)
        ]
        source = flicker([view.image for view in real], real)
        trembles.append(flicker(images, there) / source)
    return found | means("later", later) | {"flicker later": mean(trembles), "far": len(later)}


def lip_changes(film: Film, shift: int) -> np.ndarray:
    """How far the lips of each frame are from those `shift` frames later, mouth widths."""
    ways = NearestFrame(film).distances(film.landmarks)
    return np.linalg.norm(ways[shift:] - ways[:-shift], axis=1)


def means(name: str, each: Sequence[Numbers]) -> Numbers:
    """The mean of each number, called after itself and `name`; NaN where there are none."""
    return {f"{what} {name}": mean([one[what] for one in each]) for what in PICTURE}


def mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def other_speech(film: Film, sound: np.ndarray, method: Method, finder: FaceFinder) -> Numbers:
    """What becomes of a film that says something else. sound: mono float32 (n,) at 16 kHz."""
    views, fps, ruler = film.views, float(film.fps), film.ruler
    sound = np.resize(sound, len(film.sound))
    curves = heard_curves(sound, len(views), film.fps)
    images = list(method(film, Wanted(curves, sound)))
    landmarks = np.stack(
        [look_again(image, view.face, finder) for image, view in zip(images, views, strict=True)]
    )
    mouth, asked, heard = ruler.mouth(landmarks), asked_mouth(curves), asked_mouth(film.heard)
    found = gap_followed(mouth[:, 0], asked[:, 0])
    reasons = np.column_stack([asked, film.heads])
    found |= leak(mouth[:, :2], film.mouth[:, :2], reasons, fps, MOUTH[:2])
    found |= leak_of_chin(film, mouth[:, 2], images, reasons)
    found |= expression_off(
        expression(ruler.points(landmarks), mouth, asked, fps),
        expression(ruler.points(film.landmarks), film.mouth, heard, fps),
    )
    found["flicker other"] = flicker(images, views) / flicker([v.image for v in views], views)
    found["next px"], found["whole edge"] = seam(images, views)
    found["alike"], found["alike real"] = identity(images, landmarks, views)
    return found


def leak_of_chin(
    film: Film, tracked: np.ndarray, images: Sequence[np.ndarray], reasons: np.ndarray
) -> Numbers:
    """`leak` of what is drawn, as a tracker has it, (T,), and by `PATCHES` of skin.

    The film's own chin is that of its skin: a tracker errs alike in a frame before and after, as
    the head moves, and that would count as if it were the old speech.
    """
    views, rest, old = film.views, at_rest(film), own_chin(film)
    chins: dict[str, np.ndarray | None] = {MOUTH[2]: tracked}
    chins |= {n: filled(movement_of_skin(images, views, rest, p)) for n, p in PATCHES.items()}
    found = {}
    for name, drawn in chins.items():
        if old is None or drawn is None:
            found |= {f"leak {name}{after}": UNKNOWN for after in ("", BY_CHANCE)}
        else:
            found |= leak(drawn[:, None], old[:, None], reasons, float(film.fps), [name])
    return found


@lru_cache(1)  # one method after the other draws a film
def own_chin(film: Film) -> np.ndarray | None:
    """The chin of a film as it is, by its skin: (T,) mouth widths; None where it is mostly lost."""
    images = [view.image for view in film.views]
    return filled(movement_of_skin(images, film.views, at_rest(film), PATCHES[SKIN]))


def at_rest(film: Film) -> View:
    """The view whose lips are nearest to each other."""
    return film.views[int(film.mouth[:, 0].argmin())]


if __name__ == "__main__":
    main()
