"""Fail unless every branch of what reads the data of strangers was run by the tests.

Needs what `coverage combine` leaves; see `make coverage`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "lipwright"
PARSERS = (
    "engines/wav2lip/checkpoint.py",
    "evaluation/landmark_track.py",
    "evaluation/phones_file.py",
    "media/audio/clock.py",
    "media/audio/decode.py",
    "media/audio/tracks.py",
    "media/image/alpha.py",
    "media/image/header.py",
    "media/image/read.py",
    "media/safe_open.py",
    "media/video/extras.py",
    "media/video/index.py",
    "media/video/reader.py",
    "media/video/source.py",
    "pipeline/checkpoint.py",
    "speech/cache.py",
    "speech/g2p/lexicon.py",
    "speech/normalization/markdown.py",
    "speech/providers/audio_response.py",
    "speech/script/script.py",
    "speech/script/ssml_parser.py",
    "speech/script/template.py",
    "speech/timing/provider_timestamps.py",
    "weights/manifest.py",
)


def main() -> int:
    """Print the parsers that are not covered whole, and return the exit status."""
    files = [SOURCE / name for name in PARSERS]
    missing = [path for path in files if not path.is_file()]
    if missing:
        print("error: these parsers are not there: name them anew in .ci/coverage_parsers.py.")
        print(*missing, sep="\n")
        return 1
    included = ",".join(map(str, files))
    print("every parser of strangers' data at 100 %:")
    report = [sys.executable, "-m", "coverage", "report", "--fail-under=100"]
    return subprocess.run([*report, f"--include={included}"], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
