"""The folders lipwright uses on this computer: LIPWRIGHT_HOME, or those that the system has."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import PlatformDirs

from lipwright.core.errors import LipwrightError


def cache_folder() -> Path:
    """Return LIPWRIGHT_HOME/cache, or the user's folder for what can be made again.

    Raises LipwrightError where the user has no home folder.
    """
    home = os.environ.get("LIPWRIGHT_HOME")
    return data_folder() / "cache" if home else _user_folder("user_cache_dir")


def models_folder() -> Path:
    """Return LIPWRIGHT_HOME/models, or "models" in the user's folder for programs' data.

    Raises LipwrightError where the user has no home folder.
    """
    return data_folder() / "models"


def data_folder() -> Path:
    """Return LIPWRIGHT_HOME, or the user's folder for programs' data.

    Raises LipwrightError where the user has no home folder.
    """
    home = os.environ.get("LIPWRIGHT_HOME")
    return Path(home).expanduser().absolute() if home else _user_folder("user_data_dir")


def _user_folder(kind: str) -> Path:
    try:
        folder = Path(getattr(PlatformDirs("lipwright", appauthor=False), kind))
    except RuntimeError:
        folder = Path("~")
    if not folder.is_absolute():  # what earlier versions of platformdirs return without a home
        raise LipwrightError(
            "Your home folder is not known: put a folder for lipwright in LIPWRIGHT_HOME."
        )
    return folder
