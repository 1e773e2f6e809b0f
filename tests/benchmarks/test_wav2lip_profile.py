"""The profile of Wav2Lip tells the network's time from that of the pipeline around it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tests.benchmarks.modules import benchmark_modules

pytest.importorskip("torch", reason="torch is not installed: pip install .[wav2lip]")


@pytest.fixture(scope="module")
def profile() -> Iterator[Any]:
    with benchmark_modules("wav2lip_profile", "wav2lip", "speed") as modules:
        yield modules.wav2lip_profile


def work(seconds: float) -> None:
    """Keep a processor busy."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


class Networks:
    """Take 4 ms of processor time for each frame, and see nothing."""

    def see(self, faces: np.ndarray) -> list[np.ndarray]:
        return [np.zeros((len(faces), 1), np.float32)]

    def draw(self, mels: np.ndarray, added: list[np.ndarray]) -> np.ndarray:
        work(0.004 * len(mels))
        return np.zeros((len(mels), 3, 96, 96), np.float32)


def test_a_share_is_the_pipelines_of_the_networks(profile):
    def make(engine, image, face, speech):
        for number in range(5):
            engine._networks.draw(np.zeros((2, 1)), [])
            work(0.002)
            yield number

    timed = profile.TimedNetworks(Networks())
    found = profile.measure(timed, make, np.zeros((4, 4, 3), np.uint8), None, 0.2)
    assert found.frames == 5
    assert found.network == pytest.approx(0.04, rel=0.2)
    assert found.around == pytest.approx(0.01, rel=0.5)
    assert found.share == found.around / found.network


@pytest.mark.parametrize(("around", "said"), [(0.08, "met: 8.0 %"), (0.2, "missed: 20.0 %")])
def test_the_worse_of_both_counts(profile, around, said):
    shares = {"portrait": [profile.Share(10, 1.0, 0.02)], "film": [profile.Share(10, 1.0, around)]}
    lines = profile.table(shares, (922, 1080), 1)
    assert "| portrait | 100.0 | 2.00 | 2.0 % |" in lines and said in lines[-1]
