"""Records the digests of this machine: `python -m tests.golden.record`, before a rearrangement."""

from __future__ import annotations

import json
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.golden.cases import CASES, DIGESTS, fingerprint, wav2lip


def main() -> None:
    os.environ["LIPWRIGHT_CACHE_MB"] = "0"
    cases = {**CASES, **({"wav2lip": wav2lip} if find_spec("torch") else {})}
    known = json.loads(DIGESTS.read_text(encoding="utf-8")) if DIGESTS.exists() else {}
    found = known.setdefault(fingerprint(), {})
    for name, make in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            os.environ["LIPWRIGHT_HOME"] = folder
            found[name] = make(Path(folder))
        print(name, found[name], flush=True)
    DIGESTS.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
