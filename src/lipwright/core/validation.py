"""Checks of arguments before any work is done: choices, frame rates, output paths."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Literal, get_args

from lipwright.core.errors import MediaError, UsageError

Quality = Literal["low", "medium", "high"]
Motion = Literal["still", "subtle", "natural", "lively"]
MouthSource = Literal["auto", "own", "drawn"]
Length = Literal["bounce", "loop", "cut", "freeze", "remap"]
QUALITIES: tuple[str, ...] = get_args(Quality)
MOTIONS: tuple[str, ...] = get_args(Motion)
MOUTHS: tuple[str, ...] = get_args(MouthSource)
LENGTHS: tuple[str, ...] = get_args(Length)
DEFAULT_FPS = 25
"""Of a video from a still image; a source video keeps its own."""
MAX_FPS = 240
"""Beyond this no player or encoder helps anybody."""


def parse_fps(fps: float | str | Fraction) -> Fraction:
    """Return an exact frame rate from 25, 23.976 or "30000/1001". Raises UsageError for others."""
    try:
        rate = Fraction(str(fps)) if isinstance(fps, float | str) else Fraction(fps)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise UsageError(
            f'"{fps}" is not a frame rate: give a number such as 25, 23.976 or 30000/1001.'
        ) from None
    if not 1 <= rate <= MAX_FPS:
        raise UsageError(f"{fps} frames per second cannot be made: give 1 to {MAX_FPS}.")
    return rate


def check_choice(what: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise UsageError, with the possible choices, for a value that is none of them."""
    if value not in choices:
        raise UsageError(f'There is no {what} "{value}": choose one of {", ".join(choices)}.')


def check_place(path: Path, what: str) -> None:
    """Raise MediaError where a file cannot be written, as far as that can be known beforehand.

    what: the kind of file, such as "video".
    """
    if path.is_dir():
        raise MediaError(f"{path} is a folder: give the name of the {what} file to write in it.")
    if not path.parent.is_dir():
        raise MediaError(
            f"{path} cannot be written: there is no folder {path.parent}, create it first."
        )
    if not os.access(path.parent, os.W_OK):
        raise MediaError(
            f"{path} cannot be written, the folder is not writable: choose another place."
        )


def check_not_an_input(output: Path, *inputs: Path | None) -> None:
    """Raise UsageError where the output would overwrite an input."""
    for path in inputs:
        if path is not None and output.exists() and path.exists() and output.samefile(path):
            raise UsageError(f"{output} is also an input: give the output another name.")
