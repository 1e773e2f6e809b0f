"""Files that ship inside the package, read and checked against their SHA-256."""

from __future__ import annotations

import hashlib
import pkgutil

from lipwright.core.errors import LipwrightError


def read_asset(package: str, name: str, sha256: str) -> bytes:
    """Return the bytes of `assets/name` of a package.

    Raises LipwrightError where the file is missing or its SHA-256 differs.
    """
    try:
        # what importlib.resources would import takes longer than the reading
        content = pkgutil.get_data(package, f"assets/{name}") or b""
    except OSError as error:
        raise LipwrightError(f"{name} cannot be read ({error}): reinstall lipwright.") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise LipwrightError(f"{name} is damaged (its sha256 differs): reinstall lipwright.")
    return content
