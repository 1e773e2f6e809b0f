"""The same frames become the same bytes, whatever the memory held before."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ENCODE = """
import hashlib, sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from lipwright.media.video.encoder_selection import choose_encoder
from lipwright.media.video.output_spec import OutputSpec
from lipwright.media.video.writer import VideoWriter

name, path = sys.argv[1], Path(sys.argv[2])
picture = np.random.default_rng(0).integers(0, 255, (60, 52, 3)).astype(np.uint8)
picture = picture.repeat(8, axis=0).repeat(8, axis=1)
encoder = choose_encoder(name, path)
with VideoWriter(path, OutputSpec((400, 440), Fraction(25), "low", encoder)) as video:
    for number in range(12):
        video.write(np.ascontiguousarray(picture[number : number + 440, number : number + 400]))
with av.open(str(path)) as container:
    packets = [bytes(packet) for packet in container.demux(video=0)]
print(hashlib.sha256(b"".join(packets)).hexdigest())
"""


@pytest.mark.parametrize("name", ["x264", "x265", "svtav1", "vp9", "prores"])
def test_encoders_do_not_depend_on_what_memory_held(name, tmp_path):
    sums = {
        subprocess.run(
            [sys.executable, "-c", ENCODE, name, str(tmp_path / "out.mkv")],
            env={**os.environ, "MALLOC_PERTURB_": str(filling)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for filling in (0, 1, 2)
    }
    assert len(sums) == 1
