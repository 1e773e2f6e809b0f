"""Proves that each optional voice and engine installs beside the core and alone.

Every case gets a fresh environment: dependencies must agree, providers whose SDK is there must
import it, and the others must say which optional part they need. Engines must find all they need
but their weights. Run by `make extras`; needs uv and a package registry.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from commands import UV, make_environment, run

ONLINE = ("elevenlabs", "google", "edge", "polly", "azure", "gtts")
ENGINES = {"wav2lip": False, "lipgan": False, "musetalk": True, "latentsync": True}
"""Parts that engines need, and whether each Python is tried or the oldest alone."""
AT_ONCE = 2
"""Environments that are made and tried at a time."""
CASES = ("", "voice", *ONLINE, "clouds", "voice,models,clouds")
CHECK = """
import sys
from importlib import import_module
from lipwright.core.errors import MissingExtraError
from lipwright.speech.providers import PROVIDERS, create_provider
from lipwright.speech.script.script import read_script
import lipwright.cli.app

here, found = set(sys.argv[1].split(",")), []
for name, info in PROVIDERS.items():
    provider = create_provider(name)
    assert provider.voices(), f"{name} lists no voices"
    if info.extra in here or ("clouds" in here and info.online):
        import_module(info.module)
        found.append(name)
        continue
    try:
        provider.synthesize(read_script("Namaste."), info.default_voice)
    except MissingExtraError as error:
        assert f"lipwright[{info.extra}]" in str(error), error
    else:
        raise AssertionError(f"{name} speaks without its optional part")
print(", ".join(found) or "none")
"""

ENGINE_CHECK = """
import sys
from importlib import import_module
from lipwright.core.errors import ModelError
from lipwright.engines import ENGINES, create_engine

found = [name for name, info in ENGINES.items()
         if info.spec.requires and info.spec.requires.extra == sys.argv[1]]
for name in found:
    needs = ENGINES[name].spec.requires
    for module in needs.modules:
        import_module(module)
    assert not any("pip install" in one for one in needs.missing()), needs.missing()
    try:
        create_engine(name)
    except ModelError as error:
        assert "lipwright models download" in str(error), error
    else:
        raise AssertionError(f"{name} draws without weights")
assert found, "no engine needs this part"
print(", ".join(found))
"""


def check_case(extras: str, wheel: Path, folder: Path) -> str:
    """Install the wheel with these extras in an environment of its own; the providers that work."""
    environment = folder / (extras.replace(",", "-") or "core")
    binaries = make_environment(environment, f"lipwright[{extras}] @ {wheel.as_uri()}")
    return run(binaries / "python", "-c", CHECK, extras)


def check_engine(extra: str, python: str, wheel: Path, folder: Path) -> str:
    """The same for an engine's part and a Python; the engines, and what all of it takes."""
    version = run(python, "-c", "import platform; print(platform.python_version())")
    environment = folder / f"{extra}-{version}"
    wanted = f"lipwright[{extra}] @ {wheel.as_uri()}"
    binaries = make_environment(environment, wanted, python=python)
    found = run(binaries / "python", "-c", ENGINE_CHECK, extra)
    size = sum(path.lstat().st_size for path in environment.rglob("*") if path.is_file())
    shutil.rmtree(environment)
    return f"{found} on Python {version}, {size / 1e9:.1f} GB"


def timed(extras: str, check: Callable[[], str]) -> str | None:
    """What a check finds and the seconds it takes; None where it fails, which is told."""
    start = time.monotonic()
    try:
        found = check()
    except subprocess.CalledProcessError:
        print(f"[{extras}] does not install beside the core.", file=sys.stderr)
        return None
    return f"[{extras}]: {found} ({time.monotonic() - start:.0f} s)"


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run(*UV, "build", "--quiet", "--wheel", "--out-dir", folder, ".")
        (wheel,) = folder.glob("*.whl")
        pythons = run("bash", ".ci/pythons").splitlines()
        checks = [(extras, partial(check_case, extras, wheel, folder)) for extras in CASES]
        checks += [
            (extra, partial(check_engine, extra, python, wheel, folder))
            for extra, everywhere in ENGINES.items()
            for python in (pythons if everywhere else pythons[:1])
        ]
        os.environ["LIPWRIGHT_HOME"] = str(folder / "no models")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for said in pool.map(timed, *zip(*checks, strict=True)):
                if said is None:
                    pool.shutdown(cancel_futures=True)
                    return 1
                print(said, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
