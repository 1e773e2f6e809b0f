"""Where lipwright keeps on this computer what it can make again."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lipwright.core.errors import LipwrightError


def cache_folder() -> Path:
    """LIPWRIGHT_HOME/cache, or the place this system has for what can be made again."""
    if home := os.environ.get("LIPWRIGHT_HOME"):
        return Path(home).expanduser().absolute() / "cache"
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or user_home() / "AppData" / "Local"
        return Path(base) / "lipwright" / "cache"
    if sys.platform == "darwin":
        return user_home() / "Library" / "Caches" / "lipwright"
    return Path(os.environ.get("XDG_CACHE_HOME") or user_home() / ".cache") / "lipwright"


def user_home() -> Path:
    """The user's own folder. Raises LipwrightError where this system knows none."""
    try:
        return Path.home()
    except RuntimeError:
        raise LipwrightError(
            "Your home folder is not known: put a folder for lipwright in LIPWRIGHT_HOME."
        ) from None
