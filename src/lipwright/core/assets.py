"""Files that ship inside the package, read and checked against their SHA-256."""

from __future__ import annotations

import hashlib
from importlib import resources

from lipwright.core.errors import LipwrightError


def read_asset(package: str, name: str, sha256: str) -> bytes:
    """Return the bytes of `assets/name` of a package.

    Raises LipwrightError where the file is missing or its SHA-256 differs.
    """
    path = resources.files(package).joinpath("assets", name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LipwrightError(f"{name} cannot be read ({error}): reinstall lipwright.") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise LipwrightError(f"{name} is damaged (its sha256 differs): reinstall lipwright.")
    return content
