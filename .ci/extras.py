"""Proves that each optional voice installs beside the core and alone, and all of them together.

Every case gets a fresh environment: dependencies must agree, providers whose SDK is there must
import it, and the others must say which optional part they need. Run by `make extras`; needs uv and
a package registry.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from commands import UV, make_environment, run

ONLINE = ("elevenlabs", "google", "edge", "polly", "azure", "gtts")
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


def check_case(extras: str, wheel: Path, folder: Path) -> str:
    """Install the wheel with these extras in an environment of its own; the providers that work."""
    environment = folder / (extras.replace(",", "-") or "core")
    binaries = make_environment(environment, f"lipwright[{extras}] @ {wheel.as_uri()}")
    return run(binaries / "python", "-c", CHECK, extras)


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run(*UV, "build", "--quiet", "--wheel", "--out-dir", folder, ".")
        (wheel,) = folder.glob("*.whl")
        for extras in CASES:
            start = time.monotonic()
            try:
                found = check_case(extras, wheel, folder)
            except subprocess.CalledProcessError:
                print(f"[{extras}] does not install beside the core.", file=sys.stderr)
                return 1
            print(f"[{extras}]: {found} ({time.monotonic() - start:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
