"""People who speak freely: the curves from sound must beat a linear map of the ear's features.

The clips are not part of the repository: LIPWRIGHT_WILD names their folder, or they are in
../shared/data/wild beside it. The linear map is benchmarks/ridge.npz. `benchmarks/wild.py` prints
all measures.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
WILD = Path(os.environ.get("LIPWRIGHT_WILD", ROOT.parent / "shared" / "data" / "wild"))
MODULES = ("wild_clips", "wild_measures", "wild_mouths")

needs_clips = pytest.mark.skipif(
    not (WILD / "offsets.json").exists(), reason=f"the clips of free speech are not in {WILD}"
)


@pytest.fixture(scope="module")
def wild() -> Iterator[SimpleNamespace]:
    """The modules of the benchmark, by name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in MODULES})


def median_gap(wild: SimpleNamespace, method) -> float:
    """Median over the clips of the lip gap's correlation inside speech, at the clips' offsets."""
    clips = wild.wild_clips.read_wild(WILD)
    assert len(clips) == 10
    found = [
        wild.wild_measures.correlations(clip, method(clip.sound, clip))["gap"] for clip in clips
    ]
    return float(np.median(found))


@needs_clips
def test_ours_beats_a_linear_map(wild):
    """A missing ridge.npz is an error: it belongs to the repository."""
    linear = median_gap(wild, wild.wild_mouths.Ridge())
    assert linear > 0.3  # a map that is broken would be beaten by anything
    assert median_gap(wild, wild.wild_mouths.ours) > linear


@needs_clips
def test_ours_beats_loudness_and_another_sound(wild):
    ours = median_gap(wild, wild.wild_mouths.ours)
    assert ours > median_gap(wild, wild.wild_mouths.loudness) + 0.2

    def reversed_sound(sound: np.ndarray, clip):
        return wild.wild_mouths.ours(sound[::-1].copy(), clip)

    assert ours > median_gap(wild, reversed_sound) + 0.2
