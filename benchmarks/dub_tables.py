"""The tables of `dub.py`: a row for each film, or group of clips, and method."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from dub_measures import BY_CHANCE, MOUTH, SIDES, SKIN, leaked, left_over, median_leak


class Column(NamedTuple):
    head: str
    name: str
    form: str = ".2f"
    over: Callable[[np.ndarray], Any] = np.nanmedian


of_four = partial(median_leak, together=4)
LEAKS = (*MOUTH, SKIN, SIDES)
TABLES: dict[str, tuple[Column, ...]] = {
    "beside real frames (grey levels)": (
        Column("own lips: mouth", "mouth own", over=np.nanmean),
        Column("lower face", "face own", over=np.nanmean),
        Column("edges", "edges own", over=np.nanmean),
        Column("**another moment's: mouth**", "mouth later", over=np.nanmean),
        Column("lower face", "face later", over=np.nanmean),
        Column("edges", "edges later", over=np.nanmean),
        Column("frames", "far", ".0f", np.nansum),
    ),
    "expression off (% of mouth width)": (
        Column("corners' height", "corners high", ".1f"),
        Column("corners' spread", "corners wide", ".1f"),
        Column("cheeks", "cheeks", ".1f"),
        Column("folds", "folds", ".1f"),
    ),
    "gap drawn against asked": (
        Column("correlation", "gap"),
        Column("worst", "gap", over=np.nanmin),
        Column("mean over asked", "open"),
        Column("closures shut (%)", "shut", ".0%", np.nanmean),
        Column("worst (%)", "shut", ".0%", np.nanmin),
    ),
    "leak of the old speech": (
        *(Column(name, f"leak {name}", over=leaked) for name in LEAKS),
        *(Column(f"left: {name}", f"leak {name}", ".0%", left_over) for name in LEAKS),
        *(Column(f"median: {name}", f"leak {name}", over=median_leak) for name in LEAKS),
        *(Column("by chance", f"leak {name}{BY_CHANCE}", over=median_leak) for name in LEAKS),
        *(Column(f"four clips: {name}", f"leak {name}", over=of_four) for name in LEAKS),
        *(Column("by chance", f"leak {name}{BY_CHANCE}", over=of_four) for name in LEAKS),
    ),
    "over real frames'": (
        Column("flicker, own lips", "flicker own"),
        Column("another moment's", "flicker later"),
        Column("other speech", "flicker other"),
        Column("seam: next px", "next px"),
        Column("whole edge", "whole edge"),
    ),
    "identity, 5th percentile": (
        Column("drawn and the film's other frames", "alike", ".3f"),
        Column("these among each other", "alike real", ".3f"),
    ),
}


def print_tables(rows: Sequence[Any], corpus: str) -> None:
    """Print all tables, with a row for all films together.

    rows: with `group`, `method` and `numbers` by name. corpus: the group that is no film.
    """
    groups = {group: [group] for group in dict.fromkeys(row.group for row in rows)}
    films = [group for group in groups if group != corpus]
    if len(films) > 1:
        groups["all films"] = films
    methods = list(dict.fromkeys(row.method for row in rows))
    for title, columns in TABLES.items():
        print(f"| {title} | drawn by | {' | '.join(column.head for column in columns)} |")
        print("|---" * (len(columns) + 2) + "|")
        for name, members in groups.items():
            for method in methods:
                chosen = [row for row in rows if row.group in members and row.method == method]
                held = [row.numbers for row in chosen]
                counted = f"{name} ({len(held)})" if len(held) > 1 else name
                print(f"| {counted} | {method} | {' | '.join(cells(columns, held))} |")
        print()


def cells(columns: Sequence[Column], held: Sequence[dict[str, float]]) -> Iterator[str]:
    for column in columns:
        values = np.array([numbers[column.name] for numbers in held])
        known = np.isfinite(values).any()
        yield format(float(column.over(values)), column.form) if known else ""
