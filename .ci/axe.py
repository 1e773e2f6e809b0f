"""Fetches axe-core, which finds what keeps people from using a page, and prints where it lies.

It is another's work under another licence (MPL-2.0): the tests of the studio use it, and neither
this repository nor the package holds it.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

VERSION = "4.14.1"
INTEGRITY = (
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNt"
    "uFooJpZe37OgudVGtQ=="
)
FOLDER = Path(__file__).resolve().parents[1] / "build" / "axe"
MEMBER = "package/axe.min.js"


def main() -> int:
    archive = FOLDER / f"axe-core-{VERSION}.tgz"
    if not archive.is_file():
        npm = shutil.which("npm")
        if npm is None:
            return fail("npm was not found: install it (Debian: apt install npm).")
        FOLDER.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [npm, "pack", "--silent", f"axe-core@{VERSION}"],
            cwd=FOLDER, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        if done.returncode:
            return fail(f"npm could not fetch axe-core: {done.stderr.strip()[-300:]}")
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{found}" != INTEGRITY:
        archive.unlink()
        return fail("what npm fetched is not the axe-core that was expected: it was removed.")
    script = FOLDER / "axe.min.js"
    with tarfile.open(archive) as files:
        content = files.extractfile(MEMBER)
        assert content is not None
        script.write_bytes(content.read())
    print(script)
    return 0


def fail(sentence: str) -> int:
    print(f"error: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
