"""Builds wheel and sdist into dist/, and proves the wheel alone in a bare environment.

The wheel holds every file of src/lipwright, the sdist builds the same wheel again, and in an
environment with nothing but the wheel and its dependencies the command makes a video of a picture
and a sound, from a folder that is not the repository. Run by `make package`; needs uv and a
package registry.
"""

from __future__ import annotations

import json
import sys
import tempfile
import wave
import zipfile
from pathlib import Path

import matplotlib.cbook
import numpy as np
from commands import ROOT, UV, make_environment, run

RATE = 16000


def contents(wheel: Path) -> dict[str, int]:
    """The files of a wheel that are the program's, and their checksums."""
    with zipfile.ZipFile(wheel) as archive:
        return {one.filename: one.CRC for one in archive.infolist() if "RECORD" not in one.filename}


def tracked() -> set[str]:
    """The files of src/ that the wheel has to have."""
    names = run("git", "ls-files", "src/lipwright").splitlines()
    return {name.removeprefix("src/") for name in names}


def write_sound(path: Path) -> None:
    """Two syllables, more or less."""
    time = np.arange(int(0.8 * RATE)) / RATE
    voice = sum(np.sin(2 * np.pi * 130 * n * time) / n for n in range(1, 12))
    loud = np.sin(2 * np.pi * 1.25 * time) ** 2
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((6000 * voice * loud).astype("<i2").tobytes())


def check_alone(wheel: Path, folder: Path) -> str:
    """Install the wheel in a bare environment and make a video with it; says what was made."""
    binaries, desk = make_environment(folder / "environment", wheel), folder / "desk"
    desk.mkdir()
    write_sound(desk / "speech.wav")
    portrait = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    version = run(binaries / "lipwright", "--version", cwd=desk)
    options = ("--audio", "speech.wav", "--quality", "low", "--json", "--output", "talking.mp4")
    made = run(binaries / "lipwright", "sync", "--image", str(portrait), *options, cwd=desk)
    assert (desk / "talking.mp4").stat().st_size > 10_000
    return f"{version}: {json.loads(made)['frames']} frames"


def main() -> int:
    dist = ROOT / "dist"
    for old in dist.glob("lipwright-*"):
        old.unlink()
    run(*UV, "build", "--quiet", "--out-dir", dist, ".")
    (wheel,), (sdist,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    missing = tracked() - contents(wheel).keys()
    if missing:
        print(f"error: the wheel lacks {', '.join(sorted(missing))}.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run(*UV, "build", "--quiet", "--wheel", "--out-dir", folder, sdist)
        (again,) = folder.glob("*.whl")
        if contents(again) != contents(wheel):
            print("error: the sdist builds another wheel.", file=sys.stderr)
            return 1
        print(f"{wheel.name} ({wheel.stat().st_size / 1e6:.1f} MB) and {sdist.name}", flush=True)
        print(f"alone on Python {sys.version.split()[0]}: {check_alone(wheel, folder)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
