"""Where lipwright keeps on this computer what it can make again."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """LIPWRIGHT_HOME/cache, or the place this system has for what can be made again."""
    if home := os.environ.get("LIPWRIGHT_HOME"):
        return Path(home).expanduser().absolute() / "cache"
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        return Path(base) / "lipwright" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "lipwright"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lipwright"
