"""Where lipwright keeps things: LIPWRIGHT_HOME, or the folders of each system."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows

from lipwright.core import paths
from lipwright.core.errors import LipwrightError
from lipwright.core.paths import cache_folder, models_folder

VARIABLES = ("LIPWRIGHT_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The home of a user who has set nothing."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("set_to", ["home", "relative"])
def test_a_variable_decides(monkeypatch: pytest.MonkeyPatch, home: Path, set_to: str) -> None:
    monkeypatch.chdir(home)
    monkeypatch.setenv("LIPWRIGHT_HOME", set_to)
    assert cache_folder() == home / set_to / "cache"
    assert models_folder() == home / set_to / "models"


@pytest.mark.parametrize(
    ("system", "cache", "models"),
    [
        (Unix, ".cache/lipwright", ".local/share/lipwright/models"),
        (
            MacOS,
            "Library/Caches/lipwright",
            "Library/Application Support/lipwright/models",
        ),
    ],
)
def test_the_folders_of_a_system(
    monkeypatch: pytest.MonkeyPatch, home: Path, system: type, cache: str, models: str
) -> None:
    monkeypatch.setattr(paths, "PlatformDirs", system)
    assert cache_folder() == home / cache
    assert models_folder() == home / models


def test_the_folders_of_windows(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr("platformdirs.windows.get_win_folder", lambda kind: str(home / kind))
    monkeypatch.setattr(paths, "PlatformDirs", Windows)
    local = home / "CSIDL_LOCAL_APPDATA" / "lipwright"
    assert cache_folder() == local / "Cache"
    assert models_folder() == local / "models"


def test_the_variables_of_linux(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(paths, "PlatformDirs", Unix)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "c"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "d"))
    assert cache_folder() == home / "c" / "lipwright"
    assert models_folder() == home / "d" / "lipwright" / "models"


def _fail(*_: object) -> str:
    raise RuntimeError("could not determine the home directory")


@pytest.mark.parametrize("expand", [_fail, lambda path: path], ids=["error", "left as it is"])
@pytest.mark.parametrize("folder", [cache_folder, models_folder])
def test_without_a_home_somebody_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, folder: Callable[[], Path], expand: Callable[[str], str]
) -> None:
    class Homeless:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        @property
        def user_cache_dir(self) -> str:
            return expand("~/.cache/lipwright")

        user_data_dir = user_cache_dir

    monkeypatch.setattr(paths, "PlatformDirs", Homeless)
    with pytest.raises(LipwrightError, match="LIPWRIGHT_HOME"):
        folder()
